"""DANE (RFC 6698, RFC 7671, RFC 7672): the certificates that a host's own zone vouches for, where that zone is validated.

What a mail client is to use of it: usages 2, an authority of the host's own, and 3, the host's certificate itself; those that
build on public authorities (0 and 1) count as unusable (RFC 7672 §3.1.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization

from relay.lookup import Answer, Asking, Query, Type

TRUST_ANCHOR: Final = 2
END_ENTITY: Final = 3
chain_max: Final = 10
"""Certificates of a host that are looked at."""
records_max: Final = 40

_FORMS: Final[dict[int, Callable[[bytes], bytes]]] = {
    0: lambda octets: octets,
    1: lambda octets: hashlib.sha256(octets).digest(),
    2: lambda octets: hashlib.sha512(octets).digest(),
}
"""By matching type, what stands in the record."""
_SELECTED: Final[dict[int, Callable[[x509.Certificate], bytes]]] = {
    0: lambda certificate: certificate.public_bytes(serialization.Encoding.DER),
    1: lambda certificate: certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    ),
}
"""By selector, what of a certificate is compared."""
_LENGTHS: Final = {1: 32, 2: 64}
_WEAK: Final = (hashes.MD5, hashes.SHA1)
_UNREADABLE: Final = (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True)
class Pin:
    """A TLSA record that can be used: what the zone vouches for."""

    usage: int
    selector: int
    matching: int
    data: bytes = field(repr=False)

    def fits(self, certificate: x509.Certificate) -> bool:
        return _FORMS[self.matching](_SELECTED[self.selector](certificate)) == self.data


def vouching(hosts: Iterable[str], port: int) -> Asking[dict[str, Answer]]:
    """What the zones of `hosts` say of their certificates at `port`."""
    said: dict[str, Answer] = {}
    for host in hosts:
        said[host] = yield Query(f"_{port}._tcp.{host}", Type.TLSA)
    return said


def usable(records: Sequence[str]) -> tuple[Pin, ...]:
    """Those TLSA records, "3 1 1 0a1b…", that say something to us."""
    pins: list[Pin] = []
    for record in records[:records_max]:
        usage, selector, matching, digits = (*record.split(" ", 3), "", "", "")[:4]
        if not (usage in {"2", "3"} and selector in {"0", "1"} and matching in {"0", "1", "2"}):
            continue
        data = bytes.fromhex(digits)
        if data and len(data) == _LENGTHS.get(int(matching), len(data)):
            pins.append(Pin(int(usage), int(selector), int(matching), data))
    return tuple(pins)


def holds(chain: Sequence[bytes], pins: Sequence[Pin], names: Sequence[str], now: datetime) -> bool:
    """Whether the certificates that a host showed, DER, its own first, are vouched for by one of `pins` at `now`.

    With usage 3 the host's own counts, whatever it says of names and times (RFC 7672 §3.1.1). With usage 2 it must lead to the
    authority, be in time and name one of `names` (§3.1.2). An authority of which the record has the key alone must be shown.
    """
    try:
        certificates = [x509.load_der_x509_certificate(one) for one in chain[:chain_max]]
    except ValueError:
        return False
    if not certificates:
        return False
    own, *above = certificates
    if any(pin.usage == END_ENTITY and _fits(pin, own) for pin in pins):
        return True
    anchors = [
        *(one for one in above if any(pin.usage == TRUST_ANCHOR and _fits(pin, one) for pin in pins)),
        *_written_out(pins),
    ]
    return _names_one_of(own, names) and _leads_to(own, above, anchors, now)


def _fits(pin: Pin, certificate: x509.Certificate) -> bool:
    try:
        return pin.fits(certificate)
    except ValueError:
        return False  # a key of a kind that nobody knows


def _written_out(pins: Sequence[Pin]) -> list[x509.Certificate]:
    """Authorities whose whole certificate stands in the record: hosts need not show these."""
    found = []
    for pin in pins:
        if (pin.usage, pin.selector, pin.matching) == (TRUST_ANCHOR, 0, 0):
            try:
                found.append(x509.load_der_x509_certificate(pin.data))
            except ValueError:
                continue  # vouches for nothing
    return found


def _leads_to(
    own: x509.Certificate, above: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], now: datetime
) -> bool:
    current = own
    for _ in range(chain_max):
        if not current.not_valid_before_utc <= now <= current.not_valid_after_utc:
            return False
        if any(_issued(current, one) for one in anchors):
            return True
        issuer = next((one for one in above if one != current and _issued(current, one)), None)
        if issuer is None:
            return False
        current = issuer
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer`, an authority, signed `certificate`."""
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        if isinstance(certificate.signature_hash_algorithm, _WEAK):
            return False
        certificate.verify_directly_issued_by(issuer)
    except (*_UNREADABLE, TypeError, InvalidSignature):
        return False
    return True


def _names_one_of(certificate: x509.Certificate, names: Sequence[str]) -> bool:
    try:
        given = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
            x509.DNSName
        )
    except _UNREADABLE:
        return False
    said = {one.lower() for one in given}
    return any(name in said or f"*.{name.partition('.')[2]}" in said for name in names)
