"""What searching a text comes to: edits, and the text after them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from relay.message.treatment import Treatment


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
    """What software wrote into a file about people (leaks.md section 5)."""
    PHONE = "phone number"
    IBAN = "bank account"


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was seen and stays where it is, by policy: marked, or a reason to hold the message (LEAK-24, LEAK-25)."""

    kind: Kind
    treatment: Treatment


Noticed = Kind | Left
"""What a search comes upon: something that is taken out, or something that is left."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [start, end) by `text`. Without a kind, that piece stays as it is and nothing else may touch it.

    What is `Left` stays as well: its text is what stands there.
    """

    start: int
    end: int
    text: str = field(repr=False)
    kind: Noticed | None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without identifiers. `removals` has one entry for each thing taken out, or seen and left; never what it was."""

    text: str = field(repr=False)
    removals: tuple[Noticed, ...] = ()

    @property
    def left(self) -> tuple[Left, ...]:
        """What was seen and left."""
        return tuple(one for one in self.removals if isinstance(one, Left))


def changes(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that change something."""
    return [edit for edit in edits if isinstance(edit.kind, Kind)]


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
