"""Payment pages at the provider: at most one of a booking is open, and its row is there before the provider is asked for it.

So whoever takes the booking away finds the row, and ends the pages first (T11, SL-25); and a process that dies between the two
leaves pages that nobody was sent to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from relay.booking.booking import BookingId
from relay.booking.money import Money
from relay.errors import Conflict
from relay.store.exchange_tables import Checkout as State
from relay.store.exchange_tables import checkouts
from relay.store.rows import Found


@dataclass(frozen=True, slots=True)
class Begun:
    """Pages that were asked for, until `ends_at` (UTC). Without `provider_id` and `url`, nobody was sent to them yet."""

    id: str
    booking: BookingId
    amount: Money
    created_at: datetime
    ends_at: datetime
    provider_id: str | None = None
    url: str | None = None


class StillOpen(Conflict):
    """Somebody could pay meanwhile: the pages have to end at the provider first, outside this transaction."""

    def __init__(self, pages: Begun) -> None:
        super().__init__("its payment pages are open; they have to end first")
        self.pages = pages


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


def opened(connection: Connection, id_: str, provider_id: str, url: str, ends_at: datetime) -> bool:
    """The provider has made the pages. False where they were to end meanwhile: then nobody may be sent there."""
    changed = update(checkouts).where(checkouts.c.id == id_, checkouts.c.state == State.OPEN.value)
    return connection.execute(changed.values(provider_id=provider_id, url=url, ends_at=ends_at)).rowcount == 1


def is_open(connection: Connection, booking: BookingId) -> Begun | None:
    """The pages on which that booking can be paid, or that are about to be opened; None where there are none."""
    chosen = select(checkouts).where(checkouts.c.booking == booking, checkouts.c.state == State.OPEN.value)
    row = connection.execute(chosen.order_by(checkouts.c.id.desc()).limit(1)).one_or_none()
    return _begun(row) if row is not None else None


def refuse_open(connection: Connection, booking: BookingId, now: datetime) -> None:
    """For a step after which nobody may pay. Raises StillOpen, also for pages that are about to be opened; not for those whose
    time at the provider is over."""
    pages = is_open(connection, booking)
    if pages is None:
        return
    if now < pages.ends_at:
        raise StillOpen(pages)
    end(connection, pages.id, State.ENDED, now)


def end(connection: Connection, id_: str, state: State, now: datetime) -> None:
    """Nobody can pay there any more. What was paid stays so, whatever is heard later."""
    changed = update(checkouts).where(checkouts.c.id == id_, checkouts.c.state == State.OPEN.value)
    connection.execute(changed.values(state=state.value, ended_at=now))


def ended_at_provider(connection: Connection, provider_id: str, state: State, now: datetime) -> None:
    """The same, by the provider's name; where those pages are not ours, nothing changes."""
    changed = update(checkouts).where(checkouts.c.provider_id == provider_id, checkouts.c.state == State.OPEN.value)
    connection.execute(changed.values(state=state.value, ended_at=now))


def _begun(row: Found) -> Begun:
    amount = Money(row.amount, row.currency)
    return Begun(row.id, BookingId(row.booking), amount, row.created_at, row.ends_at, row.provider_id, row.url)
