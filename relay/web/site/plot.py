"""Plots that the server draws: bars as SVG in the page, by classes alone (the policy of pages forbids styles of their own).

A plot is a picture of a table that stands beside it: whoever does not see it reads the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 120
_GAP: Final = 0.15
"""Of a bar's place, between it and the next."""
_BASE: Final = HEIGHT - 1
_TOP: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the picture. `label` says what it stands for, and how much."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars of one series. `top` is the value at the upper line; `first` and `last` name the ends of the axis."""

    title: str
    kind: str
    bars: tuple[Bar, ...]
    top: int
    total: int
    first: str
    last: str

    width: int = WIDTH
    height: int = HEIGHT


def bars(title: str, values: Sequence[tuple[str, int]], kind: str = "") -> Plot:
    """A plot of `values`, each with its name, in their order; the highest reaches the upper line."""
    highest = max((value for _, value in values), default=0)
    top = rounded(highest)
    place = WIDTH / max(1, len(values))
    drawn = []
    for number, (name, value) in enumerate(values):
        # What is not nothing is seen, however little it is.
        height = max(1.5, (_BASE - _TOP) * value / top) if value else 0.0
        x = number * place + place * _GAP / 2
        corner = round(x, 1), round(_BASE - height, 1)
        drawn.append(Bar(*corner, round(place * (1 - _GAP), 1), round(height, 1), f"{name}: {value}"))
    names = [name for name, _ in values]
    total = sum(value for _, value in values)
    return Plot(title, kind, tuple(drawn), top, total, names[0] if names else "", names[-1] if names else "")


def rounded(highest: int) -> int:
    """The next number of one, two or five and noughts: an axis ends there. At least one."""
    unit = 1
    while True:
        for times in (1, 2, 5):
            if times * unit >= highest:
                return times * unit
        unit *= 10
