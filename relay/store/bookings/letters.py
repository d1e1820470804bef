"""The mails about a booking that were sent, and what other systems were told of it, when the people in it are erased (T26).

That something was sent, when, and what became of it, stays; what it said, and to which address, goes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select, update

from relay.booking.booking import BookingId
from relay.booking.notification import To
from relay.errors import Conflict
from relay.store.blobs import sha256
from relay.store.exchange_tables import events, notifications
from relay.store.tables import Codec, State, attempts, blobs, deliveries

NOBODY: Final = "erased.invalid"
"""Never a domain: `.invalid` will not exist (RFC 2606 §2)."""
_NOTHING: Final[dict[str, object]] = {
    "codec": Codec.PLAIN.value,
    "size": 0,
    "sha256": sha256(b""),
    "data": b"",
    "object": None,
    "source": None,
    "excerpts": None,
}
_UNDER_WAY: Final = (State.DUE.value, State.HELD.value)


def erase(connection: Connection, booking: BookingId) -> None:
    """Empties them. Raises Conflict while one of the mails is under way: it would arrive empty."""
    carried = select(notifications.c.delivery).where(notifications.c.booking == booking, notifications.c.delivery.is_not(None))
    under_way = select(func.count()).select_from(deliveries).where(deliveries.c.state.in_(_UNDER_WAY))
    if connection.execute(under_way.where(deliveries.c.id.in_(carried))).scalar_one():
        raise Conflict("mail about it is under way; wait for its end, or drop it")
    contents = select(deliveries.c.content).where(deliveries.c.id.in_(carried))
    connection.execute(update(blobs).where(blobs.c.id.in_(contents)).values(_NOTHING))
    to_customer = carried.where(notifications.c.addressee == To.CUSTOMER.value)
    # What a host replied may quote the address.
    unnamed = {"recipient": f"nobody@{NOBODY}", "domain": NOBODY, "last_text": None}
    connection.execute(update(deliveries).where(deliveries.c.id.in_(to_customer)).values(unnamed))
    connection.execute(update(attempts).where(attempts.c.delivery.in_(to_customer)).values(text=""))
    connection.execute(update(notifications).where(notifications.c.booking == booking).values(detail="{}"))
    connection.execute(update(events).where(events.c.booking == booking).values(payload="{}"))
