"""The outbox of refunds: a row with the ledger's entry, and the provider asked afterwards, by one worker at a time.

A claim moves `due_at` past the lease: when a worker dies in the middle, its refunds come due again by themselves, and the
provider, told the same id, gives nothing back twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Update, func, insert, select, update
from sqlalchemy import text as sql

from relay.booking.booking import BookingId
from relay.booking.money import Money
from relay.errors import NotFound
from relay.store.booking_tables import event_characters_max
from relay.store.exchange_tables import REFUND_IS_DUE, Refunding, refunds, told_characters_max
from relay.store.rows import Found, text

due_max: Final = 100
"""Refunds that are claimed at once."""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back to `payment`, the ledger's word for it (SL-30). Times in UTC.

    `attempts`: how often the provider was asked; `failures`: how often it said no, and `cause` why, in a word. `provider_id` is
    its name for it.
    """

    id: str
    booking: BookingId
    payment: str
    amount: Money
    created_at: datetime
    due_at: datetime
    state: Refunding = Refunding.DUE
    attempts: int = 0
    failures: int = 0
    cause: str = ""
    provider_id: str | None = None
    ended_at: datetime | None = None


def add(connection: Connection, one: Refund) -> None:
    """It is due; its entry in the ledger is written with it, by the caller."""
    connection.execute(
        insert(refunds).values(
            id=one.id,
            booking=one.booking,
            payment=one.payment,
            amount=one.amount.minor,
            currency=one.amount.currency,
            state=one.state.value,
            created_at=one.created_at,
            due_at=one.due_at,
        )
    )


def claim(connection: Connection, now: datetime, lease: timedelta, limit: int) -> tuple[Refund, ...]:
    """At most `limit` that are due, the oldest first, each counted as one more attempt. For `lease` nobody else has them.

    Also those that the provider has taken on and has said nothing about for long.
    """
    due = (
        select(refunds.c.id)
        .where(sql(REFUND_IS_DUE), refunds.c.due_at <= now)
        .order_by(refunds.c.due_at, refunds.c.id)
        .limit(min(limit, due_max))
        .with_for_update(skip_locked=True)  # SQLite, one writer, ignores the lock
        .cte("due")
    )
    taken = update(refunds).where(refunds.c.id.in_(select(due.c.id)))
    rows = connection.execute(taken.values(due_at=now + lease, attempts=refunds.c.attempts + 1).returning(refunds))
    return tuple(sorted((_refund(row) for row in rows), key=lambda one: one.id))


def one(connection: Connection, id_: str) -> Refund:
    """Raises NotFound."""
    row = connection.execute(select(refunds).where(refunds.c.id == text(id_, event_characters_max + 1))).one_or_none()
    if row is None:
        raise NotFound(f"no refund {id_}")
    return _refund(row)


def of_booking(connection: Connection, booking: BookingId) -> tuple[Refund, ...]:
    """The oldest first."""
    chosen = select(refunds).where(refunds.c.booking == booking).order_by(refunds.c.id)
    return tuple(_refund(row) for row in connection.execute(chosen))


def given_back(connection: Connection, booking: BookingId) -> dict[str, Money]:
    """What went back of each payment of a booking, or is under way (relay.booking.refunds.portions)."""
    counts = refunds.c.booking == booking, refunds.c.state != Refunding.FAILED.value
    chosen = select(refunds.c.payment, refunds.c.currency, func.sum(refunds.c.amount).label("minor"))
    rows = connection.execute(chosen.where(*counts).group_by(refunds.c.payment, refunds.c.currency))
    return {row.payment: Money(int(row.minor), row.currency) for row in rows}


def pending(connection: Connection, id_: str, provider_id: str, cause: str, look_at: datetime) -> None:
    """The provider has taken it on, and says later what came of it; `cause` where that takes somebody's doing (SL-B4). Where
    nothing is heard until `look_at`, it is looked at there."""
    values = {"state": Refunding.PENDING.value, "provider_id": provider_id, "cause": cause[:told_characters_max]}
    connection.execute(_of(id_).values(**values, due_at=look_at))


def sent(connection: Connection, id_: str, provider_id: str, now: datetime) -> None:
    """It is on its way to where the money came from."""
    values = {"state": Refunding.SENT.value, "provider_id": provider_id, "cause": "", "ended_at": now}
    connection.execute(_of(id_).values(values))


def failed(connection: Connection, id_: str, cause: str, now: datetime, again_at: datetime | None) -> None:
    """The provider said no: at `again_at` it is asked once more, and not at all where that is None."""
    state = Refunding.FAILED if again_at is None else Refunding.DUE
    values = {"state": state.value, "cause": cause[:told_characters_max], "ended_at": now if again_at is None else None}
    later = {"due_at": again_at} if again_at is not None else {}
    connection.execute(_of(id_).values(failures=refunds.c.failures + 1, **values, **later))


def put_off(connection: Connection, id_: str, until: datetime) -> None:
    """Nobody knows what came of it: the same is asked once more at `until`."""
    connection.execute(_of(id_).values(due_at=until))


def _of(id_: str) -> Update:
    return update(refunds).where(refunds.c.id == id_)


def _refund(row: Found) -> Refund:
    return Refund(
        id=row.id,
        booking=BookingId(row.booking),
        payment=row.payment,
        amount=Money(row.amount, row.currency),
        created_at=row.created_at,
        due_at=row.due_at,
        state=Refunding(row.state),
        attempts=row.attempts,
        failures=row.failures,
        cause=row.cause,
        provider_id=row.provider_id,
        ended_at=row.ended_at,
    )
