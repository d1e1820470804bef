"""The normal form, in which text is searched, with the way back to where everything stood (LEAK-29, LEAK-44).

Two layers. `Normal` folds letters: compatibility forms (NFKC), case, accents and look-alikes; what cannot be seen falls out.
`joined` drops line breaks with the white space and quote marks around them, so that an address which was wrapped, also behind
`> `, stands in one piece. Both are made by C-speed passes; positions are worked out when somebody asks, which is when something
was found. ASCII text is its own normal form but for case.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from relay.message.lookalikes import LOOKALIKES

_folds_max: Final = 50_000
"""Characters whose fold is remembered, so that hostile text cannot fill memory with the whole of Unicode."""
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0\u2065")
"""Without a glyph, and not in category Cf: joiners and fillers."""
_CIRCLED_A: Final = re.compile("[Ⓐⓐ](?=[Ⓐ-ⓩ])|(?<=[Ⓐ-ⓩ])[Ⓐⓐ]")
"""Alone it stands for an at sign; among other circled letters it is one of them."""
_LINE_ENDS: Final = {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n"}
_LEFT_OF_A_LINE: Final = " \t\r>|"
_RIGHT_OF_A_LINE: Final = " \t\r="
"""An equals sign at the end of a line is the soft break of quoted-printable that somebody forgot to decode."""


class _Folds(dict[int, str]):
    """For each code point what stands for it in the normal form; worked out when first met."""

    def __missing__(self, point: int) -> str:
        folded = _folded_character(chr(point))
        if len(self) < _folds_max:
            self[point] = folded
        return folded


def _folded_character(char: str) -> str:
    if char in _LINE_ENDS:
        return _LINE_ENDS[char]
    return "".join(
        (LOOKALIKES.get(piece) or "".join(LOOKALIKES.get(one, one) for one in piece.casefold()))
        for piece in (LOOKALIKES.get(char) or unicodedata.normalize("NFKD", char))
        if is_visible(piece)
    )


def is_visible(char: str) -> bool:
    """Whether a character has a shape of its own: no control of direction or width, no mark on the letter before."""
    return char not in _INVISIBLE and unicodedata.category(char) not in {"Cf", "Mn", "Me"}


_FOLDS: Final = _Folds()
_replaced_max: Final = 40
"""Kinds of characters that are replaced one after the other: each takes a pass over the text."""
_ASCII: Final = bytes(range(0x80))
_FOLDED_ASCII: Final = bytes(ord(_FOLDS[point]) if point < 0x80 else point for point in range(0x100))
"""The octets of UTF-8 beyond ASCII stay."""


def folded(text: str) -> str:
    """The normal form alone, where nobody needs the way back.

    Folding twice is folding once, so the characters of a text can be replaced one kind after the other. Where there are few
    kinds, as in languages with Latin letters, that takes a fraction of the time of looking at each character.
    """
    return text.lower() if text.isascii() else _folded(text)[0]


def _folded(text: str) -> tuple[str, dict[str, str]]:
    """The normal form of a text that is not all ASCII, and its characters beyond ASCII that are not their own fold, each with
    that."""
    octets = text.encode("utf-8", "surrogatepass")
    beyond = set(octets.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    changed = {char: fold for char in beyond if (fold := _FOLDS[ord(char)]) != char}
    if "Ⓐ" in changed or "ⓐ" in changed:
        text = _CIRCLED_A.sub("a", text)
        octets = text.encode("utf-8", "surrogatepass")
    if len(changed) > _replaced_max:
        return text.translate(_FOLDS), changed
    text = octets.translate(_FOLDED_ASCII).decode("utf-8", "surrogatepass")
    for char, fold in changed.items():
        text = text.replace(char, fold)
    return text, changed


class Normal:
    """A text and its normal form. `text` is the normal form."""

    def __init__(self, original: str) -> None:
        self.original: Final = original
        text, changed = (original.lower(), None) if original.isascii() else _folded(original)
        self.text: Final = text
        self._changed: Final[Mapping[str, str] | None] = changed

    @cached_property
    def _moved(self) -> tuple[array[int], array[int], array[int]] | None:
        """The characters whose fold is not one character long: where it begins, where they stand, and its length."""
        if self._changed is None:
            return None
        lengths = {char: size for char, fold in self._changed.items() if (size := len(fold)) != 1}
        if not lengths:
            return None
        begins, places, sizes = array("l"), array("l"), array("l")
        ahead = 0
        for place in sorted(place for char in lengths for place in places_of(char, self.original)):
            size = lengths[self.original[place]]
            begins.append(place + ahead)
            places.append(place)
            sizes.append(size)
            ahead += size - 1
        return begins, places, sizes

    def _origin(self, position: int) -> int:
        if self._moved is None:
            return position
        begins, places, sizes = self._moved
        number = bisect_right(begins, position) - 1
        if number < 0:
            return position
        return places[number] + max(0, position - begins[number] - sizes[number] + 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the piece [start, end) of the normal form, not empty, stands in the original. Accents belong to their letter."""
        if self._moved is None:
            return start, end
        first, last = self._origin(start), self._origin(end - 1) + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return first, last


def places_of(piece: str, text: str) -> Iterator[int]:
    """Where `piece` stands in a text, in order."""
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + len(piece))


class Joined:
    """A text with its line breaks taken out. `text` is the joined form; `span` leads back."""

    def __init__(self, source: str) -> None:
        self.source: Final = source
        self._is_one_line: Final = "\n" not in source
        lines = [] if self._is_one_line else source.split("\n")
        # A list: its loop has no frame to go in and out of for each line.
        self.text: Final = "".join([line.lstrip(_LEFT_OF_A_LINE).rstrip(_RIGHT_OF_A_LINE) for line in lines]) if lines else source

    @cached_property
    def _lines(self) -> tuple[array[int], array[int]]:
        """Where each line begins, in the joined text and in the source; empty lines, which hold nothing, are left out."""
        here, there = array("l"), array("l")
        at_joined = at_source = 0
        for line in self.source.split("\n"):
            left = line.lstrip(_LEFT_OF_A_LINE)
            kept = len(left.rstrip(_RIGHT_OF_A_LINE))
            if kept:
                here.append(at_joined)
                there.append(at_source + len(line) - len(left))
            at_joined += kept
            at_source += len(line) + 1
        return here, there

    def at(self, position: int) -> int:
        """Where a character of the joined text stands in the source."""
        if self._is_one_line:
            return position
        here, there = self._lines
        line = bisect_right(here, position) - 1
        return there[line] + position - here[line]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the piece [start, end), not empty, stands in the source; what was taken out inside belongs to it."""
        return self.at(start), self.at(end - 1) + 1

    def breaks_before(self, position: int) -> bool:
        """Whether a line break stood before that character, or the text begins there."""
        if position == 0 or position >= len(self.text):
            return True
        return not self._is_one_line and self.at(position) != self.at(position - 1) + 1


def is_boundary(left: str, right: str) -> bool:
    """Whether a word may end between two characters: a Latin one next to one of a script without spaces counts."""
    return not ((left.isalnum() or left == "_") and (right.isalnum() or right == "_")) or left.isascii() != right.isascii()
