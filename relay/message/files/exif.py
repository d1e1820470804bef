"""Exif: what a camera writes about a picture, where and by whom it was taken (CIPA DC-008). Only how to turn it may stay."""

from __future__ import annotations

import struct
from typing import Final

from relay.errors import Unreadable
from relay.message.files.numbers import Order, number_at

BYTE_ORDERS: Final[dict[bytes, Order]] = {b"II*\0": "little", b"MM\0*": "big"}
"""How such a block, and any TIFF file, begins."""
UPRIGHT: Final = 1

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_ENTRY_OCTETS: Final = 12
_TURNED: Final = range(2, 9)


def turn_alone(exif: bytes) -> bytes:
    """A block which says how `exif` turns the picture, and nothing else; empty where it stands upright.

    Both begin with the byte order, as in TIFF. The turn alone of such a block is the block itself.
    """
    orientation = _orientation(exif)
    if orientation not in _TURNED:
        return b""
    return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _orientation(exif: bytes) -> int:
    order = BYTE_ORDERS.get(exif[:4])
    if order is None:
        return UPRIGHT
    try:
        begin = number_at(exif, 4, 4, order)
        for place in range(number_at(exif, begin, 2, order)):
            entry = begin + 2 + place * _ENTRY_OCTETS
            if number_at(exif, entry, 2, order) == _ORIENTATION:
                return number_at(exif, entry + 8, 2, order)
    except Unreadable:
        # A block that breaks off turns nothing: programs show such a picture as it lies there.
        return UPRIGHT
    return UPRIGHT
