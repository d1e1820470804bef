"""RIFF: what WebP, WAV and AVI are made of (Microsoft and IBM, Multimedia Programming Interface, 1991; RFC 9649 §2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.errors import Unreadable

HEADER_OCTETS: Final = 12
"""Of a file or a list: RIFF or LIST, the length, and what it is."""
chunks_max: Final = 50_000
"""In one file or list."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk at [begin, end) of the file, with its padding; its own octets are those at [content, ends)."""

    name: bytes
    begin: int
    content: int
    ends: int
    end: int


def chunks(octets: bytes | bytearray, begin: int, end: int) -> Iterator[Chunk]:
    """The chunks in [begin, end), of which the last may break off. Raises Unreadable where no chunk stands."""
    at = begin
    for _ in range(chunks_max):
        if at >= end:
            return
        name = bytes(octets[at : at + 4])
        if at + 8 > end or not (name.isascii() and name.decode("ascii").isprintable()):
            raise Unreadable("what follows is no chunk of the file")
        length = int.from_bytes(octets[at + 4 : at + 8], "little")
        ends = min(at + 8 + length, end)
        following = min(ends + length % 2, end)
        yield Chunk(name, at, at + 8, ends, following)
        at = following
    raise Unreadable("the file has too many chunks")
