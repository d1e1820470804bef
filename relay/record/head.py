"""The head of the record: how many leaves there are and what they come to, at a moment, signed.

Whoever keeps an old head can have it proven that today's record goes on from it. The text is what is signed, octet for octet, so
that standard tools verify it: `openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in head -sigfile head.sig`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from relay.record.tree import Hash

_TITLE: Final = "relay record head 1"
_FORM: Final = re.compile(
    rf"{_TITLE}\ninstallation ([0-9a-f]{{32}})\nsize (\d{{1,15}})\nroot ([0-9a-f]{{64}})\n"
    r"at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The first `size` leaves of the record of that installation come to `root`; `at` in UTC, to the second."""

    installation: str
    size: int
    root: Hash
    at: datetime

    @property
    def octets(self) -> bytes:
        told = (
            _TITLE,
            f"installation {self.installation}",
            f"size {self.size}",
            f"root {self.root.hex()}",
            f"at {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
        return "".join(f"{line}\n" for line in told).encode("ascii")


def head_of(octets: bytes) -> Head:
    """What `Head.octets` wrote. Raises ValueError for what is none."""
    found = _FORM.fullmatch(octets.decode("ascii", "replace"))
    if found is None:
        raise ValueError("this is no head of a record")
    installation, size, root, at = found.groups()
    return Head(
        installation, int(size), Hash(bytes.fromhex(root)), datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    )


def fingerprint(key: Ed25519PublicKey) -> str:
    """By which a key is known: SHA-256 of its DER form, as `openssl pkey -pubin -outform DER | sha256sum` prints it."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def signature(octets: bytes, key: Ed25519PrivateKey) -> bytes:
    """Ed25519 (RFC 8032), 64 octets; it needs no random source."""
    return key.sign(octets)


def is_signed(octets: bytes, signed: bytes, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(signed, octets)
    except InvalidSignature:
        return False
    return True


def is_signed_in_pem(octets: bytes, signed: bytes, key: bytes) -> bool:
    """The same with a public key in PEM; False for what is no such key."""
    try:
        loaded = load_pem_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(loaded, Ed25519PublicKey) and is_signed(octets, signed, loaded)
