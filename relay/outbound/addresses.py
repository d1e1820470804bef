"""Addresses that strangers chose: which of them we connect to."""

from __future__ import annotations

from collections.abc import Iterable

from relay.internet import is_public


def allowed(addresses: Iterable[str], private: bool) -> list[str]:
    """Those that are somebody's on the internet, in their order; with `private`, all.

    Outside a closed network, the others would be a way to reach the installation's own machines (FAULT-86).
    """
    return [one for one in addresses if private or is_public(one)]
