"""Mail about bookings, written down, posted and carried, for tests of what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from relay.booking.booking import BookingId
from relay.booking.notification import Notification, To
from relay.store import posting
from relay.store.booking_tables import bookings
from relay.store.exchange_tables import notifications
from relay.store.posting import BookingMail
from relay.transit.delivery import Carries, Delivery
from relay.values import ConversationId, DeliveryId, NotificationId, RealAddress
from support.archive import World
from support.booking_rows import ROW, a_booking_row
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS

REFERENCE: Final = "GYG4K7Q2X9ABC"
_ADDRESSES: Final = {To.CUSTOMER: CUSTOMER_ADDRESS, To.PARTNER: PARTNER_ADDRESS, To.OPERATOR: "ops@example.com"}


def booked(connection: Connection, reference: str = REFERENCE) -> BookingId:
    """The booking of that reference, made if there is none: `ROW` the first one."""
    there = connection.execute(select(bookings.c.id, bookings.c.reference)).all()
    for row in there:
        if row.reference == reference:
            return BookingId(row.id)
    return a_booking_row(connection, BookingId(f"b-{reference.lower()}") if there else ROW, reference)


def written_down(
    world: World,
    says: Notification = Notification.NEW_REQUEST,
    to: To = To.PARTNER,
    *,
    reference: str = REFERENCE,
    at: datetime = NOW,
) -> BookingMail:
    """A mail that a step of that booking causes; the booking is made if there is none."""
    id_ = NotificationId(world.new_id())

    def work(connection: Connection) -> BookingMail:
        row = {"id": id_, "booking": booked(connection, reference), "version": 1, "number": says.value, "addressee": to.value}
        connection.execute(insert(notifications).values(**row, at=at, key=f"{says.value} {to.value} {id_}", detail="{}"))
        return posting.one(connection, id_)

    return world.write(work)


def carrying(world: World, mail: BookingMail, *, to: str | None = None, at: datetime = NOW) -> Delivery:
    """The delivery of `mail`, as posting makes it."""
    id_ = DeliveryId(world.new_id())
    return Delivery(
        id=id_,
        message=None,
        conversation=ConversationId(mail.conversation) if mail.conversation is not None else None,
        carries=Carries.NOTIFICATION,
        return_path=f"bounce-{id_}-2-3@{DOMAIN}",
        recipient=RealAddress(to or _ADDRESSES[mail.to]),
        content=f"Subject: {mail.says.value}\r\n\r\nAbout your booking\r\n".encode(),
        accepted_at=at,
    )


def posted(world: World, mail: BookingMail, *, to: str | None = None, at: datetime = NOW) -> Delivery:
    """`mail` on its way."""
    delivery = carrying(world, mail, to=to, at=at)
    assert world.write(lambda connection: posting.post(connection, mail, delivery, at))
    return delivery
