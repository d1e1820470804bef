"""The items of a HEIC or AVIF picture that say something about it (ISO/IEC 14496-12 §8.11, 23008-12 annex A, LEAK-60)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from relay.errors import Unreadable
from relay.message.files.boxes import Box, boxes
from relay.message.files.exif import turn_alone
from relay.message.files.numbers import number_at
from relay.message.files.ranges import Range

items_max: Final = 20_000
extents_max: Final = 50_000
"""Of all items."""

SAYING: Final = {b"Exif": "place and camera", b"mime": "description", b"uri ": "description"}
"""The types of items that are words, and what people call them. How the picture is turned stands elsewhere."""

_NO_EXIF: Final = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"
"""A directory without fields, which any reader of Exif takes."""
_IN_THE_FILE, _IN_THE_BOX = 0, 1


@dataclass(frozen=True, slots=True)
class Item:
    """Where an item lies in the file; `kind` is its type."""

    kind: bytes
    ranges: tuple[Range, ...]


def items(octets: bytes, meta: Mapping[bytes, Box]) -> list[Item]:
    """The items of a picture, from the boxes of its `meta` by name. Raises Unreadable where they cannot be told."""
    info, places = meta.get(b"iinf"), meta.get(b"iloc")
    if info is None or places is None:
        return []
    kinds = dict(_kinds(octets, info))
    idat = meta.get(b"idat")
    return [Item(kinds.get(number, b""), ranges) for number, ranges in _places(octets, places, idat)]


def silenced(item: Item, said: bytes) -> bytes:
    """As many octets as an item has, that say nothing and are of its kind."""
    if item.kind != b"Exif":
        return b" " * len(said)
    begin = 4 + int.from_bytes(said[:4], "big")
    blank = bytes(4) + (turn_alone(said[begin:]) or _NO_EXIF)
    return blank.ljust(len(said))[: len(said)]


def _kinds(octets: bytes, info: Box) -> Iterator[tuple[int, bytes]]:
    """(number, type) of each item."""
    begin = info.content + (6 if number_at(octets, info.content, 1) == 0 else 8)
    for count, entry in enumerate(boxes(octets, begin, info.end)):
        if count >= items_max:
            raise Unreadable("the picture has too many items")
        size = 4 if number_at(octets, entry.content, 1) >= 3 else 2
        at = entry.content + 4
        yield number_at(octets, at, size), octets[at + size + 2 : at + size + 6]


def _places(octets: bytes, places: Box, idat: Box | None) -> Iterator[tuple[int, tuple[Range, ...]]]:
    """(number, where it lies) of each item that lies in this file."""
    at = places.content

    def read(size: int) -> int:
        nonlocal at
        number = number_at(octets, at, size) if size else 0
        at += size
        return number

    version = read(1)
    read(3)
    sizes = read(1), read(1)
    offset_octets, length_octets = sizes[0] >> 4, sizes[0] & 15
    base_octets, index_octets = sizes[1] >> 4, sizes[1] & 15 if version else 0
    left = extents_max
    for _ in range(min(read(4 if version == 2 else 2), items_max)):
        number = read(4 if version == 2 else 2)
        method = read(2) & 15 if version else _IN_THE_FILE
        elsewhere = read(2)
        base = read(base_octets)
        if method == _IN_THE_BOX:
            base += idat.content if idat is not None else 0
        ranges: list[Range] = []
        for _ in range(read(2)):
            left -= 1
            if left < 0:
                raise Unreadable("the picture has too many items")
            read(index_octets)
            begin = base + read(offset_octets)
            length = read(length_octets)
            ranges.append((begin, begin + length if length else len(octets)))
        if not elsewhere and method in {_IN_THE_FILE, _IN_THE_BOX}:
            yield number, tuple(ranges)
