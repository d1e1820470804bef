"""Links that decide, of which only the digest of the secret is kept; and where mails about a booking are answered."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from relay.booking.booking import BookingId
from relay.booking.link import Allows, Link, answerable_for_days
from relay.booking.notification import To
from relay.errors import Conflict, NotFound
from relay.store.booking_tables import bookings
from relay.store.exchange_tables import answer_addresses, booking_links
from relay.transit.question import digest_of
from relay.values import NewSecret

LOCAL_PREFIX: Final = "booking-"
"""How the local part of an address begins at which a party answers mail about a booking."""
draws_max: Final = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A link, with the reference of its booking."""

    link: Link
    reference: str


def mint_links(
    connection: Connection,
    booking: BookingId,
    to: To,
    offered: Collection[Allows],
    *,
    person: str = "",
    terms_version: int | None,
    now: datetime,
    until: datetime | None = None,
    new_secret: NewSecret,
) -> Mapping[Allows, str]:
    """A secret for each of `offered`, told this once. They are good until `until`, and never for ever."""
    end = min(until or now + timedelta(days=answerable_for_days), now + timedelta(days=answerable_for_days))
    secrets = {one: new_secret() for one in offered}
    rows = [
        {
            "digest": digest_of(secret),
            "booking": booking,
            "addressee": to.value,
            "person": person,
            "act": one.value,
            "terms_version": terms_version,
            "minted_at": now,
            "until": end,
        }
        for one, secret in secrets.items()
    ]
    if rows:
        connection.execute(insert(booking_links), rows)
    return secrets


def link(connection: Connection, secret: str) -> Found:
    """The link of which `secret` is the one. Raises NotFound for none."""
    digest = digest_of(secret)
    # The look-up is by hash, as that of tokens: how long a near miss takes says nothing of a secret.
    row = connection.execute(
        select(booking_links, bookings.c.reference).join(bookings).where(booking_links.c.digest == digest)
    ).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        raise NotFound("there is no such link")
    return Found(
        Link(
            booking=BookingId(row.booking),
            to=To(row.addressee),
            person=row.person,
            allows=Allows(row.act),
            terms_version=row.terms_version,
            minted_at=row.minted_at,
            until=row.until,
            used_at=row.used_at,
        ),
        row.reference,
    )


def use(connection: Connection, secret: str, now: datetime) -> bool:
    """Marks a link as used at `now`; whether it was this call that did. Of two at once one does."""
    marked = update(booking_links).where(booking_links.c.digest == digest_of(secret), booking_links.c.used_at.is_(None))
    return connection.execute(marked.values(used_at=now)).rowcount == 1


def answer_local(connection: Connection, booking: BookingId, to: To, *, now: datetime, hex_digits: Callable[[], str]) -> str:
    """The local part of the address at which `to` answers mail about `booking`: minted at first need, and the same ever after."""
    known = known_answer_local(connection, booking, to)
    if known is not None:
        return known
    for _ in range(draws_max):
        local = LOCAL_PREFIX + hex_digits()
        taken = connection.execute(select(answer_addresses.c.local).where(answer_addresses.c.local == local)).first()
        if taken is None:
            values = {"local": local, "booking": booking, "addressee": to.value, "minted_at": now}
            connection.execute(insert(answer_addresses).values(values))
            return local
    raise Conflict("no address that is free was drawn")


def known_answer_local(connection: Connection, booking: BookingId, to: To) -> str | None:
    """The same where it was minted before; else None."""
    of = (answer_addresses.c.booking == booking) & (answer_addresses.c.addressee == to.value)
    return connection.execute(select(answer_addresses.c.local).where(of)).scalar_one_or_none()


def answered_at(connection: Connection, local: str) -> tuple[BookingId, To] | None:
    """Whose answers about which booking come to that local part; None where nobody's do."""
    row = connection.execute(select(answer_addresses).where(answer_addresses.c.local == local)).first()
    return (BookingId(row.booking), To(row.addressee)) if row is not None else None
