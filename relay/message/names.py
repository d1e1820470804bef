"""The withheld words of a name in running text. What is masked and what stays is told at `identity.NameParts`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.message.identity import NameParts, is_telling
from relay.message.normal import Normal, folded, is_boundary, is_visible

_BETWEEN_WORDS: Final = re.compile(r"[\s>|.,]{1,8}")
_BESIDE: Final = re.compile(r"[\s>|.,\"'’()_\-]{0,6}")
_OF_A_HOST: Final = re.compile(r"\.\w")
_WITHOUT_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa"}
    | {"Ø": "Oe", "Æ": "Ae"}
)
_AS_UMLAUTS: Final = {"ae": "ä", "oe": "ö", "ue": "ü", "Ae": "Ä", "Oe": "Ö", "Ue": "Ü"}
_UMLAUTS: Final = re.compile("|".join(_AS_UMLAUTS))
_between_characters_max: Final = 10


@dataclass(frozen=True, slots=True)
class _Hit:
    """One withheld word at [start, end) of the normal form; `word` is its place in the name, `booked` its spelling."""

    start: int
    end: int
    word: int
    booked: str


class NameFinder:
    """Finds what `NameParts` withholds. `any_case`: in a title, such as a file's name, capitals say nothing."""

    def __init__(self, parts: NameParts, *, any_case: bool = False) -> None:
        self._parts = parts
        self._any_case = any_case
        self._words = tuple((folded(form), place, form) for place, word in enumerate(parts.withheld) for form in _spellings(word))
        first = (parts.first,) if parts.first and parts.first_is_withheld else ()
        self._sought = tuple(dict.fromkeys((*(word for word, _, _ in self._words), *first)))
        self._size = len(parts.withheld)
        self._with_umlauts = frozenset(map(_with_umlauts, parts.withheld)) - frozenset(parts.withheld)
        """Spellings that count as such alone: who is booked as Huemer may be a Hümer, and is no Humer."""

    def might_stand(self, normal: str) -> bool:
        """Whether a withheld word stands in a normal form, be it inside of another one."""
        for word in self._sought:  # noqa: SIM110 (asked for every piece of every link: a generator costs three times as much)
            if word in normal:
                return True
        return False

    def spans(self, text: Normal) -> Iterator[tuple[int, int]]:
        """Where withheld words stand, as positions of the original text, in order."""
        if not self.might_stand(text.text):
            return
        spans = sorted(span for run in _runs(text.text, self._hits(text)) for span in self._masked(text, run))
        if self._parts.first_is_withheld:
            spans = sorted([*spans, *self._first_names(text)])
        yield from spans

    def _hits(self, text: Normal) -> list[_Hit]:
        is_whole = self._is_whole_in_title if self._any_case else _is_whole_word
        hits: list[_Hit] = []
        for word, place, booked in self._words:
            at = text.text.find(word)
            while at >= 0:
                end = at + len(word)
                if is_whole(text, at, end):
                    hit = _Hit(at, end, place, booked)
                    # `writer.example` is a host, and `@writer` somebody else's handle, whoever stands beside it.
                    is_elsewhere = _OF_A_HOST.match(text.text, end) or text.text[at - 1 : at] == "@"
                    if not is_elsewhere or self._is_as_booked(text, hit):
                        hits.append(hit)
                at = text.text.find(word, end)
        return sorted(hits, key=lambda hit: (hit.start, -hit.end))

    def _is_whole_in_title(self, text: Normal, start: int, end: int) -> bool:
        """Whether a name stands for itself in a title: `bellini_2026`, `MarcoBellini.jpg`, `marcobellini.pdf` (LEAK-51)."""
        normal = text.text
        if self._is_grown_together(normal, start, end):
            return True
        first, last = text.span(start, end)
        original = text.original
        begins = start == 0 or not normal[start - 1].isalpha() or (original[first].isupper() and original[first - 1].islower())
        ends = end == len(normal) or not normal[end].isalpha() or (original[last - 1].islower() and original[last].isupper())
        return begins and ends

    def _is_grown_together(self, normal: str, start: int, end: int) -> bool:
        """Whether the first name and this word make one word of their own, as user names do. What else stands beside a last
        name in a longer word is no name: somebody is called Martin, and the file `martinique`."""
        first = self._parts.first
        if not first:
            return False
        before, after = start - len(first), end + len(first)
        return (normal.startswith(first, max(before, 0)) and before >= 0 and _is_word_of_letters(normal, before, end)) or (
            normal.startswith(first, end) and _is_word_of_letters(normal, start, after)
        )

    def _masked(self, text: Normal, run: list[_Hit]) -> Iterator[tuple[int, int]]:
        if self._is_beside_the_first_name(text.text, run[0].start, run[-1].end):
            yield text.span(run[0].start, run[-1].end)
            return
        if not self._parts.stands_alone:
            return
        size = self._size
        at = 0
        while at + size <= len(run):
            window = run[at : at + size]
            if [hit.word for hit in window] == list(range(size)) and all(self._is_as_booked(text, hit) for hit in window):
                yield text.span(window[0].start, window[-1].end)
                at += size
            else:
                at += 1

    def _is_as_booked(self, text: Normal, hit: _Hit) -> bool:
        if self._any_case:
            return True
        start, end = text.span(hit.start, hit.end)
        written = text.original[start:end]
        if unicodedata.normalize("NFC", written) in {hit.booked, hit.booked.upper()}:
            return True
        if hit.booked in self._with_umlauts:
            return False
        shape = _shape(written)
        return shape == _shape(hit.booked) or all(shape)

    def _is_beside_the_first_name(self, normal: str, start: int, end: int) -> bool:
        first = self._parts.first
        if not first:
            return False
        before = normal[max(0, start - _between_characters_max) : start][::-1]
        gap = _BESIDE.match(before)
        left = start - (gap.end() if gap else 0)
        if left < start and _ends_with_word(normal, left, first):
            return True
        # A middle initial: `Ann M. Writer`.
        initial = re.search(r"(?<!\w)\w\.?\s{1,3}$", normal[max(0, start - 8) : start])
        if initial and _ends_with_word(normal, start - len(initial[0]) - 1, first):
            return True
        following = _BESIDE.match(normal, end)
        right = following.end() if following else end
        return right > end and normal.startswith(first, right) and _is_whole(normal, right, right + len(first))

    def _first_names(self, text: Normal) -> Iterator[tuple[int, int]]:
        first, normal = self._parts.first, text.text
        at = normal.find(first) if is_telling(first) else -1
        while at >= 0:
            end = at + len(first)
            if _is_whole(normal, at, end):
                start, stop = text.span(at, end)
                if not text.original[start:stop].islower():
                    yield start, stop
            at = normal.find(first, end)


