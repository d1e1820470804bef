from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.errors import WrongConfiguration
from relay.outbound.signing import Signer, generate_key, public_record

PEM = generate_key()
RECORD = public_record(PEM).encode()
SIGNER = Signer.from_pem("reply.example.com", "relay", PEM)
NOW = datetime.now(UTC)  # noqa: TID251 - dkimpy reads the clock itself, and refuses signatures of the future

HEAD = (
    b"From: Ana via Example <customer-1@reply.example.com>\r\nTo: local-partner-2@reply.example.com\r\n"
    b"Subject: Where do\r\n\twe   meet?\r\nDate: Fri, 01 May 2026 08:00:00 +0000\r\nMessage-ID: <1@reply.example.com>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
)


def verifies(message: bytes) -> bool:
    """What the reference says, with our record in its DNS."""
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return RECORD

    verdict = dkim.verify(message, dnsfunc=dns)
    assert asked in ([], [b"relay._domainkey.reply.example.com."])
    return bool(verdict)


pieces = st.sampled_from([b"a", b" ", b"  ", b"\t", b"\r\n", b".", b"\r\n.\r\n", b"word =C3=A9"])


@given(st.lists(pieces, max_size=40).map(b"".join))
@example(b"")
@example(b"\r\n")
@example(b"Hello\r\n\r\n\r\n")
@example(b" \t\r\nHello \t there\t\r\n")
@settings(max_examples=60, deadline=None)
def test_the_reference_verifies_whatever_we_sign(body: bytes) -> None:
    """GW-45."""
    assert verifies(SIGNER.signed(HEAD + body + b"\r\n", NOW))


def test_the_message_follows_the_signature_unchanged() -> None:
    message = HEAD + b"Hello\r\n"
    assert SIGNER.signed(message, NOW).endswith(b"\r\n" + message)


@pytest.mark.parametrize("name", [b"From", b"To", b"Subject", b"Date"])
def test_a_second_one_of_an_oversigned_field_breaks_the_signature(name: bytes) -> None:
    signed = SIGNER.signed(HEAD + b"Hello\r\n", NOW)
    assert verifies(signed)
    assert not verifies(name + b": injected\r\n" + signed)


@pytest.mark.parametrize(("before", "after"), [(b"Hello", b"Hullo"), (b"Subject: W", b"Subject: w"), (b"utf-8", b"utf-7")])
def test_a_change_on_the_way_breaks_the_signature(before: bytes, after: bytes) -> None:
    signed = SIGNER.signed(HEAD + b"Hello\r\n", NOW)
    assert not verifies(signed.replace(before, after))


def test_every_occurrence_of_a_signed_field_counts_from_the_bottom_up() -> None:
    twice = HEAD.replace(b"Message-ID:", b"References: <a@x>\r\nReferences: <b@x>\r\nMessage-ID:")
    assert verifies(SIGNER.signed(twice + b"Hello\r\n", NOW))


def test_the_field_tells_time_and_expiry_and_never_a_length() -> None:
    field = SIGNER.signed(HEAD, NOW).split(b"\r\nFrom:")[0].decode()
    t = int(NOW.timestamp())
    assert f" t={t}; x={t + 14 * 86_400};" in field
    assert "l=" not in field.split("bh=")[0]
    assert all(len(line) <= 78 for line in field.split("\r\n"))
    forever = Signer.from_pem("reply.example.com", "relay", PEM, lifetime=None).signed(HEAD, NOW)
    assert b"x=" not in forever.split(b"bh=")[0]
    assert verifies(forever)


def test_an_expired_signature_is_none() -> None:
    assert not verifies(SIGNER.signed(HEAD + b"Hello\r\n", NOW - timedelta(days=15)))


@pytest.mark.parametrize("message", [b"From: a@reply.example.com\r\n", b"To: a@reply.example.com\r\n\r\nHello\r\n", b""])
def test_what_has_no_header_or_no_author_is_not_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"From|empty line"):
        SIGNER.signed(message, NOW)


def test_a_key_that_receivers_would_not_believe_is_refused() -> None:
    """RFC 8301 §3.2 asks for 1024 bits; large receivers for 2048."""
    pem = {
        "short": rsa.generate_private_key(public_exponent=65537, key_size=1024),
        "other kind": ed25519.Ed25519PrivateKey.generate(),
    }
    for key in pem.values():
        octets = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with pytest.raises(WrongConfiguration, match="2048"):
            Signer.from_pem("reply.example.com", "relay", octets)
    with pytest.raises(WrongConfiguration, match="PEM"):
        public_record(b"no key at all")


def test_the_private_key_never_prints() -> None:
    assert "key" not in repr(SIGNER)
