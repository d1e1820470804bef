"""Text in *canonical* form: every way to write @ or a dot is that sign, and line breaks are gone (LEAK-27, LEAK-29)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.message.normal import folded, is_boundary
from relay.message.phrases import AT_WORDS, DOT_WORDS

sign_characters_max: Final = 16
"""The longest way to write @ or a dot, white space included."""
_edge_characters_max: Final = 24

_BEFORE_A_WORD: Final = frozenset(" \t\r\n>|([{<«_*~-")
_AFTER_A_WORD: Final = r" \t\r\n>|)\]}»_*~\-"
"""What may stand right beside a word that says @ or dot: white space, perhaps of a wrapped and quoted line, or brackets."""


def any_of(words: Sequence[str]) -> str:
    """The pattern of any of `words`, in the normal form, the longest first."""
    return "|".join(_by_length(words))


def _by_length(words: Sequence[str]) -> list[str]:
    return sorted({re.escape(folded(word)) for word in words}, key=len, reverse=True)


def _escapes(code: int, entity: str) -> str:
    return rf"={code:02x}|%(?:25){{0,3}}{code:02x}|&#0{{0,6}}{code};|&#x0{{0,6}}{code:02x};|&{entity};"


_AT: Final = _escapes(0x40, "commat")
_DOT: Final = r"\.(?![^\W_])|\.(?<![^\W_].)"
"""Between letters, where most stand, it is as it should be."""
_WORDS: Final = "|".join(f"{word}(?=[{_AFTER_A_WORD}])" for word in _by_length((*AT_WORDS, *DOT_WORDS)))
_SIGN: Final = re.compile(rf"@|{_DOT}|\n|{_AT}|{_escapes(0x2E, 'period')}|{_WORDS}")
"""Every branch begins with a literal, and none is a group: so the engine skips to where one can begin."""
_IS_AT: Final = re.compile(rf"@|{_AT}|{any_of(AT_WORDS)}")
_BLANK_BEFORE: Final = re.compile(r"(?:[ \t\r]|[ \t>|]*\n){0,6}")
"""White space and a wrapped line, read backwards."""
_BLANK_AFTER: Final = re.compile(r"(?:[ \t\r]|\n[ \t>|]*){0,6}")
_LINE_BEFORE: Final = re.compile(r"[ \t\r=]*")
_LINE_AFTER: Final = re.compile(r"[ \t>|]*")
_OPENING: Final = re.compile(r"[(\[{<«|_*~\-]{1,2}")
_CLOSING: Final = re.compile(r"[)\]}>»|_*~\-]{1,2}")


@dataclass(frozen=True, slots=True)
class Canonical:
    """A stretch of a text in canonical form; `span` leads back to that text. At `gaps` something was left out."""

    text: str = field(repr=False)
    gaps: list[int]
    """In order."""
    _begins: list[int]
    """Where each piece begins in `text`: what was taken as it is, and the signs."""
    _lefts: list[int]
    """Where each piece begins in the source."""
    _rights: list[int]
    """Where a sign ends in the source; -1 for what was taken as it is."""

    @classmethod
    def of(cls, source: str, start: int, end: int) -> Canonical:
        """The canonical form of [start, end) of a normal form."""
        pieces: list[str] = []
        begins: list[int] = []
        lefts: list[int] = []
        rights: list[int] = []
        gaps: list[int] = []
        done, size = start, 0
        for found in _SIGN.finditer(source, start, end):
            if found.start() < done or (sign := _sign_at(source, found, done, end)) is None:
                continue
            left, right, written = sign
            pieces += (source[done:left], written)
            begins += (size, size + left - done)
            lefts += (done, left)
            rights += (-1, right)
            size += left - done + len(written)
            if right - left > len(written):
                gaps += dict.fromkeys((size - len(written), size))
            done = right
        pieces.append(source[done:end])
        begins.append(size)
        lefts.append(done)
        rights.append(-1)
        return cls("".join(pieces), gaps, begins, lefts, rights)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the piece [start, end), not empty, stands in the source."""
        first = bisect_right(self._begins, start) - 1
        last = bisect_right(self._begins, end - 1) - 1
        left = self._lefts[first] + (start - self._begins[first] if self._rights[first] < 0 else 0)
        right = self._rights[last]
        return left, right if right >= 0 else self._lefts[last] + end - self._begins[last]

    def is_free(self, start: int, end: int) -> bool:
        """Whether a word could begin and end there."""
        before = start == 0 or self._has_gap(start) or is_boundary(self.text[start - 1], self.text[start])
        return before and (end == len(self.text) or self._has_gap(end) or is_boundary(self.text[end - 1], self.text[end]))

    def gaps_within(self, start: int, end: int) -> list[int]:
        """The gaps behind `start` and before `end`: nobody may go through all of them for each sign of a long text."""
        return self.gaps[bisect_right(self.gaps, start) : bisect_left(self.gaps, end)]

    def _has_gap(self, at: int) -> bool:
        place = bisect_left(self.gaps, at)
        return place < len(self.gaps) and self.gaps[place] == at


def _sign_at(source: str, found: re.Match[str], floor: int, end: int) -> tuple[int, int, str] | None:
    """Where the sign stands with all that belongs to it, and what it is in canonical form; None for words in prose."""
    floor = max(floor, found.start() - _edge_characters_max)
    said = found[0]
    if said == "\n":
        before = _LINE_BEFORE.match(source[floor : found.start()][::-1])
        after = _LINE_AFTER.match(source, found.end(), end)
        return found.start() - (before.end() if before else 0), after.end() if after else found.end(), ""
    is_word = said[0].isalpha()
    if is_word and source[found.start() - 1 : found.start()] not in _BEFORE_A_WORD:
        return None
    left, right = _blanks(source, found.start(), found.end(), floor, end)
    is_apart = left < found.start() and right > found.end()
    opening = _OPENING.match(source[max(floor, left - 2) : left][::-1])
    closing = _CLOSING.match(source, right, min(end, right + 2))
    if opening and closing:
        left, right = _blanks(source, left - opening.end(), closing.end(), floor, end)
    elif is_word and not is_apart:
        return None
    return left, right, "@" if _IS_AT.fullmatch(said) else "."


def _blanks(source: str, left: int, right: int, floor: int, end: int) -> tuple[int, int]:
    before = _BLANK_BEFORE.match(source[floor:left][::-1])
    after = _BLANK_AFTER.match(source, right, end)
    return left - (before.end() if before else 0), after.end() if after else right
