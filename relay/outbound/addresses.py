"""Addresses that strangers chose: which of them we connect to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable


def allowed(addresses: Iterable[str], private: bool) -> list[str]:
    """Those that are somebody's on the internet, in their order; with `private`, all.

    Outside a closed network, the others would be a way to reach the installation's own machines (FAULT-86).
    """
    return [one for one in addresses if private or _is_public(one)]


def _is_public(text: str) -> bool:
    """However it is wrapped."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _is_public(str(inner))
    return address.is_global and not address.is_multicast
