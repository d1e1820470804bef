"""The outbox of mail about bookings: nothing is told twice."""

from __future__ import annotations

import pytest
from support.bookings import NOW
from support.bookkeeping import Office

from relay.booking.booking import Booking
from relay.booking.notification import Notification, To
from relay.store import posting
from relay.store.bookings import notifications
from relay.store.bookings.notifications import Told, Waiting


@pytest.fixture
def booking(office: Office) -> Booking:
    return office.begun()


def reserved(booking: Booking, id_: str = "n1", key: str = "N3-customer-1") -> Waiting:
    return Waiting(id_, booking.id, 1, Notification.RESERVED, To.CUSTOMER, NOW, key, {"why": "ĺ"})


def told(office: Office, booking: Booking) -> tuple[Told, ...]:
    return office.world.read(lambda connection: notifications.of_booking(connection, booking.id))


def test_what_is_to_be_told_waits_until_it_was_posted(office: Office, booking: Booking) -> None:
    one = reserved(booking)
    assert office.world.write(lambda connection: notifications.add(connection, one))
    assert told(office, booking) == (Told(one, None, None, ""),)
    [mail] = office.world.read(lambda connection: posting.waiting(connection, NOW, 10))
    assert office.world.write(lambda connection: posting.spare(connection, mail, "erased", NOW))
    assert told(office, booking) == (Told(one, NOW, None, "erased"),)


def test_nothing_is_told_twice(office: Office, booking: Booking) -> None:
    other = office.begun("BOAT-2")
    office.world.write(lambda connection: notifications.add(connection, reserved(booking)))
    assert not office.world.write(lambda connection: notifications.add(connection, reserved(booking, "n2")))
    assert office.world.write(lambda connection: notifications.add(connection, reserved(other, "n3")))
    assert [one.notification.id for one in told(office, booking)] == ["n1"]
    assert [one.notification.id for one in told(office, other)] == ["n3"]
