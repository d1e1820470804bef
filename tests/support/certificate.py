"""Certificates for servers in tests: one that nobody vouches for, and those of authorities made for the occasion."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def self_signed(directory: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Files with a certificate for `name` and its key, made in `directory`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - the peer's TLS library reads the clock itself
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "certificate.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def server_context(directory: Path, name: str = "localhost") -> ssl.SSLContext:
    """TLS for a server, with such a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(directory, name))
    return context


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and what stands above it, nearest first."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    above: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def public_key(self) -> bytes:
        """As TLSA records select it (SubjectPublicKeyInfo)."""
        return self.certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def chain(self) -> tuple[bytes, ...]:
        return (self.der, *(one.public_bytes(serialization.Encoding.DER) for one in self.above))

    def issue(self, *names: str, authority: bool = False, days: tuple[int, int] = (-1, 30)) -> Issued:
        """A certificate for host `names`, or of another authority, that counts between `days` from now."""
        return _issued(names, self, authority, days)

    def written(self, path: Path) -> Path:
        """The certificate in a PEM file."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server_context(self, directory: Path) -> ssl.SSLContext:
        """TLS for a server that shows all of this."""
        file = directory / f"{self.certificate.serial_number}.pem"
        shown = [one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.above)]
        key = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(b"".join((*shown, key)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def an_authority() -> Issued:
    """One that vouches for itself."""
    return _issued((), None, authority=True, days=(-1, 30))


def _issued(names: Sequence[str], by: Issued | None, authority: bool, days: tuple[int, int]) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    said = names[0] if names else f"authority {x509.random_serial_number()}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])
    now = datetime.now(UTC)  # noqa: TID251 - as above
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    certificate = builder.sign(by.key if by is not None else key, hashes.SHA256())
    return Issued(certificate, key, (by.certificate, *by.above) if by is not None else ())
