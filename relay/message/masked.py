"""What searching a text comes to: edits, and the text after them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What was taken out, or looked at and left."""

    ADDRESS = "address"
    """An identifier of a party, or an address that nobody knows."""
    NAME = "name"
    LINK = "link"
    """A link, or the part of one, that told something."""
    IMAGE = "image"
    """An image somewhere else, which would tell who reads it and when (LEAK-45)."""
    FOOTER = "footer"
    """Our own, quoted back (GW-44)."""
    MARKUP = "markup"
    """Elements and attributes that no reader sees (LEAK-41, LEAK-42)."""
    METADATA = "metadata"
    """What software wrote into a picture about people (LEAK-46, LEAK-60)."""
    MARKED = "marked"
    """An unknown address that stays, by policy, and is counted (LEAK-24)."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [start, end) by `text`. Without a kind, that piece stays as it is and nothing else may touch it."""

    start: int
    end: int
    text: str = field(repr=False)
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without identifiers. `removals` has one entry for each thing taken out, never what it was."""

    text: str = field(repr=False)
    removals: tuple[Kind, ...] = ()


def merged(first: Sequence[Edit], second: Iterable[Edit]) -> list[Edit]:
    """Both, in order: of two that touch the same characters the one of `first` stays. Each of `first` stands free already."""
    starts = [edit.start for edit in first]
    free: list[Edit] = []
    for edit in sorted(second, key=lambda one: (one.start, -one.end)):
        before = bisect_left(starts, edit.end) - 1
        hits_first = before >= 0 and first[before].end > edit.start
        if not hits_first and not (free and free[-1].end > edit.start):
            free.append(edit)
    return sorted((*first, *free), key=lambda one: one.start) if free else list(first)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """`text` after edits that are in order and do not overlap."""
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces)
