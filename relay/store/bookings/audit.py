"""Do the bookings, their histories, their money, their places and their timers say the same (invariants 9 and 10)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from relay.booking.booking import BookingId
from relay.booking.forecast import coming
from relay.booking.ledger import Account, Kind, account
from relay.booking.reminders import Reminders
from relay.booking.situation import Act
from relay.errors import Damaged
from relay.store.booking_tables import booking_states, booking_steps, bookings, ledger, places, timers
from relay.store.bookings import history, records
from relay.store.bookings.capacity import held, places_of
from relay.store.bookings.ledger import entries
from relay.store.bookings.records import Record
from relay.store.catalogue_tables import slots
from relay.store.exchange_tables import Refunding, refunds
from relay.store.finding import Finding
from relay.store.rows import Found

found_max: Final = 1_000
found_at_once: Final = 500
"""Bookings that are read together."""
late_after: Final = timedelta(hours=1)
"""What was due so long ago, and is still due: nobody works it off."""


def contradictions(connection: Connection, now: datetime) -> Iterator[Finding]:
    """What does not agree. `now` tells what should have been done by now."""
    for row in _all(connection):
        for problem in _of_booking(connection, row, now):
            yield Finding(None, None, f"booking {row.reference}: {problem}")
    yield from _of_slots(connection)
    yield from _of_refunds(connection, now)


def _all(connection: Connection) -> Iterator[Found]:
    """Every booking's row, some at a time: there may be more than memory holds."""
    after = ""
    while rows := connection.execute(
        select(bookings).where(bookings.c.id > after).order_by(bookings.c.id).limit(found_at_once)
    ).all():
        yield from rows
        after = rows[-1].id


def _of_booking(connection: Connection, row: Found, now: datetime) -> Iterator[str]:
    yield from _of_history(connection, row)
    try:
        record = records.by_id(connection, BookingId(row.id))
        agreed = history.terms_that_changed(connection, record.booking.id)
    except Damaged as damage:
        yield str(damage)
        return
    if agreed is not None:
        yield f"version {agreed} of its terms is not what it was"
    if [name for name, value in records.columns(record.booking).items() if row._mapping[name] != value]:
        yield "what it is found by is not what it is"
    money = account(entries(connection, record.booking.id), row.currency)
    yield from _of_money(record, money, row)
    if held(connection, record.booking.id) != places_of(record.booking):
        yield "its places are not those of its hold"
    yield from _of_timers(connection, record, money, now)


def _of_history(connection: Connection, row: Found) -> Iterator[str]:
    last = select(func.max(booking_steps.c.version)).where(booking_steps.c.booking == row.id)
    version = connection.execute(last).scalar_one()
    if version != row.version:
        yield f"it is version {row.version}, and its last step made version {version}"
    if (broken := history.verify(connection, BookingId(row.id))) is not None:
        yield f"its history is not what was written, from version {broken} on"
    state = select(booking_states.c.state).where(booking_states.c.booking == row.id, booking_states.c.version == row.version)
    if version == row.version and connection.execute(state).scalar_one_or_none() != row.state:
        yield "it is not what its last step made of it"


def _of_money(record: Record, money: Account, row: Found) -> Iterator[str]:
    if money.payment(record.booking.terms.total) is not record.payment:
        yield f"it is said to be {row.payment}, and its ledger does not come to that"
    if money.refundable.minor < 0:
        yield "more of its money went back than came in"


def _of_timers(connection: Connection, record: Record, money: Account, now: datetime) -> Iterator[str]:
    """Steps that the clock will take have their timer; reminders are as the settings say, and not looked for.

    When what is held with others is released depends on them, and is found out when it is looked at again.
    """
    there = {row.key: row.due_at for row in connection.execute(select(timers).where(timers.c.booking == record.booking.id))}
    expected = coming(record.booking, record.rules, money, (), Reminders(), now)
    for one in expected:
        waits_for_others = record.booking.composite and one.act is Act.RELEASE
        if one.act is not None and not waits_for_others and one.key not in there:
            yield f"nothing will {one.act.value} it at {one.at.isoformat()}"
    if any(due_at < now - late_after for due_at in there.values()):
        yield "what the clock does to it is overdue: nobody works it off"


def _of_slots(connection: Connection) -> Iterator[Finding]:
    counted = (
        select(func.coalesce(func.sum(places.c.number), 0)).where(places.c.slot == slots.c.id, places.c.counts).scalar_subquery()
    )
    wrong = or_(slots.c.taken != counted, slots.c.taken > slots.c.capacity)
    chosen = select(slots.c.id, slots.c.taken, slots.c.capacity, counted.label("counted")).where(wrong)
    for row in connection.execute(chosen.order_by(slots.c.id).limit(found_max)):
        told = f"{row.taken} of {row.capacity} places are taken, and bookings have {row.counted}"
        yield Finding(None, None, f"slot {row.id}: {told}")


def _of_refunds(connection: Connection, now: datetime) -> Iterator[Finding]:
    """A refund is entered in the ledger when it is written down, and what came of it when that is known."""
    started, ended = (
        select(ledger.c.seq)
        .where(ledger.c.booking == refunds.c.booking, ledger.c.about == refunds.c.id, ledger.c.kind.in_(kinds))
        .correlate(refunds)
        .exists()
        for kinds in (
            [Kind.REFUND_STARTED.value],
            [Kind.REFUNDED.value, Kind.REFUND_FAILED.value],
        )
    )
    waits = refunds.c.state == Refunding.DUE.value
    for problem, condition in (
        ("nobody entered it in the ledger", ~started),
        ("it was sent, and nobody entered that", and_(refunds.c.state == Refunding.SENT.value, ~ended)),
        ("nobody asks the provider for it", and_(waits, refunds.c.due_at < now - late_after)),
    ):
        chosen = select(refunds.c.id, bookings.c.reference).join_from(refunds, bookings).where(condition)
        for row in connection.execute(chosen.order_by(refunds.c.id).limit(found_max)):
            yield Finding(None, None, f"refund {row.id} of booking {row.reference}: {problem}")
