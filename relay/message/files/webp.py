"""WebP: chunks that do not make the picture go, the others keep their octets (RFC 9649 §2, LEAK-60)."""

from __future__ import annotations

from typing import Final

from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.exif import turn_alone
from relay.message.files.profile import profile_tells
from relay.message.files.riff import HEADER_OCTETS, Chunk, chunks

_FEATURES: Final = b"VP8X"
_EXIF: Final = b"EXIF"
_XMP: Final = b"XMP "
_PROFILE: Final = b"ICCP"
_FRAME: Final = b"ANMF"
_FRAME_HEADER_OCTETS: Final = 16
_KEPT: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM"))
_FLAGS: Final = {_EXIF: 0x08, _XMP: 0x04, _PROFILE: 0x20}
"""The bits in VP8X that announce a chunk."""
_TAKEN: Final = {_EXIF: "place and camera", _XMP: "description", _PROFILE: "colour profile"}
_NOTE: Final = "note of a program"
_EXIF_OF_JPEG: Final = b"Exif\0\0"
"""Some programs write it here too."""


def is_webp(octets: bytes) -> bool:
    return octets.startswith(b"RIFF") and octets[8:12] == b"WEBP"


def clean_webp(octets: bytes, tells: Tells) -> Cleaned:
    """The picture with its colours and how to turn it, and nothing else. Raises Unreadable where no chunk stands."""
    length = int.from_bytes(octets[4:8], "little")
    end = min(8 + length + length % 2, len(octets))
    pieces: list[bytes] = []
    taken: list[str] = []
    gone = set(_FLAGS)
    for chunk in chunks(octets, HEADER_OCTETS, end):
        whole = octets[chunk.begin : chunk.end]
        stays = _stays(octets, chunk, tells)
        pieces.append(stays)
        if stays:
            gone.discard(chunk.name)
        if stays != whole:
            taken.append(_TAKEN.get(chunk.name, _NOTE))
    if end < len(octets):
        taken.append("what stood behind the picture")
    if not taken:
        return Cleaned(octets)
    if pieces and pieces[0].startswith(_FEATURES):
        pieces[0] = _without(pieces[0], gone)
    inside = b"".join(pieces)
    return Cleaned(b"RIFF" + (4 + len(inside)).to_bytes(4, "little") + b"WEBP" + inside, tuple(dict.fromkeys(taken)))


def _stays(octets: bytes, chunk: Chunk, tells: Tells) -> bytes:
    """What stays of a chunk, with its header."""
    whole, content = octets[chunk.begin : chunk.end], octets[chunk.content : chunk.ends]
    if chunk.name in _KEPT or (chunk.name == _PROFILE and not profile_tells(content, tells)):
        return whole
    if chunk.name == _EXIF:
        turn = turn_alone(content.removeprefix(_EXIF_OF_JPEG))
        return _EXIF + len(turn).to_bytes(4, "little") + turn if turn else b""
    if chunk.name == _FRAME:
        begin = chunk.content + _FRAME_HEADER_OCTETS
        inside = [(one.name in _KEPT, octets[one.begin : one.end]) for one in chunks(octets, begin, chunk.ends)]
        if not all(is_kept for is_kept, _ in inside):
            frame = octets[chunk.content : begin] + b"".join(piece for is_kept, piece in inside if is_kept)
            return _FRAME + len(frame).to_bytes(4, "little") + frame
        return whole
    return b""


def _without(features: bytes, gone: set[bytes]) -> bytes:
    """VP8X which does not announce chunks that went."""
    flags = features[8:9]
    return features[:8] + bytes(one & ~sum(_FLAGS[name] for name in gone) for one in flags) + features[9:]
