"""How many messages a query describes, and of what kinds: as far as that can be counted in a moment (AR-2).

Few messages are looked at one by one. Many are counted by the index, one kind after the other, until the time is up: what was not
counted then is said so, and the total is "at least" what was counted (archive.md 4b: facets over a common term cost 91 ms).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.store import search
from relay.store.query import Mark, Query, mark
from relay.store.tables import messages, texts
from relay.values import Language, Role

budget_s: Final = 0.15
_total_s: Final = 0.08
"""Of it, what the total may take."""
few: Final = 1_000
"""So many are looked at one by one."""
_portion: Final = {"sqlite": 5_000, "postgresql": 100_000}
"""Counted by one statement: PostgreSQL asks its index anew for each."""
months_max: Final = 12

TERMS: Final[Mapping[str, tuple[str, ...]]] = {
    "party": tuple(f"by:{role.value}" for role in Role),
    "event": ("fate:passed", "fate:refused", "fate:held", "event:delayed", "event:failed", "event:bounced"),
    "language": tuple(f"lang:{language.value}" for language in Language),
}
"""The kinds of messages, each as it is written in a query."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How many there are of each of `counts`, which are terms of a query; without those of which there are none.

    `is_whole`: all of them were counted.
    """

    name: str
    counts: tuple[tuple[str, int], ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are; where it `is_at_least`, perhaps more."""

    total: int
    is_at_least: bool
    facets: tuple[Facet, ...]


def counted(connection: Connection, wanted: Query, monotonic: Callable[[], float] = time.monotonic) -> Counts:
    """What can be said of the messages that are `wanted` within the budget. Raises NotDone as a search does."""
    began = monotonic()
    wanted = replace(wanted, oldest_first=False)
    total, is_at_least = _total(connection, wanted, lambda: monotonic() - began < _total_s)
    if total <= few and not is_at_least:
        return Counts(total, is_at_least=False, facets=_one_by_one(connection, wanted))
    return Counts(total, is_at_least, tuple(_by_the_index(connection, wanted, lambda: monotonic() - began < budget_s)))


def _total(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> tuple[int, bool]:
    portion = _portion[connection.dialect.name]
    found, beyond = 0, None
    while True:
        one = search.total(connection, wanted, portion, beyond)
        found += one.count
        if one.count < portion:
            return found, False
        if not has_time():
            return found, True
        beyond = one.reached


def _one_by_one(connection: Connection, wanted: Query) -> tuple[Facet, ...]:
    asked = search.numbers(connection, wanted, few)
    kinds: Counter[str] = Counter()
    months: Counter[str] = Counter()
    for row in connection.execute(_MARKS, {"numbers": asked}):
        kinds.update((row.marks or "").split())
        months[f"date:{row.received_at:%Y-%m}"] += 1
    facets = [
        Facet(name, tuple((term, kinds[_mark(term).mark]) for term in terms if kinds[_mark(term).mark]), is_whole=True)
        for name, terms in TERMS.items()
    ]
    newest = sorted(months.items(), reverse=True)
    return (*facets, Facet("month", tuple(newest[:months_max]), is_whole=len(newest) <= months_max))


def _by_the_index(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> Iterator[Facet]:
    portion = _portion[connection.dialect.name]
    for name, terms in TERMS.items():
        counts: list[tuple[str, int]] = []
        is_whole = True
        for term in terms:
            if not has_time():
                is_whole = False
                break
            one = search.total(connection, wanted, portion, None, [_mark(term)])
            is_whole &= one.count < portion
            if one.count:
                counts.append((term, one.count))
        yield Facet(name, tuple(counts), is_whole)
    yield _months(connection, wanted, has_time)


def _months(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> Facet:
    """The newest months, as far as the time allows."""
    portion = _portion[connection.dialect.name]
    counts: list[tuple[str, int]] = []
    until = wanted.before
    is_whole = True
    while len(counts) < months_max:
        if not has_time():
            is_whole = False
            break
        within = replace(wanted, before=until)
        newest = search.numbers(connection, within, 1)
        if not newest:
            break
        at = connection.execute(select(messages.c.received_at).where(messages.c.seq == newest[0])).scalar_one()
        first = datetime(at.year, at.month, 1, tzinfo=UTC)
        one = search.total(connection, replace(within, after=max(first, wanted.after or first)), portion)
        is_whole &= one.count < portion
        counts.append((f"date:{first:%Y-%m}", one.count))
        until = first
        if wanted.after is not None and first <= wanted.after:
            break
    return Facet("month", tuple(counts), is_whole)


def _mark(term: str) -> Mark:
    kind, _, value = term.partition(":")
    return Mark(mark(kind, value))


_MARKS: Final = (
    select(texts.c.marks, messages.c.received_at)
    .join_from(messages, texts, texts.c.message == messages.c.id)
    .where(messages.c.seq.in_(bindparam("numbers", expanding=True)))
)
