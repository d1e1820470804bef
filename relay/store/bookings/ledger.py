"""The ledger of each booking. Entries are added, never changed or removed: there is no statement here that would, and the
database refuses one (invariant 10)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from relay.booking.booking import BookingId
from relay.booking.ledger import Account, Entry, Kind, account
from relay.booking.money import Money
from relay.store.booking_tables import bookings, event_characters_max, ledger
from relay.store.rows import Found, insert_once, text


def enter(connection: Connection, booking: BookingId, entry: Entry) -> bool:
    """Whether `entry` was added: an event is entered once, for ever, into whichever ledger (T12).

    The caller holds the booking's lock. What the payment stands at is told anew.
    """
    added = insert_once(
        connection,
        ledger,
        {
            "booking": booking,
            "kind": entry.kind.value,
            "amount": entry.amount.minor,
            "currency": entry.amount.currency,
            "at": entry.at,
            "event": entry.event,
            "about": entry.about,
            "person": entry.by,
        },
    )
    if added:
        reckon(connection, booking)
    return added


def entries(connection: Connection, booking: BookingId) -> tuple[Entry, ...]:
    """All of that booking, in the order in which they were entered."""
    chosen = select(ledger).where(ledger.c.booking == booking).order_by(ledger.c.seq)
    return tuple(_entry(row) for row in connection.execute(chosen))


def accounts(connection: Connection, of: Sequence[tuple[BookingId, str]]) -> dict[BookingId, Account]:
    """What the entries of each come to; a booking with its currency."""
    found: dict[str, list[Entry]] = {id_: [] for id_, _ in of}
    chosen = select(ledger).where(ledger.c.booking.in_(list(found))).order_by(ledger.c.seq)
    for row in connection.execute(chosen):
        found[row.booking].append(_entry(row))
    return {id_: account(found[id_], currency) for id_, currency in of}


def booking_about(connection: Connection, about: str) -> BookingId | None:
    """The booking that has entries about that payment, refund or dispute; None where none has."""
    chosen = select(ledger.c.booking).where(ledger.c.about == text(about, event_characters_max + 1)).limit(1)
    found = connection.execute(chosen).scalar_one_or_none()
    return BookingId(found) if found is not None else None


def reckon(connection: Connection, booking: BookingId) -> None:
    """Tells the row of a booking what its ledger comes to beside what is due."""
    row = connection.execute(select(bookings.c.total, bookings.c.currency).where(bookings.c.id == booking)).one()
    payment = account(entries(connection, booking), row.currency).payment(Money(row.total, row.currency))
    connection.execute(update(bookings).where(bookings.c.id == booking).values(payment=payment.value))


def _entry(row: Found) -> Entry:
    return Entry(Kind(row.kind), Money(row.amount, row.currency), row.at, row.event, row.about, row.person)
