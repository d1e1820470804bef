"""What only its recipient can read is told by what it is; what is merely signed is not (GW-46, LEAK-69, CASE-22)."""

from __future__ import annotations

import pytest
from support.wrapping import AUTH_ENVELOPED, COMPRESSED, ENVELOPED, SIGNED, a_mail_of, a_part, cms

from relay.message.encrypted import holds_encrypted
from relay.message.parse import parse

PGP = "-----BEGIN PGP MESSAGE-----\r\n\r\nwcBMA0abcd\r\n=aB3d\r\n-----END PGP MESSAGE-----\r\n"
QUOTED_PGP = "".join(f"> {line}\r\n" for line in PGP.splitlines())
INSIDE = b"Content-Type: text/plain\r\n\r\nHello"
HELLO = b"Content-Type: text/plain\r\n\r\nHello"
OCTETS, MIME = "application/octet-stream", "application/pkcs7-mime"


def text(words: str) -> bytes:
    return b"Content-Type: text/plain\r\n\r\n" + words.encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (a_mail_of(a_part(cms(SIGNED, INSIDE), f"{MIME}; smime-type=signed-data")), False),
        (a_mail_of(a_part(cms(SIGNED, INSIDE), f"{MIME}; smime-type=enveloped-data")), False),  # the content decides
        (a_mail_of(a_part(cms(COMPRESSED, INSIDE), MIME)), False),
        (a_mail_of(a_part(cms(SIGNED, None), f"{MIME}; smime-type=certs-only")), False),
        (a_mail_of(HELLO, a_part(b"junk", f"{MIME}; smime-type=certs-only")), False),
        (a_mail_of(a_part(cms(ENVELOPED, b"x"), "application/x-pkcs7-mime")), True),
        (a_mail_of(HELLO, a_part(cms(AUTH_ENVELOPED, b"x"), OCTETS, "smime.p7m")), True),
        (a_mail_of(a_part(b"junk", MIME)), True),
        (a_mail_of(a_part(cms(SIGNED, a_part(cms(ENVELOPED, b"x"), MIME)), MIME)), True),
        (a_mail_of(text("Version: 1"), a_part(PGP.encode(), OCTETS), subtype="encrypted"), True),
        (a_mail_of(HELLO, a_part(PGP.encode(), OCTETS, "voucher.pdf.asc")), True),
        (a_mail_of(HELLO, a_part(b"\x85\x01\x0c\x03", OCTETS, "voucher.pdf.gpg")), True),
        (a_mail_of(text(f"Hello\r\n{PGP}")), True),
        (a_mail_of(text(f"Yes, at ten.\r\n{QUOTED_PGP}")), False),
        (a_mail_of(text("How do I read -----BEGIN PGP MESSAGE-----?")), False),
        (a_mail_of(b"Content-Type: text/html\r\n\r\n<pre>" + PGP.encode() + b"</pre>"), True),
        (a_mail_of(b"Content-Type: text/html\r\n\r\nYes<blockquote><pre>" + PGP.encode() + b"</pre></blockquote>"), False),
        (a_mail_of(HELLO), False),
    ],
)
def test_encrypted_content_is_told_from_signed_and_quoted(content: bytes, expected: bool) -> None:
    assert holds_encrypted(parse(content)) is expected
