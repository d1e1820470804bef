"""What a self-test came to: the traps that did not end as they should, and the figures of each row of leaks.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.selftest.traps import Fate
from relay.selftest.verdict import Result, Trouble

SECTIONS: Final = {
    1: ("the header of the message", range(1, 20)),
    2: ("text", range(20, 40)),
    3: ("HTML", range(40, 50)),
    4: ("MIME", range(50, 60)),
    5: ("files", range(60, 80)),
    6: ("automatic mail and the SMTP level", range(80, 90)),
}
"""The sections of leaks.md: what each is about, and the numbers of its rows."""


def number(row: str) -> int:
    """8 of "LEAK-8". Raises ValueError for what is no row."""
    prefix, _, digits = row.partition("-")
    if prefix.upper() != "LEAK" or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{row!r} is no row of leaks.md, for example LEAK-8")
    return int(digits)


@dataclass(frozen=True, slots=True)
class RowFigures:
    """The traps of one row; each was sent both ways. A trap that leaked or was lost is also counted by its fate."""

    row: str
    traps: int
    sent: int
    delivered: int
    refused: int
    absorbed: int
    held: int
    leaked: int
    lost: int


@dataclass(frozen=True, slots=True)
class Report:
    """A self-test that ran to its end. `references` are its conversations, in the archive from now on.

    `strays` is how many mails came that belong to none of its traps.
    """

    references: tuple[str, ...]
    results: tuple[Result, ...]
    strays: int
    kept_open: bool

    @property
    def troubles(self) -> tuple[tuple[Result, Trouble], ...]:
        """Everything that is not as it should be, leaks first."""
        return tuple((one, kind) for kind in Trouble for one in self.results if kind in one.troubles)

    def rows(self) -> tuple[RowFigures, ...]:
        """The figures of each row of which there were traps, in the order of leaks.md."""
        names = sorted({one.posted.posting.trap.row for one in self.results}, key=number)
        return tuple(_figures(name, [one for one in self.results if one.posted.posting.trap.row == name]) for name in names)

    def total(self) -> RowFigures:
        """The figures of all rows together."""
        return _figures("all", self.results)


def _figures(row: str, results: Sequence[Result]) -> RowFigures:
    fates = [one.fate for one in results]
    return RowFigures(
        row=row,
        traps=len({one.posted.posting.trap.name for one in results}),
        sent=len(results),
        delivered=sum(one.arrived for one in results),
        refused=fates.count(Fate.REFUSED),
        absorbed=fates.count(Fate.ABSORBED),
        held=fates.count(Fate.HELD),
        leaked=sum(Trouble.LEAKED in one.troubles for one in results),
        lost=sum(Trouble.LOST in one.troubles for one in results),
    )
