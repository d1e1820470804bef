"""Showing where a hit is: in what people wrote, not in the folded words that were looked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.store.folding import places
from relay.store.terms import Words

searched_characters_max: Final = 16 * 1024
"""Of a text, as far as a hit is looked for to be shown: folding a long one takes longer than finding it did."""
_BEFORE_HIT: Final = 60
"""Characters shown before the first hit."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of what people wrote; `hit`: this is what was looked for."""

    text: str = field(repr=False)
    hit: bool = False


def highlighted(text: str, looked_for: Sequence[Words], characters: int | None = None) -> tuple[Span, ...]:
    """`text` on one line, in pieces; with `characters`, only about so many of them around the first hit."""
    line = " ".join(unicodedata.normalize("NFC", text[:searched_characters_max]).split())
    hits = list(_hits(line, looked_for))
    if characters is None or len(line) <= characters:
        return tuple(_spans(line, 0, len(line), hits))
    start = _word_start(line, max(0, hits[0][0] - _BEFORE_HIT)) if hits else 0
    end = min(len(line), start + characters)
    spans = list(_spans(line, start, end, hits))
    return (*([Span("… ")] if start else []), *spans, *([Span(" …")] if end < len(line) else []))


def _hits(line: str, looked_for: Sequence[Words]) -> Iterator[tuple[int, int]]:
    """Where the terms stand in `line`, from left to right, none inside another."""
    if not looked_for:
        return
    tokens = [(start, end, word) for start, end, folded in places(line) for word in folded]
    first_words = tuple({term.shown[0] for term in looked_for})
    at = 0
    while at < len(tokens):
        length = 0
        # Nearly every word is none that a term begins with.
        if tokens[at][2].startswith(first_words):
            length = max((len(term.shown) for term in looked_for if _stands(term, tokens, at)), default=0)
        if length:
            yield tokens[at][0], tokens[at + length - 1][1]
        at += length or 1


def _stands(term: Words, tokens: Sequence[tuple[int, int, str]], at: int) -> bool:
    """Whether the words of `term` stand at place `at`."""
    if at + len(term.shown) > len(tokens):
        return False
    *rest, last = term.shown
    if any(tokens[at + n][2] != word for n, word in enumerate(rest)):
        return False
    found = tokens[at + len(rest)][2]
    return found.startswith(last) if term.begun else found == last


def _word_start(line: str, at: int) -> int:
    space = line.find(" ", at)
    return space + 1 if at and 0 <= space < at + _BEFORE_HIT else at


def _spans(line: str, start: int, end: int, hits: Sequence[tuple[int, int]]) -> Iterator[Span]:
    at = start
    for begins, ends in hits:
        if begins < at or ends > end:
            continue
        if begins > at:
            yield Span(line[at:begins])
        yield Span(line[begins:ends], hit=True)
        at = ends
    if at < end:
        yield Span(line[at:end])
