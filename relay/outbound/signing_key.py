"""Private keys for DKIM, in PEM files that say under which selector they sign, and the records that make them known."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from relay.errors import WrongConfiguration

key_bits: Final = 2048
"""Of an RSA key (GW-45); large receivers do not believe shorter ones."""
explained_octets_max: Final = 4_096
"""Of the text before the key in its file (RFC 7468 §2), where the selector stands."""
_SELECTOR: Final = re.compile(r"^Selector: *(\S+) *\r?$", re.MULTILINE)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
selector_form: Final = (
    "write 1 to 63 lower-case letters, digits, hyphens and underscores, the first and the last a letter or a digit"
)


class Algorithm(Enum):
    """What a key signs with; the value is its name in the record's k= tag (RFC 6376 §3.6.1, RFC 8463 §4)."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, and the selector under which its public half is published."""

    selector: str
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_pem(cls, pem: bytes, selector: str, algorithm: Algorithm = Algorithm.RSA) -> SigningKey:
        """The key in `pem`; `selector` is for one that does not name its own.

        Raises WrongConfiguration unless it is of that algorithm, and an RSA key has 2048 bits or more.
        """
        private = _private(pem)
        if algorithm is Algorithm.RSA and isinstance(private, rsa.RSAPrivateKey) and private.key_size >= key_bits:
            return cls(named_in(pem) or selector, private)
        if algorithm is Algorithm.ED25519 and isinstance(private, ed25519.Ed25519PrivateKey):
            return cls(named_in(pem) or selector, private)
        wanted = f"RSA key of at least {key_bits} bits" if algorithm is Algorithm.RSA else "Ed25519 key"
        raise WrongConfiguration(f"dkim: the key in the file is another than the {wanted} that is needed")

    @property
    def algorithm(self) -> Algorithm:
        return Algorithm.RSA if isinstance(self.private, rsa.RSAPrivateKey) else Algorithm.ED25519

    @property
    def record(self) -> str:
        """The TXT record that belongs to it, not yet cut into strings of 255."""
        return record_of(self.private.public_key())

    def name(self, domain: str) -> str:
        """Where its record is published for `domain` (RFC 6376 §3.6.2.1)."""
        return record_name(self.selector, domain)

    def signature(self, octets: bytes) -> bytes:
        """The octets of the b= tag over canonical headers (RFC 6376 §3.3, RFC 8463 §3)."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(octets, padding.PKCS1v15(), hashes.SHA256())
        digest = hashes.Hash(hashes.SHA256())
        digest.update(octets)
        return self.private.sign(digest.finalize())

    @property
    def public_pem(self) -> bytes:
        """The public half, with the selector before it."""
        public = self.private.public_key()
        octets = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"Selector: {self.selector}\n".encode("ascii") + octets


def is_selector(text: str) -> bool:
    """Whether `text` can be one of ours: one label of DNS (RFC 6376 §3.1, RFC 1035 §2.3.4), and part of a file's name."""
    return _LABEL.fullmatch(text) is not None


def record_name(selector: str, domain: str) -> str:
    """Where the key of `selector` is published for `domain` (RFC 6376 §3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def generate_key(algorithm: Algorithm = Algorithm.RSA, selector: str = "") -> bytes:
    """A new private key, as PEM (PKCS #8, not encrypted), that names its `selector` unless that is empty."""
    key = (
        rsa.generate_private_key(public_exponent=65537, key_size=key_bits)
        if algorithm is Algorithm.RSA
        else ed25519.Ed25519PrivateKey.generate()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (f"Selector: {selector}\n".encode("ascii") if selector else b"") + pem


def record_of(public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> str:
    """The TXT record that makes a public key known, not yet cut into strings of 255."""
    if isinstance(public, rsa.RSAPublicKey):
        octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    else:
        # RFC 8463 §4.2: the 32 octets alone, without the wrapping that RSA keys have.
        octets = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    kind = Algorithm.RSA if isinstance(public, rsa.RSAPublicKey) else Algorithm.ED25519
    return f"v=DKIM1; k={kind.value}; p={base64.b64encode(octets).decode('ascii')}"


def record_of_public_pem(pem: bytes) -> str:
    """The record of a public key in PEM. Raises WrongConfiguration."""
    try:
        public = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as unreadable:
        raise WrongConfiguration("dkim: no public key in PEM form could be read from the file") from unreadable
    if not isinstance(public, rsa.RSAPublicKey | ed25519.Ed25519PublicKey):
        raise WrongConfiguration("dkim: the file holds a public key of another kind")
    return record_of(public)


def named_in(pem: bytes) -> str:
    """The selector that a file names before its key; empty where it names none. Raises WrongConfiguration."""
    before = pem[:explained_octets_max].partition(b"-----BEGIN")[0].decode("ascii", "replace")
    found = _SELECTOR.search(before)
    if found is None:
        return ""
    if not is_selector(found[1]):
        raise WrongConfiguration("dkim: what the key's file names as its selector is none")
    return found[1]


def _private(pem: bytes) -> object:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as unreadable:
        raise WrongConfiguration("dkim: no private key in PEM form could be read from the file") from unreadable
