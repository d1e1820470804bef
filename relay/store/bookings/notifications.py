"""The outbox of mail about bookings: a row with the step that causes it, rendered and posted afterwards, each once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, update

from relay.booking.booking import BookingId
from relay.booking.notification import Notification, To
from relay.store.exchange_tables import notifications
from relay.store.rows import Found, insert_once
from relay.values import DeliveryId

waiting_max: Final = 500
"""Notifications that are taken at once."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that somebody is to be told: the booking as it was at `version`. Two of one `key` are one. `at` in UTC."""

    id: str
    booking: BookingId
    version: int
    says: Notification
    to: To
    at: datetime
    key: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification, and what became of it: None while it waits; without a delivery it was to reach nobody."""

    notification: Waiting
    posted_at: datetime | None
    delivery: DeliveryId | None


def add(connection: Connection, one: Waiting) -> bool:
    """Whether it was added: not, where the booking has one of that key, so that nothing is told twice."""
    return insert_once(
        connection,
        notifications,
        {
            "id": one.id,
            "booking": one.booking,
            "version": one.version,
            "number": one.says.value,
            "addressee": one.to.value,
            "at": one.at,
            "key": one.key,
            "detail": json.dumps(dict(one.detail), sort_keys=True),
        },
    )


def waiting(connection: Connection, limit: int, now: datetime | None = None) -> tuple[Waiting, ...]:
    """At most `limit` that were not posted, the oldest first, and none that another transaction is at work on.

    With `now`, those alone whose time has come. Until this transaction ends nobody else takes them: it is to make the deliveries.
    """
    chosen = select(notifications).where(notifications.c.posted_at.is_(None)).order_by(notifications.c.id)
    if now is not None:
        chosen = chosen.where(notifications.c.at <= now)
    found = connection.execute(chosen.limit(min(limit, waiting_max)).with_for_update(skip_locked=True))
    return tuple(_waiting(row) for row in found)


def posted(connection: Connection, id_: str, now: datetime, delivery: DeliveryId | None) -> bool:
    """Whether that was noted: not, where it was posted before. `delivery` is None where it was to reach nobody."""
    changed = update(notifications).where(notifications.c.id == id_, notifications.c.posted_at.is_(None))
    return connection.execute(changed.values(posted_at=now, delivery=delivery)).rowcount == 1


def of_booking(connection: Connection, booking: BookingId) -> tuple[Told, ...]:
    """All that was told of it, or waits to be, the oldest first."""
    chosen = select(notifications).where(notifications.c.booking == booking).order_by(notifications.c.id)
    return tuple(_told(row) for row in connection.execute(chosen))


def by_delivery(connection: Connection, delivery: DeliveryId) -> Told | None:
    """What that delivery carries; None where it is no notification."""
    row = connection.execute(select(notifications).where(notifications.c.delivery == delivery)).one_or_none()
    return _told(row) if row is not None else None


def unposted(connection: Connection, before: datetime) -> int:
    """How many have waited since before that instant: nobody is posting."""
    chosen = select(func.count()).select_from(notifications)
    return int(connection.execute(chosen.where(notifications.c.posted_at.is_(None), notifications.c.at < before)).scalar_one())


def _told(row: Found) -> Told:
    return Told(_waiting(row), row.posted_at, DeliveryId(row.delivery) if row.delivery is not None else None)


def _waiting(row: Found) -> Waiting:
    says, to = Notification(row.number), To(row.addressee)
    return Waiting(row.id, BookingId(row.booking), row.version, says, to, row.at, row.key, json.loads(row.detail))
