"""RTF: the groups that name people, companies and machines are emptied; what the reader sees stays (LEAK-63)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.message.charsets import decoded_octets
from relay.message.files.cleaned import Cleaned, Tells

group_octets_max: Final = 20_000
"""Longer ones hold more than a name: they stay, for the second reading to judge."""

STAND_INS: Final = {
    b"author": b"",
    b"operator": b"",
    b"manager": b"",
    b"company": b"",
    b"staticval": b"",
    b"linkval": b"",
    b"atnauthor": b" Author",
    b"atnid": b" A",
}
"""What stands in a group that is of people by its kind: properties, values that somebody defined, authors of notes."""
TELLING: Final = (b"title", b"subject", b"keywords", b"doccomm", b"category", b"hlinkbase", b"template", b"docvar", b"falt")
"""Groups that are emptied when they tell, or are a path on somebody's machine."""

_START: Final = b"{\\rtf"
_GROUP: Final = re.compile(rb"\{(?:\\\*)?\s{0,9}\\(%b)(?![a-z])" % b"|".join((*STAND_INS, *TELLING)))
_REVISIONS: Final = re.compile(rb"\{\\\*\s{0,9}\\revtbl(?![a-z])")
_BRACE: Final = re.compile(rb"\\.|[{}]", re.DOTALL)
_NAME: Final = re.compile(rb"(?<=\{)[^{}]+(?=;\})")
_ESCAPED: Final = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?[0-9]{1,6}) ?(?:\\'[0-9a-fA-F]{2}|[^\\{}])?|\\([\\{}])|\\[a-z]{1,32}-?[0-9]{0,10} ?|[{}\r\n]"
)
_PATH: Final = re.compile(r"\s*(?:[A-Za-z]:[\\/]|\\\\|/(?:home|Users|root)/)")


def is_rtf(octets: bytes) -> bool:
    return octets.startswith(_START)


def clean_rtf(octets: bytes, tells: Tells) -> Cleaned:
    """The text without names of people in its properties, notes and table of changes; else the very same octets."""
    pieces: list[bytes] = []
    done = 0
    for begin, end, after in sorted((*_in_groups(octets, tells), *_in_revisions(octets))):
        if begin >= done and octets[begin:end] != after:
            pieces += (octets[done:begin], after)
            done = end
    if not pieces:
        return Cleaned(octets)
    return Cleaned(b"".join((*pieces, octets[done:])), ("document properties",))


def _in_groups(octets: bytes, tells: Tells) -> Iterator[tuple[int, int, bytes]]:
    """(begin, end, what stands there then) of the contents of groups."""
    for found in _GROUP.finditer(octets):
        end = _end_of_group(octets, found.end())
        if end is None:
            continue
        said = _text(octets[found.end() : end])
        kind = found[1]
        if kind in STAND_INS:
            if said.strip():
                yield found.end(), end, STAND_INS[kind]
        elif said.strip() and (_PATH.match(said) or tells(said)):
            yield found.end(), end, b""


def _in_revisions(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The authors of changes. The first is nobody, and changes count their authors by place."""
    for table in _REVISIONS.finditer(octets):
        end = _end_of_group(octets, table.end())
        if end is not None:
            names = list(_NAME.finditer(octets, table.end(), end))
            yield from ((one.start(), one.end(), b"Author") for one in names if one[0].strip() != b"Unknown")


def _end_of_group(octets: bytes, at: int) -> int | None:
    """Where the brace that closes the group stands; None where it is too far away."""
    depth = 1
    for brace in _BRACE.finditer(octets, at, at + group_octets_max):
        if brace[0] in {b"{", b"}"}:
            depth += 1 if brace[0] == b"{" else -1
            if depth == 0:
                return brace.start()
    return None


def _text(content: bytes) -> str:
    """The characters of a group."""
    return decoded_octets(_ESCAPED.sub(_unescaped, content), None)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode()
    if found[2]:
        return chr(int(found[2]) % 0x10000).encode("utf-8", "replace")
    return found[3] or b""
