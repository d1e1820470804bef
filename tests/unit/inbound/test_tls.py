"""A certificate is renewed while it is at work, and never so that a mistake in its files stops anything."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from support.certificate import self_signed

from relay.errors import WrongConfiguration
from relay.inbound.tls import Certificate, covers


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(*self_signed(tmp_path))


def served(certificate: Certificate) -> bytes:
    """What a client is shown now."""
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    client = trusting.wrap_bio(ours, theirs)
    server = certificate.context().wrap_bio(theirs, ours, server_side=True)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True) or b""


def test_new_files_are_in_use_once_they_were_taken_up_and_what_was_made_before_stays(certificate: Certificate) -> None:
    before, old = served(certificate), certificate.context()
    self_signed(certificate.chain.parent)
    assert served(certificate) == before
    certificate.renew()
    assert served(certificate) != before
    assert certificate.context() is not old


def test_a_key_behind_a_passphrase_is_refused_and_nobody_is_asked_for_it(certificate: Certificate) -> None:
    """OpenSSL asks at the terminal, where there is one, and everything would wait for an answer."""
    before = served(certificate)
    key = serialization.load_pem_private_key(certificate.key.read_bytes(), None)
    behind = serialization.BestAvailableEncryption(b"secret")
    certificate.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, behind))
    with pytest.raises(WrongConfiguration, match=r"smtp\.tls_key: .* is behind a passphrase"):
        certificate.renew()
    assert "passphrase" in certificate.fault
    assert served(certificate) == before


def test_a_pair_that_cannot_be_used_keeps_the_old_one_and_says_why_until_it_is_set_right(certificate: Certificate) -> None:
    before, key = served(certificate), certificate.key.read_bytes()
    broken = {"half written": key[:100], "somebody else's": self_signed(certificate.chain.parent)[1].read_bytes(), "empty": b""}
    certificate.renew()
    before = served(certificate)
    for content in (broken["half written"], key, broken["empty"]):
        certificate.key.write_bytes(content)
        with pytest.raises(WrongConfiguration, match=r"smtp\.tls_certificate"):
            certificate.renew()
        assert certificate.fault.startswith("smtp.tls_certificate, smtp.tls_key: ")
        assert served(certificate) == before
    certificate.key.write_bytes(broken["somebody else's"])
    certificate.renew()
    assert certificate.fault == ""


def test_files_that_change_are_noticed_at_the_second_look_and_files_that_do_not_never(certificate: Certificate) -> None:
    """The first may find them half written."""
    assert [certificate.has_changed() for _ in range(3)] == [False] * 3
    self_signed(certificate.chain.parent)
    assert [certificate.has_changed() for _ in range(3)] == [False, True, True]
    certificate.renew()
    assert [certificate.has_changed() for _ in range(2)] == [False, False]


def test_a_link_that_leads_to_other_files_and_files_that_are_gone_have_changed(tmp_path: Path) -> None:
    """As certbot renews: new files, and links that are changed to them."""
    made = {}
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        made[version] = self_signed(tmp_path / version)
    links = [tmp_path / name for name in ("chain", "key")]
    for link, file in zip(links, made["1"], strict=True):
        link.symlink_to(file)
    certificate = Certificate(links[0], links[1])
    for link, file in zip(links, made["2"], strict=True):
        _linked(file, tmp_path / "new").replace(link)
    assert [certificate.has_changed() for _ in range(2)] == [False, True]
    certificate.renew()
    links[1].unlink()
    assert [certificate.has_changed() for _ in range(2)] == [False, True]


def _linked(file: Path, at: Path) -> Path:
    at.symlink_to(file)
    return at


def test_it_is_known_until_when_it_lasts_and_for_whom_it_is(certificate: Certificate, tmp_path: Path) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - as the support module that made it
    assert timedelta(days=29) < certificate.expires_at - now <= timedelta(days=30)
    chain, _ = self_signed(tmp_path, "*.Reply.example.com")
    assert [covers(chain, host) for host in ("mx.reply.example.com", "reply.example.com", "a.b.reply.example.com")] == [
        True,
        False,
        False,
    ]
    assert covers(self_signed(tmp_path, "mx.example.com")[0], "MX.example.com")
    with pytest.raises(WrongConfiguration, match=r"smtp\.tls_certificate: .* cannot be used"):
        covers(tmp_path / "missing.pem", "mx.example.com")
