"""Two texts side by side, line by line, and what is not the same in them word by word (AR-2, the tab Changes)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

lines_max: Final = 500
line_characters_max: Final = 600
around: Final = 3
"""Lines that are the same, beside those that are not."""
BLACK: Final = "███"
"""What stands for words that the reader may not see."""

_WORDS: Final = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line."""

    text: str = field(repr=False)
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line on both sides; none where it has nothing across."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    is_changed: bool
    is_gap: bool = False
    """Lines that are the same were left out here."""


def rows(left: str, right: str, *, reveal: bool) -> tuple[Row, ...]:
    """`left` as it was written, `right` as it was delivered. Unless `reveal`, what is on the left alone is blackened."""
    here, there = _lines(left), _lines(right)
    match = difflib.SequenceMatcher(None, here, there, autojunk=False)
    found: list[Row] = []
    for number, group in enumerate(match.get_grouped_opcodes(around)):
        if number:
            found.append(Row((), (), is_changed=False, is_gap=True))
        for tag, i, j, k, m in group:
            if tag == "equal":
                same = [(Piece(line, is_changed=False),) for line in here[i:j]]
                found += [Row(one, one, is_changed=False) for one in same if one[0].text]
            else:
                found += _changed(here[i:j], there[k:m], reveal=reveal)
    return tuple(found)


def _changed(here: Sequence[str], there: Sequence[str], *, reveal: bool) -> Iterator[Row]:
    for place in range(max(len(here), len(there))):
        left = here[place] if place < len(here) else ""
        right = there[place] if place < len(there) else ""
        if not left and not right:
            continue
        yield Row(*_pieces(left, right, reveal=reveal), is_changed=True)


def _pieces(left: str, right: str, *, reveal: bool) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    here, there = _WORDS.findall(left), _WORDS.findall(right)
    on_left: list[Piece] = []
    on_right: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        is_changed = tag != "equal"
        if i < j:
            text = "".join(here[i:j])
            on_left.append(Piece(text if reveal or not is_changed or not text.strip() else BLACK, is_changed))
        if k < m:
            on_right.append(Piece("".join(there[k:m]), is_changed))
    return tuple(on_left), tuple(on_right)


def _lines(text: str) -> list[str]:
    return [line.rstrip()[:line_characters_max] for line in text.split("\n")[:lines_max]]
