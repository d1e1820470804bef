"""GIF: comments, texts and descriptions go, the pictures keep their octets (GIF89a §12 to §27, LEAK-60)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells

blocks_max: Final = 50_000
sub_blocks_max: Final = 4_000_000

_BEGIN: Final = (b"GIF87a", b"GIF89a")
_HEADER_OCTETS: Final = 13
_IMAGE: Final = 0x2C
_EXTENSION: Final = 0x21
_END: Final = 0x3B
_BEHIND: Final = -1
_CONTROL: Final = 0xF9
_APPLICATION: Final = 0xFF
_KEPT: Final = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0", b"\x0bICCRGBG1012")
"""The applications that say how often to show an animation, and in which colours."""
_TAKEN: Final = {0xFE: "comment", 0x01: "text", _BEHIND: "what stood behind the picture"}
_NOTE: Final = "note of a program"


@dataclass(frozen=True, slots=True)
class _Block:
    """A block with its sub-blocks; `label` is that of an extension, or how the block begins."""

    label: int
    octets: bytes = field(repr=False)

    @property
    def stays(self) -> bool:
        if self.label == _APPLICATION:
            return self.octets[2:].startswith(_KEPT)
        return self.label in {_IMAGE, _CONTROL, _END}


def is_gif(octets: bytes) -> bool:
    return octets.startswith(_BEGIN)


def clean_gif(octets: bytes, _tells: Tells) -> Cleaned:
    """The pictures with their timing, and nothing else. Raises Unreadable where something stands that is no block."""
    header = _HEADER_OCTETS + _colours(octets[10:11])
    pieces = [octets[:header]]
    taken: list[str] = []
    for block in _blocks(octets, header):
        if block.stays:
            pieces.append(block.octets)
        else:
            taken.append(_TAKEN.get(block.label, _NOTE))
    return Cleaned(b"".join(pieces), tuple(dict.fromkeys(taken)))


def _blocks(octets: bytes, at: int) -> Iterator[_Block]:
    """All blocks; the last one may break off, as the picture does then."""
    left = sub_blocks_max
    for _ in range(blocks_max):
        if at >= len(octets):
            return
        kind = octets[at]
        if kind == _END:
            yield _Block(_END, octets[at : at + 1])
            if at + 1 < len(octets):
                yield _Block(_BEHIND, octets[at + 1 :])
            return
        if kind == _EXTENSION and at + 1 < len(octets):
            label, end = octets[at + 1], at + 2
        elif kind == _IMAGE:
            label, end = _IMAGE, at + 11 + _colours(octets[at + 9 : at + 10])
        else:
            raise Unreadable("what follows is no block of the picture")
        while end < len(octets) and octets[end]:
            end += 1 + octets[end]
            left -= 1
            if not left:
                raise Unreadable("the picture has too many blocks")
        yield _Block(label, octets[at : end + 1])
        at = end + 1
    raise Unreadable("the picture has too many blocks")


def _colours(packed: bytes) -> int:
    """Octets of the table of colours that follows."""
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0
