"""What a file is that people's programs treat as more than a file: keys, signatures, encrypted content, containers.

The content decides, not what it calls itself (GW-46, CASE-21, CASE-22): mail programs, and other mail servers before us, declare
the same thing in many ways, or as mere octets.
"""

from __future__ import annotations

import re
from typing import Final

from relay.message.armour import is_key
from relay.message.containers.cms import Wrapping, cms_in
from relay.message.containers.tnef import is_tnef
from relay.message.mail import Entity

CMS: Final = "application/pkcs7-mime"
CMS_SIGNATURE: Final = "application/pkcs7-signature"
OUTLOOK: Final = "application/vnd.ms-outlook"
PGP_ENCRYPTED: Final = "application/pgp-encrypted"
PGP_KEY: Final = "application/pgp-keys"
PGP_SIGNATURE: Final = "application/pgp-signature"
TNEF: Final = "application/ms-tnef"
X509: Final = "application/pkix-cert"

UNDECLARED: Final = frozenset(
    {
        "application/octet-stream",
        "application/x-octet-stream",
        "binary/octet-stream",
        "application/email",
        "application/eml",
        "application/x-eml",
    }
)
"""Types that say nothing, or nothing that is registered: the name of the file says more."""

_OTHER_NAMES: Final = {
    "application/x-pkcs7-mime": CMS,
    "application/vnd.ms-tnef": TNEF,
    "application/x-pkcs7-signature": CMS_SIGNATURE,
    "application/msoutlook": OUTLOOK,
    "application/x-msoutlook": OUTLOOK,
}
_NAMES_OF_KEYS: Final = (".asc", ".pgp", ".gpg", ".sig", ".pem", ".crt", ".cer", ".key", ".p7m", ".p7c")

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OUTLOOK_STREAM: Final = "__properties_version1.0".encode("utf-16-le")
_ARMOUR: Final = re.compile(rb"\s{0,99}-----BEGIN (PGP |)([A-Z0-9 ]{1,40}?)-----")
_ARMOURED: Final = {
    b"SIGNED MESSAGE": "text/plain",
    b"MESSAGE": PGP_ENCRYPTED,
    b"SIGNATURE": PGP_SIGNATURE,
    b"PUBLIC KEY BLOCK": PGP_KEY,
    b"PRIVATE KEY BLOCK": PGP_KEY,
}

_encrypted_tags: Final = frozenset({1, 3, 9, 18, 20})
_signature_tag: Final = 2
_key_tags: Final = frozenset({5, 6})
"""Packet tags of OpenPGP (RFC 9580 §5.1) that a file begins with: session keys and encrypted data; signatures; keys."""


def recognised(entity: Entity) -> str:
    """The media type of a leaf: the true one of what is recognised here, under its usual name; else the declared one."""
    declared = _OTHER_NAMES.get(entity.media_type, entity.media_type)
    name = (entity.filename or "").casefold()
    may_be_a_key = name.endswith(_NAMES_OF_KEYS)
    if not declared.startswith("application/") and not may_be_a_key:
        return declared
    octets = entity.payload
    if is_tnef(octets):
        return TNEF
    if octets.startswith(_OLE):
        return OUTLOOK if _OUTLOOK_STREAM in octets else declared
    if (armour := _ARMOUR.match(octets)) is not None and (found := _armoured(*armour.groups())) is not None:
        return found
    cms = cms_in(octets)
    if cms is not None:
        return CMS_SIGNATURE if cms.wrapping is Wrapping.CERTIFICATES else CMS
    if may_be_a_key and (found := _packets(octets)) is not None:
        return found
    return declared


def _armoured(pgp: bytes, what: bytes) -> str | None:
    if pgp:
        return _ARMOURED.get(what)
    return X509 if is_key(what.decode("ascii")) else None


def _packets(octets: bytes) -> str | None:
    """What a file of OpenPGP packets is, by its first one (RFC 9580 §4.2)."""
    first = octets[0] if octets else 0
    if first < 0x80:
        return None
    tag = first & 0x3F if first & 0x40 else first >> 2 & 0x0F
    if tag in _encrypted_tags:
        return PGP_ENCRYPTED
    return PGP_KEY if tag in _key_tags else PGP_SIGNATURE if tag == _signature_tag else None
