"""Colour profiles: they stay, for without them colours are wrong, unless a text in them tells who somebody is (ICC.1 §7)."""

from __future__ import annotations

from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Tells
from relay.message.files.numbers import number_at

tags_max: Final = 200
"""Of one profile; usual ones have about fifteen."""
text_octets_max: Final = 64 * 1024
"""Of one text; longer ones are not read to their end."""

_TABLE: Final = 128
_ENTRY_OCTETS: Final = 12
_TEXTS: Final = frozenset({b"desc", b"text", b"mluc"})


def profile_tells(profile: bytes, tells: Tells) -> bool:
    """Whether a name or another text in the profile holds an identifier: calibration software names screens and their owners."""
    try:
        count = min(number_at(profile, _TABLE, 4), tags_max)
        for place in range(count):
            entry = _TABLE + 4 + place * _ENTRY_OCTETS
            begin, length = number_at(profile, entry + 4, 4), number_at(profile, entry + 8, 4)
            if profile[begin : begin + 4] in _TEXTS:
                text = profile[begin + 8 : begin + min(length, text_octets_max)]
                # UTF-16 without its NULs is Latin-1, for what identifiers are made of.
                if tells(text.replace(b"\0", b"").decode("latin-1")):
                    return True
    except Unreadable:
        return False
    return False
