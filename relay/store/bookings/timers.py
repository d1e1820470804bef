"""What the clock does to bookings: timers, written anew with each step, and worked off once, by whichever node comes first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from relay.booking.booking import BookingId
from relay.store.booking_tables import bookings, timers
from relay.store.rows import Found

due_max: Final = 500
"""Timers that are taken at once."""


@dataclass(frozen=True, slots=True)
class Timer:
    """At `due_at` (UTC) the clock does what `key` names to a booking; `detail` is what it needs to know."""

    key: str
    due_at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come. `attempts`: how often something was in its way already."""

    booking: BookingId
    timer: Timer
    attempts: int


def write(connection: Connection, booking: BookingId, coming: Sequence[Timer]) -> None:
    """From now on the booking has those timers, and no others; the caller holds its lock."""
    connection.execute(delete(timers).where(timers.c.booking == booking))
    rows = [
        {"booking": booking, "key": one.key, "due_at": one.due_at, "detail": json.dumps(dict(one.detail), sort_keys=True)}
        for one in coming
    ]
    if rows:
        connection.execute(insert(timers), rows)


def of_booking(connection: Connection, booking: BookingId) -> tuple[Timer, ...]:
    """What comes, the nearest first."""
    chosen = select(timers).where(timers.c.booking == booking).order_by(timers.c.due_at, timers.c.key)
    return tuple(_timer(row) for row in connection.execute(chosen))


def due(connection: Connection, now: datetime, limit: int) -> tuple[Due, ...]:
    """At most `limit` timers whose time has come, the earliest first, of bookings that nobody else is at work on.

    Their bookings are locked until this transaction ends, with those that they are held together with: it is to work them off. A
    step writes the timers anew, and what takes none is `done` or `put_off`. Whoever crashes has done nothing, and they are still
    due. Whoever takes steps takes one at a time: two in one transaction would take slots in whatever order they come.
    """
    chosen = (
        select(timers)
        .join_from(timers, bookings)
        .where(timers.c.due_at <= now)
        .order_by(timers.c.due_at, timers.c.booking, timers.c.key)
        .limit(min(limit, due_max))
        # The booking first and the timer too: one that somebody has worked off meanwhile is no more there to be locked.
        .with_for_update(skip_locked=True, of=[bookings, timers])
    )
    rows = connection.execute(chosen.add_columns(bookings.c.composite)).all()
    together = {row.composite: _locked_whole(connection, row.composite) for row in rows}
    return tuple(Due(BookingId(row.booking), _timer(row), row.attempts) for row in rows if together[row.composite])


def _locked_whole(connection: Connection, composite: str) -> bool:
    """Whether all that belong to `composite` are ours to step. Whoever waited here could wait in a circle."""
    if not composite:
        return True
    members = select(bookings.c.id).where(bookings.c.composite == composite)
    return len(connection.execute(members.with_for_update(skip_locked=True)).all()) == len(connection.execute(members).all())


def done(connection: Connection, one: Due) -> None:
    """It was worked off, and caused no step."""
    connection.execute(delete(timers).where(timers.c.booking == one.booking, timers.c.key == one.timer.key))


def put_off(connection: Connection, one: Due, until: datetime) -> None:
    """Something was in its way: it is due again at `until`."""
    changed = update(timers).where(timers.c.booking == one.booking, timers.c.key == one.timer.key)
    connection.execute(changed.values(due_at=until, attempts=timers.c.attempts + 1))


def next_at(connection: Connection) -> datetime | None:
    """When the first timer is due; None where there is none."""
    first: datetime | None = connection.execute(select(func.min(timers.c.due_at))).scalar_one()
    return first


def _timer(row: Found) -> Timer:
    return Timer(row.key, row.due_at, json.loads(row.detail))
