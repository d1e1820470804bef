"""What a file is, by its octets: keys, signatures, encrypted content, containers (GW-46, LEAK-68, LEAK-69, CASE-21, CASE-22)."""

from __future__ import annotations

import pytest
from support.wrapping import COMPRESSED, ENVELOPED, SIGNED, cms

from relay.message.mail import Entity
from relay.message.recognised import CMS, CMS_SIGNATURE, OUTLOOK, PGP_ENCRYPTED, PGP_KEY, PGP_SIGNATURE, TNEF, X509, recognised

OCTETS = "application/octet-stream"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
MESSAGE_STREAM = "__properties_version1.0".encode("utf-16-le")


@pytest.mark.parametrize(
    ("declared", "name", "octets", "expected"),
    [
        (OCTETS, "smime.p7m", cms(SIGNED, b"x"), CMS),
        (OCTETS, None, cms(SIGNED, b"x", indefinite=True), CMS),
        ("application/x-pkcs7-mime", "smime.p7m", cms(ENVELOPED, b"x"), CMS),
        (OCTETS, "a.p7z", cms(COMPRESSED, b"x"), CMS),
        ("application/pkcs7-mime", "smime.p7c", cms(SIGNED, None), CMS_SIGNATURE),
        ("application/x-pkcs7-mime", "smime.p7m", b"broken", CMS),
        (OCTETS, "winmail.dat", b"\x78\x9f\x3e\x22rest", TNEF),
        ("application/vnd.ms-tnef", None, b"broken", TNEF),
        ("application/msword", "letter.doc", OLE, "application/msword"),
        (OCTETS, "letter.msg", OLE + MESSAGE_STREAM, OUTLOOK),
        ("text/plain", "publickey - writer@example.com.asc", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", PGP_KEY),
        (OCTETS, "signature.asc", b"\r\n-----BEGIN PGP SIGNATURE-----\r\n", PGP_SIGNATURE),
        (OCTETS, "x.asc", b"-----BEGIN PGP MESSAGE-----\n", PGP_ENCRYPTED),
        (OCTETS, "x", b"-----BEGIN PGP MESSAGE-----\n", PGP_ENCRYPTED),
        ("application/pgp", None, b"-----BEGIN PGP SIGNED MESSAGE-----\n", "text/plain"),
        (OCTETS, "x.asc", b"Meeting point: the fountain.\n", OCTETS),
        ("text/plain", "x.txt", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "text/plain"),
        (OCTETS, "ann.crt", b"-----BEGIN CERTIFICATE-----\n", X509),
        (OCTETS, "ann.pem", b"-----BEGIN RSA PRIVATE KEY-----\n", X509),
        (OCTETS, "x.pem", b"-----BEGIN NONSENSE-----\n", OCTETS),
        (OCTETS, "x.gpg", b"\x85\x01\x0c", PGP_ENCRYPTED),  # a session key, old form of its tag
        (OCTETS, "x.gpg", b"\xc1\xc0\x4c", PGP_ENCRYPTED),  # and in the new form
        (OCTETS, "x.gpg", b"\x99\x01\x0d", PGP_KEY),
        (OCTETS, "x.sig", b"\x89\x01\x33", PGP_SIGNATURE),
        (OCTETS, "slides.key", b"PK\x03\x04", OCTETS),
        (OCTETS, "x.jpg", b"\x85\x01\x0c", OCTETS),
        ("image/png", "x.png", b"\x78\x9f\x3e\x22rest", "image/png"),
    ],
)
def test_the_content_decides_what_a_file_is(declared: str, name: str | None, octets: bytes, expected: str) -> None:
    assert recognised(Entity((), declared, {}, "attachment", name, "binary", octets)) == expected
