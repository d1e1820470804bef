from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.outbound.signing import Signer
from relay.outbound.signing_key import Algorithm, SigningKey, generate_key
from relay.proof.canonical import Field, Form, fields

KEY = SigningKey.from_pem(generate_key(), "relay")
SECOND = SigningKey.from_pem(generate_key(Algorithm.ED25519), "relay-ed", Algorithm.ED25519)
SIGNER = Signer("reply.example.com", (KEY,))
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
        return KEY.record.encode()

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
    forever = Signer("reply.example.com", (KEY,), lifetime=None).signed(HEAD, NOW)
    assert b"x=" not in forever.split(b"bh=")[0]
    assert verifies(forever)


def test_an_expired_signature_is_none() -> None:
    assert not verifies(SIGNER.signed(HEAD + b"Hello\r\n", NOW - timedelta(days=15)))


@pytest.mark.parametrize("message", [b"From: a@reply.example.com\r\n", b"To: a@reply.example.com\r\n\r\nHello\r\n", b""])
def test_what_has_no_header_or_no_author_is_not_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"From|empty line"):
        SIGNER.signed(message, NOW)


def test_a_second_signature_stands_beside_the_first_one_and_each_holds_by_itself() -> None:
    """GW-45, FAULT-82: RSA on top, since most receivers verify that one alone."""
    message = HEAD + b"Hello\r\n"
    both = Signer("reply.example.com", (KEY, SECOND)).signed(message, NOW)
    head = both.removesuffix(message)
    first, second = head.split(b"DKIM-Signature:")[1:]
    assert (b"a=rsa-sha256" in first, b"s=relay;" in first) == (True, True)
    assert (b"a=ed25519-sha256" in second, b"s=relay-ed;" in second) == (True, True)
    assert first.partition(b"bh=")[2].partition(b";")[0] == second.partition(b"bh=")[2].partition(b";")[0]
    assert SIGNER.signed(message, NOW) == b"DKIM-Signature:" + first + message
    assert ed25519_verifies(b"DKIM-Signature:" + second + message)
    assert not ed25519_verifies(b"DKIM-Signature:" + second + message.replace(b"Ana", b"Bea"))


def ed25519_verifies(message: bytes) -> bool:
    """RFC 8463 §3: the signature is over the SHA-256 of the canonical headers."""
    head = message.partition(b"\r\n\r\n")[0]
    own, *others = fields(head)
    chosen = own.octets.split(b"h=")[1].split(b";")[0].translate(None, b" \r\n\t").lower().split(b":")
    lines = []
    for name in chosen:
        at = max((at for at, one in enumerate(others) if one.key == name), default=None)
        if at is not None:
            lines.append(others.pop(at).canonical(Form.RELAXED))
    unsigned, _, signature = own.octets.rpartition(b" b=")
    lines.append(Field(own.key, unsigned + b" b=").canonical(Form.RELAXED))
    digest = hashlib.sha256(b"\r\n".join(lines)).digest()
    public = base64.b64decode(SECOND.record.rpartition("p=")[2])
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature), digest)
    except InvalidSignature:
        return False
    return True


def test_the_private_key_never_prints() -> None:
    assert "private" not in repr(SIGNER)
