"""The network from which somebody wrote, as far as it is remembered of a person: not the host, which changes by the day."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

ipv4_bits: Final = 24
ipv6_bits: Final = 64
LOCAL: Final = "local"
"""Nobody's: this machine, one of the same house, or a front MTA that does not say who its client was."""
_IPV4: Final = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
_IPV6: Final = ("::1/128", "fc00::/7", "fe80::/10")
_OF_THE_HOUSE: Final = tuple(map(ip_network, (*_IPV4, *_IPV6)))
"""Who is seen there is a server, a container's bridge or a translator that stands in front, with everybody behind it (RFC 1918,
RFC 4193, RFC 6598)."""


def is_told(network: str) -> bool:
    """Whether anybody said which network it is. Of `LOCAL` nothing is remembered: everybody writes from there (GW-12)."""
    return network != LOCAL


def neighbourhood(client_ip: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 address (GW-12); `LOCAL` for what is neither, or nobody's in particular."""
    try:
        address: IPv4Address | IPv6Address = ip_address(client_ip.partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in one for one in _OF_THE_HOUSE):
        return LOCAL
    bits = ipv6_bits if isinstance(address, IPv6Address) else ipv4_bits
    return str(ip_network((address, bits), strict=False))
