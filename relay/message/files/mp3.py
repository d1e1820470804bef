"""MP3 and AAC: the tags before and behind the sound go (ID3v1, ID3v2.2 to 2.4, APEv2, Lyrics3; LEAK-63)."""

from __future__ import annotations

from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.flac import clean_flac, is_flac

tags_max: Final = 100

_ID3: Final = b"ID3"
_ID3_OCTETS: Final = 10
_ID3_FOOTER: Final = b"3DI"
_HAS_FOOTER: Final = 0x10
_APE: Final = b"APETAGEX"
_APE_OCTETS: Final = 32
_APE_HAS_HEADER: Final = 0x80
_LYRICS: Final = b"LYRICS200"
_LYRICS_END_OCTETS: Final = 15
_OLD: Final = ((b"TAG+", 227), (b"TAG", 128))
"""(how they begin, their length) of the tags of ID3v1, which stand at the very end."""
_FRAMES: Final = frozenset((0xE2, 0xE3, 0xF2, 0xF3, 0xFA, 0xFB, 0xF0, 0xF1, 0xF8, 0xF9))
"""The second octet of a frame, behind 0xFF: layer III of MPEG-1, 2 and 2.5 (ISO/IEC 11172-3 §2.4.2.3), and ADTS."""


def is_mp3(octets: bytes) -> bool:
    return _begins_frame(octets) or _tag_before(octets, 0) > 0


def clean_mp3(octets: bytes, tells: Tells) -> Cleaned:
    """The sound alone. Raises Unreadable where behind the tags no sound begins."""
    begin, end = 0, len(octets)
    for _ in range(tags_max):
        if not (length := _tag_before(octets, begin)):
            break
        begin += length
    for _ in range(tags_max):
        if not (length := _tag_behind(octets, begin, end)):
            break
        end -= length
    sound = octets[begin:end]
    if is_flac(sound):
        return Cleaned(clean_flac(sound, tells).octets, ("description",))
    if not _begins_frame(sound.lstrip(b"\0")[:2]):
        raise Unreadable("no sound stands behind the tags")
    return Cleaned(sound, ("description",)) if len(sound) < len(octets) else Cleaned(octets)


def _begins_frame(octets: bytes) -> bool:
    return octets[:1] == b"\xff" and len(octets) > 1 and octets[1] in _FRAMES


def _tag_before(octets: bytes, at: int) -> int:
    """How long the tag is that begins there; 0 where none does."""
    head = octets[at : at + _APE_OCTETS]
    if head.startswith(_ID3) and len(head) >= _ID3_OCTETS and head[3] in range(2, 5) and _is_safe(head[6:10]):
        return _ID3_OCTETS + _safe(head[6:10]) + (_ID3_OCTETS if head[5] & _HAS_FOOTER else 0)
    if head.startswith(_APE) and len(head) == _APE_OCTETS:
        return _APE_OCTETS + int.from_bytes(head[12:16], "little")
    return 0


def _tag_behind(octets: bytes, begin: int, end: int) -> int:
    """How long the tag is that ends there; 0 where none does."""
    lengths = [length for beginning, length in _OLD if octets[max(end - length, begin) : end].startswith(beginning)]
    foot = octets[max(end - _APE_OCTETS, begin) : end]
    if foot.startswith(_APE) and len(foot) == _APE_OCTETS:
        lengths.append(int.from_bytes(foot[12:16], "little") + (_APE_OCTETS if foot[23] & _APE_HAS_HEADER else 0))
    if foot.endswith(_LYRICS) and (digits := foot[-_LYRICS_END_OCTETS : -len(_LYRICS)]).isdigit():
        lengths.append(int(digits) + _LYRICS_END_OCTETS)
    if len(foot) >= _ID3_OCTETS and foot[-_ID3_OCTETS:].startswith(_ID3_FOOTER) and _is_safe(foot[-4:]):
        lengths.append(_safe(foot[-4:]) + 2 * _ID3_OCTETS)
    return next((length for length in lengths if 0 < length <= end - begin), 0)


def _is_safe(size: bytes) -> bool:
    return all(one < 0x80 for one in size)


def _safe(size: bytes) -> int:
    """A number of seven bits an octet (ID3v2.4 §6.2)."""
    return sum(one << shift for one, shift in zip(size, (21, 14, 7, 0), strict=True))
