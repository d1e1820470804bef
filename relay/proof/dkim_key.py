"""Public keys as domains publish them for DKIM (RFC 6376 §3.6.1, RFC 8463 §4), read and used through OpenSSL."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from relay.proof.dkim_results import Reason
from relay.proof.tags import items, tags, without_white_space

rsa_bits_min: Final = 1024
"""RFC 8301 §3.2: what is shorter proves nothing (FAULT-81)."""
rsa_bits_max: Final = 8192
"""RFC 8301 §3.2 asks for 4096; beyond this, a stranger's key would choose how long we calculate."""
exponent_bits_max: Final = 33
"""65537 is what everybody has, 2^32 + 1 the largest one that was seen. A long exponent makes a long calculation."""
record_octets_max: Final = 8192
"""A key of 8192 bits takes some 1400."""


class Algorithm(Enum):
    """The algorithms that verify. rsa-sha1 does not (RFC 8301 §3.1)."""

    RSA_SHA256 = "rsa-sha256"
    ED25519_SHA256 = "ed25519-sha256"


_KINDS: Final[Mapping[str, Algorithm]] = {"rsa": Algorithm.RSA_SHA256, "ed25519": Algorithm.ED25519_SHA256}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a domain publishes for the algorithm it was read for. `is_of_domain_alone`: not for identities below the domain
    (t=s). `is_tried`: a signature with it counts for nothing (t=y)."""

    public: RSAPublicKey | Ed25519PublicKey = field(repr=False)
    is_of_domain_alone: bool
    is_tried: bool

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Whether `signature` was made over `content` with the private half of this key."""
        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
            else:
                self.public.verify(signature, hashlib.sha256(content).digest())  # RFC 8463 §3: the digest is what is signed
        except InvalidSignature:
            return False
        return True


def key_in(record: str, algorithm: Algorithm) -> Key | Reason:
    """The key in a TXT record, for mail that is signed with `algorithm`; or why there is none."""
    said = tags(record) if len(record) <= record_octets_max else None
    # v= may be missing, and is the first tag where it is not.
    if said is None or "p" not in said or said.get("v", "DKIM1") != "DKIM1" or ("v" in said and next(iter(said)) != "v"):
        return Reason.KEY_UNREADABLE
    if not said["p"]:
        return Reason.KEY_REVOKED
    kind = _KINDS.get(said.get("k", "rsa").lower())
    hashes_allowed, services = items(said.get("h", "sha256")), items(said.get("s", "*"))
    if kind is not algorithm or "sha256" not in hashes_allowed or not {"*", "email"} & set(services):
        return Reason.KEY_UNFIT
    public = _public(said["p"], algorithm)
    if isinstance(public, Reason):
        return public
    flags = items(said.get("t", ""))
    return Key(public, is_of_domain_alone="s" in flags, is_tried="y" in flags)


def _public(p: str, algorithm: Algorithm) -> RSAPublicKey | Ed25519PublicKey | Reason:
    try:
        octets = base64.b64decode(without_white_space(p), validate=True)
        if algorithm is Algorithm.ED25519_SHA256:
            return Ed25519PublicKey.from_public_bytes(octets)
        key = load_der_public_key(octets)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return Reason.KEY_UNREADABLE
    if not isinstance(key, RSAPublicKey):
        return Reason.KEY_UNFIT
    if key.key_size > rsa_bits_max or key.public_numbers().e.bit_length() > exponent_bits_max:
        return Reason.KEY_UNFIT
    return key if key.key_size >= rsa_bits_min else Reason.WEAK
