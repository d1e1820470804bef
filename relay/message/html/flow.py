"""The words of a page as one text, searched as somebody reads them, and changed in the pieces they came in (LEAK-43, LEAK-44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.message.charsets import without_controls
from relay.message.footer import footers
from relay.message.masked import Edit, Kind, Left, Noticed, changes, merged
from relay.message.masker import Masker, rounds_max

_BREAK: Final = -1
_LINE_SPACE: Final = "\n\t\r\f"
"""Line ends inside the text of a page are white space to its reader."""


@dataclass
class Flow:
    """The texts of a page in order, with the line breaks that its blocks make. `texts` are changed in place by `scrub`."""

    texts: list[str] = field(default_factory=list)
    footers: list[tuple[int, int]] = field(default_factory=list)
    """First and last text of each footer of ours that was taken away."""
    _order: list[int] = field(default_factory=list)
    _keeps_space: list[bool] = field(default_factory=list)
    _searched: list[str] = field(default_factory=list)
    """The texts as they are read."""
    _hidden: set[int] = field(default_factory=set)

    def add(self, text: str, *, keeps_space: bool, is_hidden: bool) -> int:
        """Append a text, without control characters; the result is its place in `texts`."""
        place = len(self.texts)
        searched = text
        if not text.isprintable():
            text = without_controls(text)
            searched = _as_read(text, keeps_space=keeps_space)
        self.texts.append(text)
        self._keeps_space.append(keeps_space)
        self._searched.append(searched)
        self._order.append(place)
        if is_hidden and not text.isspace():
            self._hidden.add(place)
        return place

    def line_break(self) -> None:
        if self._order and self._order[-1] != _BREAK:
            self._order.append(_BREAK)

    def scrub(self, masker: Masker) -> list[Noticed]:
        """Take footers and identifiers out of the texts; the result says what was found.

        Hidden text is searched together with the text around it, then the text around it as if it were not there, since what
        stands between the halves of an address must not hide them, and last by itself. Last, texts that touch within a word
        are searched apart: elements may part words that no white space parts, as buttons and cells made of styles do.
        """
        orders = [self._order]
        if self._hidden:
            orders.append([place for place in self._order if place not in self._hidden])
            orders.append([each for place in self._order if place in self._hidden for each in (place, _BREAK)])
        if (apart := self._apart()) != self._order:
            orders.append(apart)
        taken: list[Noticed] = []
        left: list[Noticed] = []
        for count in range(rounds_max):
            found = [self._scrubbed(masker, order) for order in orders]
            if count == 0:
                taken = [kind for each in found for kind in each if isinstance(kind, Kind)]
            # What stays is seen by each of the orders that hold it.
            left = max(([kind for kind in each if isinstance(kind, Left)] for each in found), key=len)
            if not any(isinstance(kind, Kind) for each in found for kind in each):
                break
        return [*taken, *left]

    def _apart(self) -> list[int]:
        """The order with a line break wherever two texts touch within a word."""
        apart: list[int] = []
        last = ""
        for place in self._order:
            if place == _BREAK:
                last = ""
            elif text := self.texts[place]:
                if last and _is_of_a_word(last) and _is_of_a_word(text[0]):
                    apart.append(_BREAK)
                last = text[-1]
            apart.append(place)
        return apart

    def _scrubbed(self, masker: Masker, order: Sequence[int]) -> list[Noticed]:
        searched = self._searched
        text = "".join(["\n" if place == _BREAK else searched[place] for place in order])
        edits = merged([Edit(*span, "", Kind.FOOTER) for span in footers(text)], masker.edits(text))
        if made := changes(edits):
            self._apply(made, order)
        return [edit.kind for edit in edits if edit.kind is not None]

    def _apply(self, edits: Sequence[Edit], order: Sequence[int]) -> None:
        """Each edit's text goes where the edit begins; its other characters disappear from wherever they stand."""
        at = number = 0
        first = -1
        for place in order:
            if place == _BREAK:
                at += 1
                continue
            text = self.texts[place]
            end = at + len(text)
            pieces: list[str] = []
            done = at
            while number < len(edits) and edits[number].start < end:
                edit = edits[number]
                start = max(edit.start, at)
                pieces.append(text[done - at : start - at])
                if first < 0:
                    first = place
                    pieces.append(edit.text)
                done = min(edit.end, end)
                if edit.end > end:
                    break
                if edit.kind is Kind.FOOTER:
                    self.footers.append((first, place))
                number += 1
                first = -1
            if pieces or done > at:
                pieces.append(text[done - at :])
                self.texts[place] = "".join(pieces)
                self._searched[place] = _as_read(self.texts[place], keeps_space=self._keeps_space[place])
            at = end


def _as_read(text: str, *, keeps_space: bool) -> str:
    if not keeps_space:
        for char in _LINE_SPACE:
            text = text.replace(char, " ")
    return text


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() or char in "_-"
