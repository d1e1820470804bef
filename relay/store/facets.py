"""How many messages a query describes, and of what kinds: as far as that can be counted in a moment (AR-2).

Few messages are looked at one by one. Many are counted by the index, one kind after the other, until the time is up: what was not
counted then is said so, and the total is "at least" what was counted (archive.md 4b: facets over a common term cost 91 ms).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.store import search
from relay.store.tables import messages, texts
from relay.store.terms import Asked, Mark, Query, mark
from relay.values import Language, Role

budget_s: Final = 0.15
_total_s: Final = 0.08
"""Of it, what the total may take."""
few: Final = 1_000
"""So many are looked at one by one."""
portion: Final = 10_000
"""Counted by one statement: some ten milliseconds."""
slow_portion: Final = 1_000
"""The same where the tables are asked about each message."""
whole_portion: Final = 100_000
"""The same in PostgreSQL, which asks its index anew for each."""
walked: Final = 2_000
"""Messages that PostgreSQL goes through one by one. Where a good part of them is found, its index takes too long for a moment."""
_rare: Final = 25
"""One in so many, or fewer."""
months_max: Final = 12

TERMS: Final[Mapping[str, tuple[str, ...]]] = {
    "party": tuple(f"by:{role.value}" for role in Role),
    "event": (
        *("fate:passed", "fate:refused", "fate:held", "fate:duplicate", "fate:taken", "fate:absorbed"),
        *("event:delayed", "event:failed", "event:bounced"),
    ),
    "language": tuple(f"lang:{language.value}" for language in Language),
}
"""The kinds of messages, each as it is written in a query."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How many a query describes that is narrowed by `term`; perhaps more, where it `is_at_least`."""

    term: str
    count: int
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """How many there are of each kind; without those of which there are none.

    `is_whole`: the time sufficed for each kind.
    """

    name: str
    counts: tuple[Kind, ...]
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
    if connection.dialect.name == "postgresql" and wanted.terms:
        near, are_all = search.lately(connection, wanted, walked)
        if are_all or len(near) * _rare > walked:
            return Counts(len(near), not are_all, _one_by_one(connection, near, is_at_least=not are_all))
    total, is_at_least = _total(connection, wanted, lambda: monotonic() - began < _total_s)
    if is_at_least and _is_slow(wanted):
        # Where the tables are asked about each message, the index cannot say how many it will have to be.
        newest = search.numbers(connection, wanted, few)
        return Counts(total, is_at_least, _one_by_one(connection, newest, is_at_least=True))
    if total <= few and not is_at_least:
        return Counts(total, is_at_least=False, facets=_one_by_one(connection, search.numbers(connection, wanted, few)))
    return Counts(total, is_at_least, tuple(_by_the_index(connection, wanted, lambda: monotonic() - began < budget_s)))


def _total(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> tuple[int, bool]:
    most = _most(connection, wanted)
    found, beyond = 0, None
    while True:
        one = search.total(connection, wanted, most, beyond)
        found += one.count
        if one.count < most:
            return found, False
        if not has_time():
            return found, True
        beyond = one.reached


def _one_by_one(connection: Connection, found: Sequence[int], *, is_at_least: bool = False) -> tuple[Facet, ...]:
    kinds: Counter[str] = Counter()
    months: Counter[str] = Counter()
    for row in connection.execute(_MARKS, {"numbers": found}):
        kinds.update((row.marks or "").split())
        months[f"date:{row.received_at:%Y-%m}"] += 1
    facets = [
        Facet(name, tuple(Kind(term, count, is_at_least) for term in terms if (count := kinds[_mark(term).mark])), is_whole=True)
        for name, terms in TERMS.items()
    ]
    newest = [Kind(term, count, is_at_least) for term, count in sorted(months.items(), reverse=True)]
    return (*facets, Facet("month", tuple(newest[:months_max]), is_whole=not is_at_least and len(newest) <= months_max))


def _by_the_index(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> Iterator[Facet]:
    most = _most(connection, wanted)
    for name, terms in TERMS.items():
        counts: list[Kind] = []
        is_whole = True
        for term in terms:
            if not has_time():
                is_whole = False
                break
            one = search.total(connection, wanted, most, None, [_mark(term)])
            if one.count:
                counts.append(Kind(term, one.count, one.count == most))
        yield Facet(name, tuple(counts), is_whole)
    yield _months(connection, wanted, has_time)


def _months(connection: Connection, wanted: Query, has_time: Callable[[], bool]) -> Facet:
    """The newest months, as far as the time allows."""
    most = _most(connection, wanted)
    counts: list[Kind] = []
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
        one = search.total(connection, replace(within, after=max(first, wanted.after or first)), most)
        counts.append(Kind(f"date:{first:%Y-%m}", one.count, one.count == most))
        until = first
        if wanted.after is not None and first <= wanted.after:
            break
    return Facet("month", tuple(counts), is_whole)


def _most(connection: Connection, wanted: Query) -> int:
    """How many one statement counts."""
    if connection.dialect.name != "sqlite":
        return whole_portion
    return slow_portion if _is_slow(wanted) else portion


def _is_slow(wanted: Query) -> bool:
    """Whether the tables are asked about each message that the index finds."""
    return any(isinstance(term, Asked) and term.kind in {"state", "activity", "delivered"} for term in wanted.terms)


def _mark(term: str) -> Mark:
    kind, _, value = term.partition(":")
    return Mark(mark(kind, value))


_MARKS: Final = (
    select(texts.c.marks, messages.c.received_at)
    .join_from(messages, texts, texts.c.message == messages.c.id)
    .where(messages.c.seq.in_(bindparam("numbers", expanding=True)))
)
