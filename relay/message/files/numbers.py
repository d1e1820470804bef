"""Numbers at a place in a file."""

from __future__ import annotations

from typing import Literal

from relay.errors import Unreadable

Order = Literal["big", "little"]


def number_at(octets: bytes | bytearray, at: int, size: int, order: Order = "big") -> int:
    """The unsigned number of `size` octets that begins at `at`. Raises Unreadable where the file ends before."""
    if at < 0 or at + size > len(octets):
        raise Unreadable("the file ends in the middle of a number")
    return int.from_bytes(octets[at : at + size], order)
