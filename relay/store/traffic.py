"""How much was taken, refused and handed on, by the hour or the day, from the tables themselves.

What a process counts for itself is gone with it; these figures are the same whoever asks. A look goes over the messages and the
attempts of its time and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from relay.store.rows import from_micros, micros
from relay.store.tables import attempts, messages, passages
from relay.transit.crossing import Fate

span_max: Final = timedelta(days=31)
_out_of_order: Final = timedelta(hours=1)
"""Two workers may write down in another order than they tried."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts by the beginning of each stretch of time (UTC) in which there was anything.

    `fates` counts recipients of messages by what became of them, `refused` those that were refused by reason, `outcomes` attempts
    to deliver.
    """

    fates: Mapping[datetime, Mapping[str, int]]
    refused: Mapping[datetime, Mapping[str, int]]
    outcomes: Mapping[datetime, Mapping[str, int]]


def traffic(connection: Connection, since: datetime, until: datetime, step: timedelta) -> Traffic:
    """From `since` on, before `until`, in steps that begin at whole multiples of `step` since 1970."""
    if until - since > span_max:
        raise ValueError("traffic: a longer time than is looked over at once")
    size = step // timedelta(microseconds=1)
    began = (type_coerce(messages.c.received_at, BigInteger) // size).label("began")
    fates: dict[datetime, dict[str, int]] = {}
    refused: dict[datetime, dict[str, int]] = {}
    taken = (
        select(began, passages.c.fate, passages.c.reason, func.count().label("number"))
        .join_from(messages, passages, passages.c.message == messages.c.id)
        .where(messages.c.received_at >= since, messages.c.received_at < until)
        .group_by(began, passages.c.fate, passages.c.reason)
    )
    for row in connection.execute(taken):
        at = from_micros(int(row.began) * size)
        _add(fates, at, row.fate, row.number)
        if row.fate == Fate.REFUSED.value:
            _add(refused, at, row.reason, row.number)
    return Traffic(fates, refused, _outcomes(connection, since, until, size))


def _outcomes(connection: Connection, since: datetime, until: datetime, size: int) -> dict[datetime, dict[str, int]]:
    tried = (type_coerce(attempts.c.at, BigInteger) // size).label("began")
    made = (
        select(tried, attempts.c.outcome, func.count().label("number"))
        .where(attempts.c.seq >= _first_attempt(connection, since), attempts.c.at >= since, attempts.c.at < until)
        .group_by(tried, attempts.c.outcome)
    )
    outcomes: dict[datetime, dict[str, int]] = {}
    for row in connection.execute(made):
        _add(outcomes, from_micros(int(row.began) * size), row.outcome, row.number)
    return outcomes


def _first_attempt(connection: Connection, since: datetime) -> int:
    """The number from which on attempts were made after `since`.

    They are numbered as they are written down, so that halving finds it by the key, without an index over times that each attempt
    would have to enter.
    """
    since -= _out_of_order
    # One question each: SQLite goes through all of them for both together.
    low, high = (connection.execute(select(one(attempts.c.seq))).scalar_one() for one in (func.min, func.max))
    if low is None or high is None:
        return 0
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(attempts.c.seq, attempts.c.at).where(attempts.c.seq >= middle).order_by(attempts.c.seq).limit(1)
        ).one()
        if row.at < since:
            low = row.seq + 1 if row.seq < high else high
            if row.seq >= high:
                break
        else:
            high = middle
    return int(low)


def _add(into: dict[datetime, dict[str, int]], at: datetime, what: str, number: int) -> None:
    there = into.setdefault(at, {})
    there[what] = there.get(what, 0) + number


def beginning(at: datetime, step: timedelta) -> datetime:
    """Where the stretch begins that `at` lies in."""
    size = step // timedelta(microseconds=1)
    return from_micros(micros(at) // size * size)
