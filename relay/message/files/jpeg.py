"""JPEG: segments that do not make the picture go, the others keep their octets (ITU T.81 B.1, LEAK-60)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.exif import turn_alone
from relay.message.files.numbers import number_at
from relay.message.files.profile import profile_tells

segments_max: Final = 20_000

_BEGIN: Final = b"\xff\xd8"
_SCAN: Final = 0xDA
_END: Final = 0xD9
_STRAY: Final = 0
_BEHIND: Final = -1
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment: TEM, restarts, and another begin."""
_DRAWN: Final = frozenset({*range(0xC0, 0xD8), *range(0xDA, 0xE0), 0xF7, 0xF8}) | {0x01, _END}
"""Tables, frames, scans, restarts: what the picture is made of."""
_EXIF: Final = (0xE1, b"Exif\0")
_EXIF_HEADER: Final = b"Exif\0\0"
_PROFILE: Final = (0xE2, b"ICC_PROFILE\0")
_PROFILE_HEADER_OCTETS: Final = 14
_JFIF: Final = (0xE0, b"JFIF\0")
_ADOBE: Final = (0xEE, b"Adobe")
_KEPT: Final = (_JFIF, _PROFILE, _ADOBE)
"""(marker, how it begins) of the application segments without which colours or proportions are wrong."""
_jfif_octets: Final = 12
_NO_THUMBNAIL: Final = b"\0\0"
_adobe_octets: Final = 12
"""What the two say about the picture (JFIF 1.02, Adobe TN 5116). More is a small picture of its own, or nothing of theirs."""
_TAKEN: Final = (
    (*_EXIF, "place and camera"),
    (0xE1, b"http://ns.adobe.com/", "description"),
    (0xE2, b"MPF\0", "list of further pictures"),
    (*_PROFILE, "colour profile"),
    (0xED, b"", "description"),
    (0xFE, b"", "comment"),
    (_BEHIND, b"", "what stood behind the picture"),
)
"""(marker, how it begins, what people call it) of what goes; anything else that does is a note of some program."""
_NOTE: Final = "note of a program"

_MARKER: Final = re.compile(rb"\xff[\x01-\xfe]")
_MARKER_IN_SCAN: Final = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""Within a scan 0xFF stands before nothing else but zeros and restarts."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A marker with all that belongs to it; `content` is what its length takes in."""

    marker: int
    octets: bytes = field(repr=False)
    content: bytes = field(repr=False, default=b"")

    def is_one(self, kind: tuple[int, bytes]) -> bool:
        marker, beginning = kind
        return self.marker == marker and self.content.startswith(beginning)

    @property
    def name(self) -> str:
        return next((name for marker, beginning, name in _TAKEN if self.is_one((marker, beginning))), _NOTE)


def is_jpeg(octets: bytes) -> bool:
    return octets.startswith(_BEGIN + b"\xff")


def clean_jpeg(octets: bytes, tells: Tells) -> Cleaned:
    """The picture with its colour profile, its density and how to turn it, and nothing else. Raises Unreadable where segments
    overrun.

    What stands behind the end goes too: further pictures (CIPA DC-007) and films have descriptions of their own.
    """
    segments = tuple(_segments(octets))
    profile = b"".join(one.content[_PROFILE_HEADER_OCTETS:] for one in segments if one.is_one(_PROFILE))
    kept = tuple(kind for kind in _KEPT if kind != _PROFILE or not profile_tells(profile, tells))
    pieces = [_BEGIN]
    taken: list[str] = []
    is_turned = False
    for one in segments:
        stays = one.octets
        if one.is_one(_EXIF) and not is_turned:
            stays = _turned(one.content)
            is_turned = bool(stays)
        elif one.marker not in _DRAWN and not any(map(one.is_one, kept)):
            stays = b""
        elif one.is_one(_JFIF):
            stays = _cut(one, one.content[:_jfif_octets] + _NO_THUMBNAIL)
        elif one.is_one(_ADOBE):
            stays = _cut(one, one.content[:_adobe_octets])
        pieces.append(stays)
        if stays != one.octets:
            taken.append(one.name)
    return Cleaned(b"".join(pieces), tuple(dict.fromkeys(taken)))


def _cut(segment: _Segment, content: bytes) -> bytes:
    """The segment with that content; its very octets when it has no other, or is shorter than its format wants."""
    if segment.content == content or len(segment.content) < len(content):
        return segment.octets
    return b"\xff" + bytes((segment.marker,)) + (len(content) + 2).to_bytes(2, "big") + content


def _segments(octets: bytes) -> Iterator[_Segment]:
    at = len(_BEGIN)
    for _ in range(segments_max):
        found = _MARKER.search(octets, at)
        if found is None:
            if at < len(octets):
                raise Unreadable("what follows is no segment of the picture")
            return
        if octets[at : found.start()].strip(b"\xff"):
            # Programs skip junk up to the next marker. Filling of 0xFF belongs there (B.1.1.2).
            yield _Segment(_STRAY, octets[at : found.start()])
            at = found.start()
        marker = octets[found.end() - 1]
        end = content = found.end()
        if marker not in _ALONE and marker != _END:
            content = end + 2
            end += max(number_at(octets, end, 2), 2)
            if end > len(octets):
                raise Unreadable("a segment of the picture breaks off")
        drawn = end
        if marker == _SCAN:
            following = _MARKER_IN_SCAN.search(octets, end)
            drawn = following.start() if following else len(octets)
        yield _Segment(marker, octets[at:drawn], octets[content:end])
        if marker == _END:
            if end < len(octets):
                yield _Segment(_BEHIND, octets[end:])
            return
        at = drawn
    raise Unreadable("the picture has too many segments")


def _turned(content: bytes) -> bytes:
    """The segment that turns the picture as this one does."""
    turn = turn_alone(content[len(_EXIF_HEADER) :])
    if not turn:
        return b""
    inside = _EXIF_HEADER + turn
    return b"\xff\xe1" + (len(inside) + 2).to_bytes(2, "big") + inside
