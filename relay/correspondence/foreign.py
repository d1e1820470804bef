"""Words of other people, made fit to stand in a mail that we write: a subject, the name of a file, a Message-ID.

They are hostile until shown otherwise: line breaks that would begin a header field, characters that turn the reading
direction, addresses that our mail must not spread (LEAK-8, LEAK-86).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from relay.values import MsgId, RealAddress

_SCANNED_CHARACTERS_MAX: Final = 2_000
"""Nobody reads further, and a header line may be a megabyte."""
_DROPPED_CATEGORIES: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
"""Formatting (bidi controls, zero width, tags), lone surrogates, private use, unassigned."""
_BLANK_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})
_KEPT: Final = frozenset("\u200d")
"""The joiner holds composed emoji together, and is harmless alone."""
_COMBINING_MAX: Final = 4
"""Marks on one letter: languages need two or three; a hundred climb over the lines around them."""
_ELLIPSIS: Final = "…"
_AT_SIGNS: Final = re.compile("[@\uff20\ufe6b]")
_MSG_ID: Final = re.compile(r"[!-;=?-~]{1,900}")


def shown(text: str, characters_max: int) -> str:
    """`text` in one printable line of at most `characters_max`; each word with an at sign becomes an ellipsis."""
    line = " ".join(_printable(text[:_SCANNED_CHARACTERS_MAX]).split())
    words = (_ELLIPSIS if _AT_SIGNS.search(word) else word for word in line.split(" "))
    line = " ".join(words)
    return line if len(line) <= characters_max else line[: characters_max - 1].rstrip() + _ELLIPSIS


def paragraphs(text: str, lines_max: int) -> tuple[str, ...]:
    """`text` of several lines in printable lines, at most `lines_max`, without empty ones; an ellipsis stands for the rest."""
    lines = text.splitlines()
    kept = [line for line in (shown(one, _SCANNED_CHARACTERS_MAX) for one in lines[:_SCANNED_CHARACTERS_MAX]) if line]
    return tuple(kept) if len(kept) <= lines_max else (*kept[: lines_max - 1], _ELLIPSIS)


def shown_address(address: RealAddress, characters_max: int) -> str:
    """`address` in one printable word of at most `characters_max`, its domain as DNS has it: two that look alike differ."""
    local = "".join(_printable(address.reveal().rpartition("@")[0]).split())
    word = f"{local}@{address.domain}"
    return word if len(word) <= characters_max else word[: characters_max - 1] + _ELLIPSIS


def quotable(identifier: MsgId | None) -> MsgId | None:
    """`identifier` when it can stand in a header field of ours as it is: printable ASCII, no space, no bracket."""
    return identifier if identifier is not None and _MSG_ID.fullmatch(identifier) else None


def _printable(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in _BLANK_CATEGORIES:
            kept.append(" ")
        elif (category not in _DROPPED_CATEGORIES and marks <= _COMBINING_MAX) or character in _KEPT:
            kept.append(character)
    return "".join(kept)
