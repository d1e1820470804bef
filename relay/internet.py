"""Which addresses are somebody's on the public internet, however they are wrapped."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_GIVEN_OUT: Final = IPv6Network("2000::/3")
"""All that is given out as global unicast (RFC 4291 §2.4). Whatever lies outside of it is nobody's, so what is set aside later is
kept out as well: site-local addresses, local translators (64:ff9b:1::/48, RFC 8215), segments (5f00::/16)."""
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""An IPv4 address as a translator of the network at hand presents it (NAT64, RFC 6052 §2.1)."""
_SET_ASIDE: Final = (IPv4Network("192.0.0.0/24"), IPv6Network("3fff::/20"))
"""Which the standard library does not know yet as nobody's, not in each of its versions (RFC 6890, RFC 9637)."""


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether `address` is one that somebody has on the internet. Raises ValueError for text that is none.

    An IPv6 address that stands for one of IPv4 (mapped, 6to4, NAT64) is as public as that: a connection ends there. The form that
    puts one behind 96 zeros (`::192.0.2.1`) is not in use any more, and nobody's (RFC 4291 §2.5.5.1).
    """
    at = ip_address(address)
    if isinstance(at, IPv6Address):
        inner = at.ipv4_mapped or at.sixtofour or _translated(at)
        if inner is not None:
            return is_public(inner)
        if at not in _GIVEN_OUT:
            return False
    return at.is_global and not at.is_multicast and not any(at in one for one in _SET_ASIDE if one.version == at.version)


def unmapped(address: str) -> str:
    """`address`, or the IPv4 address that it presents in the form of IPv6: so a socket for both says who connected by IPv4
    (RFC 4291 §2.5.5.2). Raises ValueError for text that is none."""
    at = ip_address(address)
    return str(at.ipv4_mapped) if isinstance(at, IPv6Address) and at.ipv4_mapped is not None else address


def _translated(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _TRANSLATED else None
