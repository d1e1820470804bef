"""What payment providers told us: each event once, for ever, so that what comes again is known (T12)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from relay.booking.booking import BookingId
from relay.store.booking_tables import event_characters_max
from relay.store.exchange_tables import payment_events, told_characters_max
from relay.store.rows import insert_once, text


def is_known(connection: Connection, event: str) -> bool:
    """Whether it was noted before."""
    chosen = select(payment_events.c.id).where(payment_events.c.id == text(event, event_characters_max))
    return connection.execute(chosen).first() is not None


def note(connection: Connection, event: str, kind: str, booking: BookingId | None, outcome: str, now: datetime) -> bool:
    """Whether it was noted now: not, where it was before. `outcome` is what became of it, in a few words."""
    return insert_once(
        connection,
        payment_events,
        {
            "id": text(event, event_characters_max),
            "booking": booking,
            "kind": text(kind, event_characters_max),
            "received_at": now,
            "outcome": text(outcome, told_characters_max),
        },
    )