def _spellings(word: str) -> tuple[str, ...]:
    """A word of a name, and how it is written where a keyboard has no such letters: Müller, Mueller."""
    composed = unicodedata.normalize("NFC", word)
    return tuple(dict.fromkeys((word, composed.translate(_WITHOUT_UMLAUTS), _with_umlauts(word))))


def _with_umlauts(word: str) -> str:
    """A word of a name as it may have been before a booking system had it: Mueller for Müller."""
    return _UMLAUTS.sub(lambda found: _AS_UMLAUTS[found[0]], word)


def _is_word_of_letters(normal: str, start: int, end: int) -> bool:
    """Whether no letter stands on either side: in a title digits and underscores set words apart."""
    return not (start > 0 and normal[start - 1].isalpha()) and not (end < len(normal) and normal[end].isalpha())


def _runs(normal: str, hits: list[_Hit]) -> Iterator[list[_Hit]]:
    """Withheld words that follow one another with nothing but white space or a comma between."""
    run: list[_Hit] = []
    for hit in hits:
        if run and hit.start < run[-1].end:
            continue
        if run and not _BETWEEN_WORDS.fullmatch(normal, run[-1].end, hit.start):
            yield run
            run = []
        run.append(hit)
    if run:
        yield run


def _is_whole_word(text: Normal, start: int, end: int) -> bool:
    return _is_whole(text.text, start, end)


def _is_whole(normal: str, start: int, end: int) -> bool:
    return (start == 0 or is_boundary(normal[start - 1], normal[start])) and (
        end == len(normal) or is_boundary(normal[end - 1], normal[end])
    )


def _ends_with_word(normal: str, end: int, word: str) -> bool:
    start = end - len(word)
    return start >= 0 and normal.startswith(word, start) and (start == 0 or is_boundary(normal[start - 1], normal[start]))


def _shape(word: str) -> tuple[bool, ...]:
    """Which letters are capitals, whatever accents or unseen signs stand between them."""
    return tuple(char.isupper() for char in word if char.isalpha() and is_visible(char))
