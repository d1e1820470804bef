"""The outbox of events: a row with the step that causes it, and one for each system that is to be told, each until it has it.

A claim moves `due_at` past the lease: when a worker dies in the middle, its events come due again by themselves, and a receiver
knows by the event's id that it has it already.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Select, and_, delete, exists, insert, select, update

from relay.booking.booking import BookingId
from relay.errors import NotFound
from relay.store.booking_tables import bookings
from relay.store.bookings import endpoints
from relay.store.catalogue_tables import id_characters_max
from relay.store.exchange_tables import Telling, events, telling_attempts, tellings, told_characters_max
from relay.store.rows import Found, text

due_max: Final = 50
"""Events that are claimed at once."""
forgotten_max: Final = 500
"""Events that are forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a booking, as other systems are told. `payload` is JSON without anything personal; `at` in UTC."""

    id: str
    booking: BookingId
    version: int
    kind: str
    at: datetime
    payload: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to tell. `code` is the HTTP status; None where there was none, and `told` says why."""

    at: datetime
    code: int | None
    told: str


@dataclass(frozen=True, slots=True)
class Told:
    """An event, for one endpoint. `reference` is the booking's."""

    event: Event
    endpoint: str
    reference: str
    state: Telling
    due_at: datetime
    attempts: int
    tried: tuple[Attempt, ...] = ()


def enter(connection: Connection, event: Event) -> int:
    """The event, due for each endpoint that wants its kind; for how many. Nothing is kept of what nobody wants."""
    wanting = [one.id for one in endpoints.listed(connection) if one.wants(event.kind)]
    if wanting:
        connection.execute(
            insert(events).values(
                id=event.id,
                booking=event.booking,
                version=event.version,
                kind=event.kind,
                at=event.at,
                payload=event.payload,
            )
        )
        rows = [{"event": event.id, "endpoint": id_, "state": Telling.DUE.value, "due_at": event.at} for id_ in wanting]
        connection.execute(insert(tellings), rows)
    return len(wanting)


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether somebody is to be told something."""
    due = select(tellings.c.event).where(tellings.c.state == Telling.DUE.value, tellings.c.due_at <= now)
    return connection.execute(due.limit(1)).first() is not None


def claim(connection: Connection, now: datetime, lease: timedelta, limit: int) -> tuple[Told, ...]:
    """At most `limit` that are due, the oldest first, each counted as one more attempt. For `lease` nobody else has them."""
    due = (
        select(tellings.c.event, tellings.c.endpoint)
        .where(tellings.c.state == Telling.DUE.value, tellings.c.due_at <= now)
        .order_by(tellings.c.due_at, tellings.c.event)
        .limit(min(limit, due_max))
        .with_for_update(skip_locked=True)  # SQLite, one writer, ignores the lock
    )
    keys = connection.execute(due).all()
    claimed = []
    for event, endpoint in keys:
        taken = update(tellings).where(tellings.c.event == event, tellings.c.endpoint == endpoint)
        connection.execute(taken.values(due_at=now + lease, attempts=tellings.c.attempts + 1))
        claimed.append(_told(connection.execute(_whole(event, endpoint)).one()))
    return tuple(claimed)


def settle(connection: Connection, one: Told, attempt: Attempt, state: Telling, due_at: datetime) -> None:
    """What came of an attempt; `due_at` counts while it is due."""
    connection.execute(
        insert(telling_attempts).values(
            event=one.event.id,
            endpoint=one.endpoint,
            at=attempt.at,
            code=attempt.code,
            told=text(attempt.told, told_characters_max),
        )
    )
    taken = update(tellings).where(tellings.c.event == one.event.id, tellings.c.endpoint == one.endpoint)
    ended_at = attempt.at if state is not Telling.DUE else None
    connection.execute(taken.values(state=state.value, due_at=due_at, ended_at=ended_at))


def forget(connection: Connection, before: datetime) -> int:
    """Forgets events of `before` that nobody is to be told any more, with their log, so many at most; how many."""
    waits = exists().where(tellings.c.event == events.c.id, tellings.c.state == Telling.DUE.value)
    old = select(events.c.id).where(events.c.at < before, ~waits).order_by(events.c.id).limit(forgotten_max)
    ids = list(connection.scalars(old))
    for table, column in ((telling_attempts, telling_attempts.c.event), (tellings, tellings.c.event), (events, events.c.id)):
        connection.execute(delete(table).where(column.in_(ids)))
    return len(ids)


def log(connection: Connection, endpoint: str, state: Telling | None, limit: int, after: str | None) -> tuple[Told, ...]:
    """What that endpoint was told, the newest first, those before the event `after`, with all attempts. Raises NotFound."""
    endpoints.one(connection, endpoint)
    chosen = _joined().where(tellings.c.endpoint == endpoint).order_by(tellings.c.event.desc()).limit(limit)
    if state is not None:
        chosen = chosen.where(tellings.c.state == state.value)
    if after is not None:
        chosen = chosen.where(tellings.c.event < text(after, id_characters_max + 1))
    return tuple(_with_attempts(connection, _told(row)) for row in connection.execute(chosen))


def again(connection: Connection, endpoint: str, event: str, now: datetime) -> Told:
    """It is due once more, at once, from the first pause on. Raises NotFound."""
    endpoints.one(connection, endpoint)
    known = text(event, id_characters_max + 1)
    taken = update(tellings).where(tellings.c.event == known, tellings.c.endpoint == endpoint)
    if not connection.execute(taken.values(state=Telling.DUE.value, due_at=now, attempts=0, ended_at=None)).rowcount:
        raise NotFound(f"endpoint {endpoint} was not told of an event {known}")
    return _with_attempts(connection, _told(connection.execute(_whole(known, endpoint)).one()))


def _joined() -> Select[tuple[object, ...]]:
    return (
        select(events, tellings.c.endpoint, tellings.c.state, tellings.c.due_at, tellings.c.attempts, bookings.c.reference)
        .join(tellings, tellings.c.event == events.c.id)
        .join(bookings, bookings.c.id == events.c.booking)
    )


def _whole(event: str, endpoint: str) -> Select[tuple[object, ...]]:
    return _joined().where(and_(tellings.c.event == event, tellings.c.endpoint == endpoint))


def _with_attempts(connection: Connection, one: Told) -> Told:
    attempts = telling_attempts
    chosen = select(attempts).where(attempts.c.event == one.event.id, attempts.c.endpoint == one.endpoint)
    rows = connection.execute(chosen.order_by(attempts.c.seq))
    tried = tuple(Attempt(row.at, row.code, row.told) for row in rows)
    return Told(one.event, one.endpoint, one.reference, one.state, one.due_at, one.attempts, tried)


def _told(row: Found) -> Told:
    event = Event(row.id, BookingId(row.booking), row.version, row.kind, row.at, row.payload)
    return Told(event, row.endpoint, row.reference, Telling(row.state), row.due_at, row.attempts)
