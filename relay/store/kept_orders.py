"""Orders that wait until whoever sent them has said, by the link in a mail, that they did (SL-B1).

Of the secret in the link a digest alone is kept. Once an order counts, nothing of what somebody wrote is left in it; two days
after it was sent it is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from relay.errors import NotFound
from relay.store.bookings.written import Apart
from relay.store.digests import digest_of, is_same
from relay.store.order_tables import kept_orders
from relay.store.people_tables import network_characters_max
from relay.store.rows import text
from relay.transit.network import is_told
from relay.values import Rate, RealAddress

counts_for: Final = timedelta(days=2)
"""How long it is remembered that something was ordered; no rate looks back further."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How many orders of people who have not signed in there may be; None: as many as there are."""

    address: Rate | None
    network: Rate | None


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order as it is kept. `order` is empty once it counts; `reference` is then the booking's."""

    order: Apart = field(repr=False)
    way: str
    ends_at: datetime
    reference: str | None


def is_crowded(connection: Connection, address: RealAddress, network: str, rates: Rates, now: datetime) -> bool:
    """Whether as many came from there, or for that address, as may. What is long past is forgotten."""
    connection.execute(delete(kept_orders).where(kept_orders.c.created_at <= now - counts_for))
    if is_told(network) and _is_used_up(connection, rates.network, kept_orders.c.network == network, now):
        return True
    return _is_used_up(connection, rates.address, kept_orders.c.key == address.key, now)


def keep(
    connection: Connection,
    secret: str,
    address: RealAddress,
    network: str,
    way: str,
    order: Apart,
    now: datetime,
    ends_at: datetime,
    reference: str | None = None,
) -> None:
    """There is one more, of the link with that secret; one that counts already where it has a `reference`."""
    connection.execute(
        insert(kept_orders).values(
            digest=digest_of(secret),
            key=address.key,
            network=text(network, network_characters_max),
            way=way,
            state=order.state,
            addresses=order.addresses,
            created_at=now,
            ends_at=ends_at,
            reference=reference,
        )
    )


def kept(connection: Connection, secret: str, now: datetime) -> KeptOrder:
    """Raises NotFound for none, and for one whose time was over before anybody said that it was theirs."""
    digest = digest_of(secret)
    row = connection.execute(select(kept_orders).where(kept_orders.c.digest == digest)).one_or_none()
    if not is_same(row.digest if row is not None else None, digest) or row is None:
        raise NotFound("there is no such order")
    if row.reference is None and now >= row.ends_at:
        raise NotFound("its time is over")
    return KeptOrder(Apart(row.state, row.addresses), row.way, row.ends_at, row.reference)


def counts(connection: Connection, secret: str, reference: str) -> None:
    """A booking came of it: what was written stands there from now on."""
    one = update(kept_orders).where(kept_orders.c.digest == digest_of(secret))
    connection.execute(one.values(reference=reference, state="", addresses="[]"))


def _is_used_up(connection: Connection, rate: Rate | None, whose: ColumnElement[bool], now: datetime) -> bool:
    if rate is None:
        return False
    lately = select(kept_orders.c.digest).where(whose, kept_orders.c.created_at > now - rate.span).limit(rate.count)
    return len(connection.execute(lately).all()) >= rate.count
