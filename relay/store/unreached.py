"""Which party of a booking no mail reaches: what the booking's lifecycle has to hear of (GW-54).

Alerts are numbered, so whoever goes on from the last number misses none: of an address that is dead, whatever mail found that
out, and of mail about a booking that did not arrive, or could not be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from relay.booking.booking import BookingId
from relay.booking.notification import Notification
from relay.errors import NotFound
from relay.store.booking_tables import bookings
from relay.store.conversations import by_reference
from relay.store.exchange_tables import notifications
from relay.store.tables import alerts, conversations
from relay.transit.alarm import Alarm
from relay.values import Role

read_max: Final = 1_000


@dataclass(frozen=True, slots=True)
class Unreached:
    """A party of a booking did not get mail. `says` is what it was, None for a message of the other party; `at` in UTC.

    `number` grows with each. `alarm` is why: the address is dead, or the mail did not arrive, or could not be written.
    """

    number: int
    at: datetime
    booking: BookingId
    party: Role
    alarm: Alarm
    says: Notification | None


def since(connection: Connection, number: int, limit: int = 100) -> tuple[Unreached, ...]:
    """At most `limit` of those behind `number`, the oldest first."""
    rows = connection.execute(_SINCE, {"number": number, "limit": min(limit, read_max)})
    return tuple(
        Unreached(
            number=row.seq,
            at=row.at,
            booking=BookingId(row.booking),
            party=Role(row.party),
            alarm=Alarm(row.kind),
            says=Notification(row.says) if row.says is not None else None,
        )
        for row in rows
    )


def dead_parties(connection: Connection, reference: str) -> frozenset[Role]:
    """The parties of that booking none of whose addresses reaches anybody now."""
    try:
        conversation = by_reference(connection, reference)
    except NotFound:
        return frozenset()
    return frozenset(party.role for party in conversation.parties() if not party.is_reachable)


_KINDS: Final = (Alarm.ADDRESS_DEAD, Alarm.NOTIFICATION_FAILED, Alarm.NOTIFICATION_PARKED)
_BY_REFERENCE: Final = bookings.alias("of_conversation")
_SINCE: Final = (
    select(
        alerts.c.seq,
        alerts.c.at,
        alerts.c.kind,
        alerts.c.party,
        func.coalesce(notifications.c.booking, _BY_REFERENCE.c.id).label("booking"),
        notifications.c.number.label("says"),
    )
    .select_from(alerts)
    .outerjoin(notifications, notifications.c.id == alerts.c.notification)
    .outerjoin(conversations, conversations.c.id == alerts.c.conversation)
    .outerjoin(_BY_REFERENCE, _BY_REFERENCE.c.reference == conversations.c.reference)
    .where(
        alerts.c.seq > bindparam("number"),
        alerts.c.kind.in_([one.value for one in _KINDS]),
        alerts.c.party.is_not(None),
        func.coalesce(notifications.c.booking, _BY_REFERENCE.c.id).is_not(None),
    )
    .order_by(alerts.c.seq)
    .limit(bindparam("limit"))
)
