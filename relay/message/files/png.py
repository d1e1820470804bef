"""PNG: chunks that do not make the picture go, the others keep their octets (PNG §5.3, §11, LEAK-60)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.exif import turn_alone
from relay.message.files.profile import profile_tells

chunks_max: Final = 50_000
profile_octets_max: Final = 4 * 1024 * 1024
"""Of a colour profile, inflated; the rest is not looked at."""

_BEGIN: Final = b"\x89PNG\r\n\x1a\n"
_END: Final = b"IEND"
_BEHIND: Final = b""
_EXIF: Final = b"eXIf"
_PROFILE: Final = b"iCCP"
_CHUNK_OCTETS: Final = 12
"""Length, name and checksum."""
_KEPT: Final = frozenset(b"tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL fdAT oFFs sTER".split())
"""Chunks beside the critical ones that change how the picture looks, or move it."""
_TAKEN: Final = {
    _EXIF: "place and camera",
    _PROFILE: "colour profile",
    b"tEXt": "description",
    b"zTXt": "description",
    b"iTXt": "description",
    b"tIME": "time of change",
    _BEHIND: "what stood behind the picture",
}
_NOTE: Final = "note of a program"


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk with its length and checksum; of what stands behind the last one the name is empty."""

    name: bytes
    octets: bytes = field(repr=False)

    @property
    def content(self) -> bytes:
        return self.octets[8:-4]

    @property
    def is_critical(self) -> bool:
        """Whether nothing can be shown without it: its first letter is a capital (§5.4)."""
        return self.name[:1].isupper()


def is_png(octets: bytes) -> bool:
    return octets.startswith(_BEGIN)


def clean_png(octets: bytes, tells: Tells) -> Cleaned:
    """The picture with its colours, its density and how to turn it, and nothing else. Raises Unreadable where no chunk stands."""
    pieces = [_BEGIN]
    taken: list[str] = []
    for one in _chunks(octets):
        stays = b""
        if one.name == _EXIF:
            stays = _turned(one.content)
        elif one.is_critical or (one.name in _KEPT and not (one.name == _PROFILE and _profile_tells(one.content, tells))):
            stays = one.octets
        pieces.append(stays)
        if stays != one.octets:
            taken.append(_TAKEN.get(one.name, _NOTE))
    return Cleaned(b"".join(pieces), tuple(dict.fromkeys(taken)))


def _chunks(octets: bytes) -> Iterator[_Chunk]:
    """All chunks; the last one may break off, as the picture does then."""
    at = len(_BEGIN)
    for _ in range(chunks_max):
        if at == len(octets):
            return
        name = octets[at + 4 : at + 8]
        if len(name) < 4 or not name.isalpha():
            raise Unreadable("what follows is no chunk of the picture")
        end = at + int.from_bytes(octets[at : at + 4], "big") + _CHUNK_OCTETS
        yield _Chunk(name, octets[at:end])
        if name == _END:
            if end < len(octets):
                yield _Chunk(_BEHIND, octets[end:])
            return
        at = min(end, len(octets))
    raise Unreadable("the picture has too many chunks")


def _turned(exif: bytes) -> bytes:
    """The chunk that turns the picture as this one does."""
    turn = turn_alone(exif)
    return len(turn).to_bytes(4, "big") + _EXIF + turn + zlib.crc32(_EXIF + turn).to_bytes(4, "big") if turn else b""


def _profile_tells(content: bytes, tells: Tells) -> bool:
    name, _, rest = content.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(rest[1:], profile_octets_max)
    except zlib.error:
        # No program can use such a profile, and none can read it.
        profile = b""
    return tells(name.decode("latin-1")) or profile_tells(profile, tells)
