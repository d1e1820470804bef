"""Boxes: what MP4, QuickTime, HEIC, AVIF, JPEG 2000 and JPEG XL files are made of (ISO/IEC 14496-12 §4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.errors import Unreadable
from relay.message.files.numbers import number_at

boxes_max: Final = 50_000
"""In one file or box."""
_HEADER_OCTETS: Final = 8
_LONG_HEADER_OCTETS: Final = 16
_LONG: Final = 1
_TO_THE_END: Final = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A box at [begin, end) of the file; what is in it begins at `content`."""

    name: bytes
    begin: int
    content: int
    end: int


def boxes(octets: bytes, begin: int, end: int) -> Iterator[Box]:
    """The boxes in [begin, end), behind which zeros may stand. Raises Unreadable where anything else does."""
    at = begin
    for _ in range(boxes_max):
        if end - at < _HEADER_OCTETS:
            if octets[at:end].strip(b"\0"):
                raise Unreadable("what follows is no box of the file")
            return
        length, content = number_at(octets, at, 4), at + _HEADER_OCTETS
        if length == _LONG:
            length, content = number_at(octets, at + _HEADER_OCTETS, 8), at + _LONG_HEADER_OCTETS
        following = end if length == _TO_THE_END else at + length
        if not content <= following <= end:
            raise Unreadable("a box of the file breaks off")
        yield Box(octets[at + 4 : at + 8], at, content, following)
        at = following
    raise Unreadable("the file has too many boxes")
