"""WAV and AVI: chunks that say something become filling of the same length, for an index points at places (LEAK-63)."""

from __future__ import annotations

from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Tells
from relay.message.files.riff import HEADER_OCTETS, Chunk, chunks

_FORMS: Final = (b"WAVE", b"AVI ")
_FILLING: Final = frozenset((b"JUNK", b"junk", b"PAD ", b"FLLR"))
_LIST: Final = b"LIST"
_HOLDING: Final = frozenset((b"hdrl", b"strl"))
"""Lists that are looked into."""
_KEPT_LISTS: Final = frozenset((b"movi", b"odml", b"wavl"))
_KEPT: Final = frozenset(
    one.ljust(4) for one in b"fmt data fact cue plst smpl inst slnt PEAK avih strh strf indx vprp idx1".split()
)
_DESCRIPTION: Final = "description"


def is_recording(octets: bytes) -> bool:
    return octets.startswith(b"RIFF") and octets[8:12] in _FORMS


def clean_recording(octets: bytes, _tells: Tells) -> Cleaned:
    """The sound or film, every sample in its old place. Raises Unreadable where something stands that is no chunk."""
    after = bytearray(octets)
    taken: list[str] = []
    at = 0
    # A long film is several such files, one behind the other (OpenDML AVI §4).
    while octets.startswith(b"RIFF", at) and at + HEADER_OCTETS <= len(octets):
        length = int.from_bytes(octets[at + 4 : at + 8], "little")
        end = min(at + 8 + length + length % 2, len(octets))
        waiting = list(chunks(octets, at + HEADER_OCTETS, end))
        while waiting:
            one = waiting.pop()
            if one.name == _LIST and octets[one.content : one.content + 4] in _HOLDING:
                waiting += chunks(octets, one.content + 4, one.ends)
            elif not _stays(octets, one):
                after[one.begin : one.begin + 4] = b"JUNK"
                after[one.content : one.end] = bytes(one.end - one.content)
                taken.append(_DESCRIPTION)
        if end <= at + 8:
            raise Unreadable("a recording without a length")
        at = end
    if at < len(octets):
        taken.append("what stood behind the end")
    return Cleaned(bytes(after[:at]), tuple(dict.fromkeys(taken)))


def _stays(octets: bytes, one: Chunk) -> bool:
    if one.name in _FILLING:
        return octets.count(0, one.content, one.end) == one.end - one.content
    if one.name == _LIST:
        return octets[one.content : one.content + 4] in _KEPT_LISTS
    return one.name in _KEPT
