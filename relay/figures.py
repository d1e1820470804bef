"""What is counted, for whoever watches (faults.md 4.5): every figure of a process, by name, with the labels that it may have.

Labels are closed sets: no figure ever tells an address, an alias or somebody's domain, and a hostile client cannot make more of
them. Counting is an addition in memory. Several workers have a row each of memory that they share, so that each of them can tell
the figures of all, and a worker that died leaves what it had counted to the one in its place.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, cast

from relay.lookup import Outcome
from relay.policy.reasons import Reason
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries

OTHER: Final = "other"
"""Stands for what is not in the set."""
_cell_octets: Final = 8


@dataclass(slots=True)
class _Memory:
    """Where the figures stand: `mine` are those of this process, `rows` of all that count together."""

    mine: MutableSequence[float] = field(default_factory=list)
    rows: list[MutableSequence[float]] = field(default_factory=list)

    def reserve(self, cells: int) -> int:
        """Room for so many figures more; where it begins. Raises RuntimeError once the memory is shared."""
        if not isinstance(self.mine, list):
            raise RuntimeError("a figure that is named after the memory was shared")  # noqa: TRY004 -- of time, not of type
        begins = len(self.mine)
        self.mine.extend([0.0] * cells)
        return begins

    def total(self, cell: int) -> float:
        """Of all that count together."""
        return sum(row[cell] for row in self.rows) if self.rows else self.mine[cell]


_memory: Final = _Memory()
FAMILIES: Final[list[Count | Level | Timing]] = []
"""All that there are, in the order in which they were named."""


def share(rows: int) -> None:
    """Have memory for `rows` processes that are forked from now on. Each takes a row of its own."""
    cells = len(_memory.mine)
    whole = memoryview(mmap.mmap(-1, max(1, rows * cells * _cell_octets))).cast("d")
    _memory.rows = [cast("MutableSequence[float]", whole[row * cells : (row + 1) * cells]) for row in range(rows)]


def take(row: int) -> None:
    """Count in that row from now on, on top of what whoever had it before counted. Nothing happens where none is shared."""
    if _memory.rows:
        _memory.mine = _memory.rows[row]


class Count:
    """A number that grows. Each of its figures is counted by one thread of a process at a time."""

    def __init__(self, name: str, told: str, **labels: Sequence[str]) -> None:
        self.name, self.told, self.labels = name, told, tuple(labels)
        combinations = list(product(*labels.values()))
        begins = _memory.reserve(len(combinations))
        self._cells = {values: begins + place for place, values in enumerate(combinations)}
        self._sets = tuple(tuple(values) for values in labels.values())
        FAMILIES.append(self)

    def add(self, *values: str, by: float = 1) -> None:
        """Count one more of these labels, or `by` more; a label that is not in its set counts as the last one there."""
        cell = self._cells.get(values)
        _memory.mine[self._nearest(values) if cell is None else cell] += by

    def set(self, *values: str, to: float) -> None:
        """Take over what somebody else counts."""
        _memory.mine[self._cells[values]] = to

    def mine(self, *values: str) -> float:
        """What this process has counted, and those before it in its row."""
        return _memory.mine[self._cells[values]]

    def totals(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Of all processes, each combination of labels that was counted."""
        for values, cell in self._cells.items():
            total = _memory.total(cell)
            if total or not values:
                yield values, total

    def _nearest(self, values: tuple[str, ...]) -> int:
        """The cell of those labels that are known, with the last of its set for each of the others."""
        if len(values) != len(self.labels):
            raise TypeError(f"{self.name} has the labels {self.labels}")
        return self._cells[tuple(one if one in known else known[-1] for one, known in zip(values, self._sets, strict=True))]


class Level:
    """A number that rises and falls; of several processes the sum."""

    labels: tuple[str, ...] = ()

    def __init__(self, name: str, told: str) -> None:
        self.name, self.told = name, told
        self._cell = _memory.reserve(1)
        FAMILIES.append(self)

    def set(self, value: float) -> None:
        """It is this now."""
        _memory.mine[self._cell] = value

    def totals(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Of all processes."""
        yield (), _memory.total(self._cell)


class Timing:
    """How long something takes, in seconds: how often it took at most each of `bounds`."""

    labels: tuple[str, ...] = ()

    def __init__(self, name: str, told: str, bounds: Sequence[float]) -> None:
        self.name, self.told, self.bounds = name, told, tuple(bounds)
        self._begins = _memory.reserve(len(bounds) + 2)
        FAMILIES.append(self)

    def add(self, seconds: float) -> None:
        """It took that long once more."""
        _memory.mine[self._begins + bisect_left(self.bounds, seconds)] += 1
        _memory.mine[self._begins + len(self.bounds) + 1] += seconds

    def totals(self) -> tuple[list[int], float]:
        """Of all processes: how often it took at most each bound, and as long as it may be at last; and the sum of seconds."""
        counts: list[int] = []
        for place in range(len(self.bounds) + 1):
            counts.append(int(_memory.total(self._begins + place)) + (counts[-1] if counts else 0))
        return counts, _memory.total(self._begins + len(self.bounds) + 1)


_VERBS: Final = (
    *("EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH", "STARTTLS"),
    OTHER,
)
_CODES: Final = tuple(
    "220 221 250 252 354 421 450 451 452 454 500 501 502 503 504 521 530 550 552 553 554 555".split(),
)
_SHORT_S: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10)
_LONG_S: Final = (0.01, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60)

REPLIES: Final = Count("relay_smtp_replies_total", "Answers to commands", verb=_VERBS, code=(*_CODES, OTHER))
DECISIONS: Final = Count(
    "relay_decisions_total",
    "What became of a message for one recipient; rejected: refused in the session, nothing kept",
    fate=(*(one.value for one in Fate), "rejected"),
    reason=("", *(one.value for one in Reason), OTHER),
)
ATTEMPTS: Final = Count(
    "relay_attempts_total",
    "Attempts to hand a delivery on",
    result=("delivered", "deferred", "failed"),
    carries=(*(one.value for one in Carries), OTHER),
)
SESSIONS_OUT: Final = Count(
    "relay_outbound_sessions_total",
    "Sessions with receiving hosts, by how they are protected; failed: none came about",
    tls=("off", "opportunistic", "required", "verified", "tested", "dane", OTHER),
    result=("encrypted", "plain", "failed"),
)
NOTICES: Final = Count(
    "relay_notices_total", "Mail to writers about their mail", kind=("refused", "failed", "delayed", "hint", OTHER)
)
SCAN_SECONDS: Final = Timing("relay_scan_seconds", "The virus scanner, each question with its wait", _LONG_S)
DNS_SECONDS: Final = Timing("relay_dns_seconds", "Queries to DNS, those remembered from before among them", _SHORT_S)
DNS_ANSWERS: Final = Count(
    "relay_dns_answers_total",
    "What came of queries to DNS; trouble: no answer in time, or a failing server",
    outcome=tuple(one.value for one in Outcome),
)
COMMIT_SECONDS: Final = Timing("relay_commit_seconds", "One transaction of the committer, on the disk", _SHORT_S)
COMMITTED: Final = Count("relay_committed_items_total", "What these held: messages, results of deliveries")
LOOP_LAG_SECONDS: Final = Timing("relay_loop_lag_seconds", "How late the event loop comes to what is due", _SHORT_S)
