"""What people are to be told of a booking: a row with the step that causes it, posted afterwards (relay.store.posting)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from relay.booking.booking import BookingId
from relay.booking.notification import Notification, To
from relay.store.exchange_tables import notifications
from relay.store.rows import Found, insert_once
from relay.values import DeliveryId


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
    """A notification, and what became of it: None while it waits; without a delivery it was to reach nobody, as `why` says."""

    notification: Waiting
    posted_at: datetime | None
    delivery: DeliveryId | None
    why: str


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


def of_booking(connection: Connection, booking: BookingId) -> tuple[Told, ...]:
    """All that was told of it, or waits to be, the oldest first."""
    chosen = select(notifications).where(notifications.c.booking == booking).order_by(notifications.c.id)
    return tuple(_told(row) for row in connection.execute(chosen))


def _told(row: Found) -> Told:
    return Told(_waiting(row), row.posted_at, DeliveryId(row.delivery) if row.delivery is not None else None, row.why)


def _waiting(row: Found) -> Waiting:
    says, to = Notification(row.number), To(row.addressee)
    return Waiting(row.id, BookingId(row.booking), row.version, says, to, row.at, row.key, json.loads(row.detail))
