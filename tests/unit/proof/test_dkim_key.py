from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from relay.proof.dkim_key import Algorithm, Key, key_in, record_octets_max
from relay.proof.dkim_results import Reason

RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
# The same in every process that collects these tests: what is short enough becomes part of their names.
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()


def published(public: PublicKeyTypes, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    encoding = Encoding.Raw if form is PublicFormat.Raw else Encoding.DER
    return base64.b64encode(public.public_bytes(encoding, form)).decode("ascii")


P = published(RSA)
P_ED25519 = published(ED25519, PublicFormat.Raw)
OF_768_BITS = published(rsa.RSAPublicNumbers(65537, (1 << 767) + 1).public_key())


@pytest.mark.parametrize(
    "record",
    [
        f"v=DKIM1; k=rsa; p={P}",
        f"p={P}",
        f"v=DKIM1; p={P[:40]}\r\n\t{P[40:80]} {P[80:]};",
        f"v=DKIM1; h=sha1:sha256; s=tlsrpt:email; g=*; n=a note; p={P}",
        f"v=DKIM1; s=*; t=; p={P}",
        f"p={published(RSA, PublicFormat.PKCS1)}",  # some publish the bare key, as the RFC's text once had it
    ],
)
def test_a_key_record_is_read(record: str) -> None:
    """RFC 6376 §3.6.1."""
    key = key_in(record, Algorithm.RSA_SHA256)
    assert isinstance(key, Key)
    assert (key.public, key.is_of_domain_alone, key.is_tried) == (RSA, False, False)


def test_the_flags_of_a_key_are_read() -> None:
    key = key_in(f"v=DKIM1; t=y : S : z; p={P}", Algorithm.RSA_SHA256)
    assert isinstance(key, Key)
    assert (key.is_of_domain_alone, key.is_tried) == (True, True)


def test_a_key_of_edwards_curve_stands_there_bare() -> None:
    """RFC 8463 §4."""
    key = key_in(f"v=DKIM1; k=ed25519; p={P_ED25519}", Algorithm.ED25519_SHA256)
    assert isinstance(key, Key)
    assert key.public == ED25519


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=DKIM1; k=rsa; p=", Reason.KEY_REVOKED),
        ("v=spf1 -all", Reason.KEY_UNREADABLE),
        ("v=DKIM1; k=rsa", Reason.KEY_UNREADABLE),
        (f"v=DKIM2; p={P}", Reason.KEY_UNREADABLE),
        (f"p={P}; v=DKIM1", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; p={P}; p={P}", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; p={P[:-3]}", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; p={P[:-4]}", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; p=§{P}", Reason.KEY_UNREADABLE),
        ("v=DKIM1; p=AAAA", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; n={'x' * record_octets_max}; p={P}", Reason.KEY_UNREADABLE),
        (f"v=DKIM1; k=ed25519; p={P_ED25519}", Reason.KEY_UNFIT),
        (f"v=DKIM1; k=dsa; p={P}", Reason.KEY_UNFIT),
        (f"v=DKIM1; h=sha1; p={P}", Reason.KEY_UNFIT),
        (f"v=DKIM1; s=tlsrpt; p={P}", Reason.KEY_UNFIT),
        (f"v=DKIM1; p={published(ec.generate_private_key(ec.SECP256R1()).public_key())}", Reason.KEY_UNFIT),
        (f"v=DKIM1; p={published(ED25519)}", Reason.KEY_UNFIT),
        (f"v=DKIM1; p={OF_768_BITS}", Reason.WEAK),
    ],
)
def test_what_is_no_key_for_a_signature_says_why(record: str, expected: Reason) -> None:
    """RFC 6376 §6.1.2, RFC 8301 §3.2, FAULT-81."""
    assert key_in(record, Algorithm.RSA_SHA256) is expected


@pytest.mark.parametrize("exponent", [2**65 + 1, 3 * 2**1000 + 1])
def test_a_key_that_is_slow_by_its_exponent_is_not_used(exponent: int) -> None:
    """FAULT-79: how long we calculate is not for strangers to say."""
    slow = rsa.RSAPublicNumbers(exponent, RSA.public_numbers().n).public_key()
    assert key_in(f"p={published(slow)}", Algorithm.RSA_SHA256) is Reason.KEY_UNFIT


def test_a_key_that_is_slow_by_its_length_is_not_used() -> None:
    wide = rsa.RSAPublicNumbers(65537, (1 << 8999) + 1).public_key()
    assert key_in(f"p={published(wide)}", Algorithm.RSA_SHA256) is Reason.KEY_UNFIT


def test_a_key_says_what_was_signed_with_it() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    key = Key(private.public_key(), is_of_domain_alone=False, is_tried=False)
    assert not key.signed(b"content", private.sign(b"content"))  # the digest is signed, not the content (RFC 8463 §3)
    assert not key.signed(b"content", b"")
