"""The PROXY protocol, versions 1 and 2: how a load balancer says whose connection it passes on (HAProxy, proxy-protocol.txt).

Read from octets, without I/O. aiosmtpd's reader waits for a whole version 2 header of up to 64 KiB, and takes what it cannot use
for valid; here a header has a bound, and is understood or refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from relay.errors import RelayError
from relay.internet import unmapped

header_octets_max: Final = 8 * 1024
"""Of a whole header. What balancers add to the addresses, their TLVs, is some hundred octets."""
_line_octets_max: Final = 107
"""Of version 1, with its line end."""
_SIGNATURE_1: Final = b"PROXY "
SIGNATURE_2: Final = b"\r\n\r\n\0\r\nQUIT\n"
_fixed_octets: Final = 16
"""How a header of version 2 begins: signature, version and command, family, length."""
_LOCAL, _PROXY = 0, 1
_Kind = type[IPv4Address] | type[IPv6Address]
_FAMILIES: Final[Mapping[int, tuple[_Kind, int]]] = {0x11: (IPv4Address, 12), 0x21: (IPv6Address, 36)}
"""TCP over IPv4 and IPv6: the kind of address, and how long both addresses and both ports are."""
_NOT_TOLD: Final = frozenset({0x00, 0x31})
"""No family at all, and sockets in a file system: both may be passed on, and neither has an address."""
_PROTOCOLS: Final[Mapping[bytes, _Kind]] = {b"TCP4": IPv4Address, b"TCP6": IPv6Address}


class NoHeader(RelayError):
    """What came is no header, or one of a kind that nobody passes on over TCP."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header, `octets` long. `client_ip` is empty where the balancer speaks for itself, or does not know."""

    octets: int
    client_ip: str


def header(held: bytes) -> Header | None:
    """The header with which `held` begins; None while more has to come. Raises NoHeader as soon as it cannot become one."""
    if held[: len(SIGNATURE_2)] == SIGNATURE_2[: len(held)]:
        return _version_2(held) if held else None
    if held[: len(_SIGNATURE_1)] == _SIGNATURE_1[: len(held)]:
        return _version_1(held)
    raise NoHeader


def _version_1(held: bytes) -> Header | None:
    line, end, _ = held[:_line_octets_max].partition(b"\r\n")
    if not end:
        if len(held) >= _line_octets_max:
            raise NoHeader
        return None
    octets = len(line) + len(end)
    match line.split(b" "):
        case [_, b"UNKNOWN", *_]:
            return Header(octets, "")
        case [_, protocol, source, destination, *ports] if protocol in _PROTOCOLS and len(ports) == 2:
            kind = _PROTOCOLS[protocol]
            try:
                client, _ = (kind(one.decode("ascii")) for one in (source, destination))
            except (AddressValueError, UnicodeDecodeError) as error:
                raise NoHeader from error
            if all(_is_port(port) for port in ports):
                return Header(octets, unmapped(str(client)))
    raise NoHeader


def _version_2(held: bytes) -> Header | None:
    if len(held) < _fixed_octets:
        return None
    version, command, family = held[12] >> 4, held[12] & 0xF, held[13]
    octets = _fixed_octets + int.from_bytes(held[14:16], "big")
    if version != 2 or command not in {_LOCAL, _PROXY} or octets > header_octets_max:
        raise NoHeader
    if command == _PROXY and family not in _NOT_TOLD and family not in _FAMILIES:
        raise NoHeader
    if len(held) < octets:
        return None
    if command == _LOCAL or family in _NOT_TOLD:
        return Header(octets, "")
    kind, addresses_octets = _FAMILIES[family]
    if octets < _fixed_octets + addresses_octets:
        raise NoHeader
    length = 4 if kind is IPv4Address else 16
    return Header(octets, unmapped(str(kind(held[_fixed_octets : _fixed_octets + length]))))


def _is_port(written: bytes) -> bool:
    return written.isdigit() and len(written) <= 5 and int(written) <= 65_535 and (written == b"0" or written[:1] != b"0")
