"""FLAC: blocks that say something become padding of the same length (RFC 9639 §8, LEAK-63)."""

from __future__ import annotations

from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.numbers import number_at

blocks_max: Final = 10_000

_BEGIN: Final = b"fLaC"
_LAST: Final = 0x80
_PADDING: Final = 1
_KEPT: Final = frozenset((0, 3))
"""How the sound is stored, and where to begin to play it."""


def is_flac(octets: bytes) -> bool:
    return octets.startswith(_BEGIN)


def clean_flac(octets: bytes, _tells: Tells) -> Cleaned:
    """The sound alone. Raises Unreadable where the blocks before it break off."""
    after = bytearray(octets)
    is_told = False
    at = len(_BEGIN)
    for _ in range(blocks_max):
        kind, length = number_at(octets, at, 1), number_at(octets, at + 1, 3)
        content, end = at + 4, at + 4 + length
        if end > len(octets):
            raise Unreadable("a block of the sound breaks off")
        if kind & ~_LAST not in _KEPT and (kind & ~_LAST != _PADDING or octets.count(0, content, end) < length):
            is_told = True
            after[at] = kind & _LAST | _PADDING
            after[content:end] = bytes(length)
        if kind & _LAST:
            return Cleaned(bytes(after), ("description",) if is_told else ())
        at = end
    raise Unreadable("the sound has too many blocks")
