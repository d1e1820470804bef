"""File names as they may cross: decoded, without paths and controls, masked (LEAK-51)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

file_name_characters_max: Final = 120

_PATH: Final = re.compile(r".*[/\\]", re.DOTALL)
_ENDING: Final = re.compile(r"[A-Za-z0-9]{1,8}")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\"<>|*?]")


def crossing_file_name(written: str | None, mask: Callable[[str], str], tells: Callable[[str], bool]) -> str | None:
    """The name of a file for the other party; None when it had none, or nothing of it may cross.

    A path tells whose machine it was, and what follows its last separator is the name that people know. `tells`: whether an
    address or a domain of a party stands in a text. One may be all of the name, which then has no ending.
    """
    if written is None:
        return None
    bare = _UNSAFE.sub("", _PATH.sub("", written)).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if not stem or not _ENDING.fullmatch(ending) or (tells(bare) and not tells(stem)):
        stem, dot, ending = bare, "", ""
    # The ending apart, or it would be taken for the end of an address before it.
    masked = _UNSAFE.sub("", mask(stem)).strip(" ")
    masked = f"{masked[: file_name_characters_max - len(dot + ending)]}{dot}{ending}" if masked else ""
    return masked or None
