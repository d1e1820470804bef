"""Payment pages at the provider: at most one of a booking is open, and its row is there before the provider is asked for it.

So whoever takes the booking away finds the row, and ends the pages first (T11); and a process that dies between the two leaves
pages that nobody was sent to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, insert, select, update

from relay.booking.booking import BookingId
from relay.booking.money import Money
from relay.store.exchange_tables import Checkout as State
from relay.store.exchange_tables import checkouts
from relay.store.rows import Found


@dataclass(frozen=True, slots=True)
class Begun:
    """Pages that were asked for, until `ends_at` (UTC). Without `provider_id` and `url`, nobody knows of them yet."""

    id: str
    booking: BookingId
    amount: Money
    created_at: datetime
    ends_at: datetime
    provider_id: str | None = None
    url: str | None = None


def begin(connection: Connection, one: Begun) -> None:
    """`one` is open from now on. The caller holds the booking's lock, and has seen that no other is."""
    connection.execute(
        insert(checkouts).values(
            id=one.id,
            booking=one.booking,
            amount=one.amount.minor,
            currency=one.amount.currency,
            state=State.OPEN.value,
            created_at=one.created_at,
            ends_at=one.ends_at,
        )
    )


def opened(connection: Connection, id_: str, provider_id: str, url: str, ends_at: datetime) -> None:
    """The provider has made the pages."""
    connection.execute(_of(id_).values(provider_id=provider_id, url=url, ends_at=ends_at))


def is_open(connection: Connection, booking: BookingId) -> Begun | None:
    """The pages on which that booking can be paid, or are about to be opened; None where there are none."""
    chosen = select(checkouts).where(checkouts.c.booking == booking, checkouts.c.state == State.OPEN.value)
    row = connection.execute(chosen.order_by(checkouts.c.id.desc()).limit(1)).one_or_none()
    return _begun(row) if row is not None else None


def end(connection: Connection, id_: str, state: State, now: datetime) -> None:
    """Nobody can pay there any more. What was paid stays so, whatever is heard later."""
    connection.execute(_of(id_).where(checkouts.c.state == State.OPEN.value).values(state=state.value, ended_at=now))


def ended_at_provider(connection: Connection, provider_id: str, state: State, now: datetime) -> None:
    """The same, by the provider's name; of pages that are not ours, nothing changes."""
    changed = update(checkouts).where(checkouts.c.provider_id == provider_id, checkouts.c.state == State.OPEN.value)
    connection.execute(changed.values(state=state.value, ended_at=now))


def _of(id_: str) -> Update:
    return update(checkouts).where(checkouts.c.id == id_)


def _begun(row: Found) -> Begun:
    amount = Money(row.amount, row.currency)
    return Begun(row.id, BookingId(row.booking), amount, row.created_at, row.ends_at, row.provider_id, row.url)
