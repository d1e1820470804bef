"""The network from which somebody wrote, as far as it is remembered of a person: not the host, which changes by the day."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

ipv4_bits: Final = 24
ipv6_bits: Final = 64
LOCAL: Final = "local"
"""Nobody's: a socket of this machine, or a front MTA that does not say who its client was."""


def is_told(network: str) -> bool:
    """Whether anybody said which network it is. Of `LOCAL` nothing is remembered: everybody writes from there (GW-12)."""
    return network != LOCAL


def neighbourhood(client_ip: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 address (GW-12); `LOCAL` for what is neither."""
    try:
        address: IPv4Address | IPv6Address = ip_address(client_ip.partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = ipv6_bits if isinstance(address, IPv6Address) else ipv4_bits
    return str(ip_network((address, bits), strict=False))
