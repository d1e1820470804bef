"""Members of a TAR archive, with what it says of each: names, links, and whose they were (POSIX.1-1988 ustar, pax, GNU)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from relay.message.leaks.zips import Member

members_max: Final = 4000
_block: Final = 512
_MAGIC: Final = b"ustar"
_NAMES: Final = (slice(345, 500), slice(0, 100), slice(157, 257), slice(265, 297), slice(297, 329))
"""Prefix, name, what it links to, user, group."""
_SIZE: Final = slice(124, 136)
_binary: Final = 0x80


def is_tar(octets: bytes) -> bool:
    return octets[257:262] == _MAGIC


def tar_members(archive: bytes) -> Iterator[Member | None]:
    """The members in their order, long names and extended fields as members of their own; None where there are too many."""
    at = 0
    for _ in range(members_max):
        head = archive[at : at + _block]
        if len(head) < _block or not is_tar(head):
            return
        size = _size(head[_SIZE])
        begin = at + _block
        names = b"\n".join(name for place in _NAMES if (name := head[place].partition(b"\0")[0]))
        yield Member(names, archive[begin : begin + size])
        at = begin + -(-size // _block) * _block
    yield None


def _size(field: bytes) -> int:
    """Octal digits, or beyond eight gigabytes binary; none where it is neither."""
    if field[0] & _binary:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and not digits.translate(None, b"01234567") else 0
