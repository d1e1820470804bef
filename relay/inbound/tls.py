"""The TLS which a server offers by STARTTLS (RFC 3207), and its certificate, which is renewed while it is at work."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from relay.errors import WrongConfiguration

_Stamp = tuple[tuple[int, int, int], ...]
"""What changes with a file, and with who may read it: inode, size, and when that was last changed."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later, no renegotiation (FAULT-39), with a PEM chain and its key, read now.

    The ciphers are Python's for servers: all with forward secrecy, none by SHA-1. Raises WrongConfiguration when the files cannot
    be read, do not belong together, or are behind a passphrase: OpenSSL would ask for that at the terminal, and all would wait.
    """

    def passphrase() -> str:
        raise WrongConfiguration(f"smtp.tls_key: {key} is behind a passphrase, and nobody is there to be asked for it")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate, key, passphrase)
    except (OSError, ssl.SSLError) as error:
        raise WrongConfiguration(
            f"smtp.tls_certificate, smtp.tls_key: {certificate} and {key} cannot be used: {error}"
        ) from error
    return context


@dataclass(slots=True)
class Certificate:
    """The certificate at work. What was read last and could be used counts, whatever has become of its files since.

    Making one raises WrongConfiguration.
    """

    chain: Path
    key: Path
    fault: str = field(default="", init=False)
    """Why the files as they are now are not in use; empty when they are."""
    _context: ssl.SSLContext = field(init=False, repr=False)
    _read: _Stamp = field(init=False, repr=False)
    _seen: _Stamp = field(init=False, repr=False)
    expires_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def context(self) -> ssl.SSLContext:
        """What the next handshake is made with; connections that are open keep theirs."""
        return self._context

    def renew(self) -> None:
        """Take up the files as they are now. Raises WrongConfiguration; then the certificate stays, and `fault` says why."""
        self._read = self._seen = self._stamp()
        try:
            # Both are read into a context of their own: half of a new pair loaded into the one in use would spoil that.
            context = server_context(self.chain, self.key)
            self.expires_at = expiry(self.chain)
        except WrongConfiguration as wrong:
            self.fault = wrong.faults[0]
            raise
        self._context, self.fault = context, ""

    def has_changed(self) -> bool:
        """Whether other files are there than were read last. Those that changed since the last look may not be whole yet."""
        before, self._seen = self._seen, self._stamp()
        return self._read != self._seen == before

    def _stamp(self) -> _Stamp:
        return tuple(_stamp(file) for file in (self.chain, self.key))


def expiry(chain: Path) -> datetime:
    """When the certificate in a PEM file, the first of its chain, ends, in UTC. Raises WrongConfiguration."""
    return own_certificate(chain).not_valid_after_utc


def covers(chain: Path, host: str) -> bool:
    """Whether that certificate is for `host`, also by a wildcard in the place of its first label (RFC 9525 §6.3).

    Raises WrongConfiguration.
    """
    try:
        names = own_certificate(chain).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    wildcard = f"*.{host.partition('.')[2]}"
    return any(name.lower() in {host.lower(), wildcard.lower()} for name in names.get_values_for_type(x509.DNSName))


def own_certificate(chain: Path) -> x509.Certificate:
    """The first one in a PEM file, which is the server's own. Raises WrongConfiguration."""
    try:
        return x509.load_pem_x509_certificates(chain.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise WrongConfiguration(f"smtp.tls_certificate: {chain} cannot be used: {error}") from error


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        status = file.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_size, status.st_ctime_ns)
