from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from relay.errors import WrongConfiguration
from relay.outbound.signing_key import Algorithm, SigningKey, generate_key, named_in, record_of_public_pem

RSA = generate_key(selector="relay-20261123")
ED25519 = generate_key(Algorithm.ED25519)


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_a_file_names_the_selector_of_its_key_and_one_that_does_not_takes_what_is_given() -> None:
    assert SigningKey.from_pem(RSA, "relay").name("reply.example.com") == "relay-20261123._domainkey.reply.example.com"
    assert SigningKey.from_pem(ED25519, "ed", Algorithm.ED25519).selector == "ed"


def test_the_record_of_an_ed25519_key_is_its_32_octets_alone() -> None:
    """RFC 8463 §4.2, with the key of its appendix A.1"""
    secret = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    key = SigningKey.from_pem(pem(ed25519.Ed25519PrivateKey.from_private_bytes(secret)), "brisbane", Algorithm.ED25519)
    assert key.record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize(
    ("given", "algorithm", "told"),
    [
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), Algorithm.RSA, "2048"),
        (ED25519, Algorithm.RSA, "2048"),
        (RSA, Algorithm.ED25519, "Ed25519"),
        (b"no key at all", Algorithm.RSA, "PEM"),
        (b"Selector: a.b/c\n" + RSA[RSA.index(b"-----") :], Algorithm.RSA, "selector"),
    ],
)
def test_a_key_that_receivers_would_not_believe_is_refused(given: bytes, algorithm: Algorithm, told: str) -> None:
    """RFC 8301 §3.2 asks for 1024 bits; large receivers for 2048."""
    with pytest.raises(WrongConfiguration, match=told):
        SigningKey.from_pem(given, "relay", algorithm)


@pytest.mark.parametrize(("given", "algorithm"), [(RSA, Algorithm.RSA), (ED25519, Algorithm.ED25519)])
def test_the_public_half_gives_the_same_selector_and_record(given: bytes, algorithm: Algorithm) -> None:
    key = SigningKey.from_pem(given, "relay", algorithm)
    assert (named_in(key.public_pem), record_of_public_pem(key.public_pem)) == (key.selector, key.record)
    assert b"PRIVATE" not in key.public_pem
    with pytest.raises(WrongConfiguration, match="public key"):
        record_of_public_pem(given)


def test_the_private_key_never_prints() -> None:
    assert repr(SigningKey.from_pem(RSA, "relay")) == "SigningKey(selector='relay-20261123')"
