"""Files that stand uuencoded in a text, as programs sent them before there was MIME (POSIX uuencode; LEAK-30)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.message.transfer import UU_BEGIN

_BEGIN: Final = b"begin"
_ENDED: Final = re.compile(rb"(?:[ -`]++\r?\n)*+(?:\r?\n)?end[ \t]*(?:\r?\n|\Z)")
_ENDED_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/]++={0,2}[ \t]*\r?\n)*+====[ \t]*(?:\r?\n|\Z)")
_LINE: Final = re.compile(rb"([!-_])([ -`]*+)\r?(?:\n|\Z)")
_checksum_octets_max: Final = 2
"""What some programs put behind each line."""


@dataclass(frozen=True, slots=True)
class UuFile:
    """One file in a text: its name, from where to where it stands, its first and last lines included."""

    name: bytes = field(repr=False)
    start: int
    end: int


def uuencoded_files(text: bytes) -> Iterator[UuFile]:
    """The files in a text, in order. A line that only begins like one of them is prose: lines of data have to follow it.

    Where the end is missing, as in mail that was cut off, the file goes as far as each line has the length that it tells.
    Linear: no line of data looks like the beginning of a file.
    """
    if _BEGIN not in text:  # a look that costs nothing beside one at the beginning of each line
        return
    at = 0
    while (begin := UU_BEGIN.search(text, at)) is not None:
        at = begin.end()
        end = _end(text, at + 1, is_base64=begin[1] is not None)
        if end is not None:
            yield UuFile(begin[2].strip(), begin.start(), end)
            at = end


def _end(text: bytes, start: int, *, is_base64: bool) -> int | None:
    """Where the file ends whose data begin at `start`; None where there are none."""
    if (ended := (_ENDED_BASE64 if is_base64 else _ENDED).match(text, start)) is not None:
        return ended.end()
    end = start
    while not is_base64 and (line := _LINE.match(text, end)) is not None and _is_whole(line):
        end = line.end()
    return end if end > start else None


def _is_whole(line: re.Match[bytes]) -> bool:
    octets = line[1][0] - 32
    return (octets * 4 + 2) // 3 <= len(line[2]) <= (octets + 2) // 3 * 4 + _checksum_octets_max
