"""The outbox of mail about bookings: nothing is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from support.bookings import NOW
from support.bookkeeping import Office

from relay.booking.booking import Booking
from relay.booking.notification import Notification, To
from relay.store.bookings import notifications
from relay.store.bookings.notifications import Told, Waiting


@pytest.fixture
def booking(office: Office) -> Booking:
    return office.begun()


def reserved(booking: Booking, id_: str = "n1", key: str = "N3-customer-1") -> Waiting:
    return Waiting(id_, booking.id, 1, Notification.RESERVED, To.CUSTOMER, NOW, key, {"why": "ĺ"})


def waiting(office: Office, limit: int = 10) -> tuple[Waiting, ...]:
    return office.world.write(lambda connection: notifications.waiting(connection, limit))


def test_what_is_to_be_told_waits_until_it_was_posted(office: Office, booking: Booking) -> None:
    one = reserved(booking)
    assert office.world.write(lambda connection: notifications.add(connection, one))
    assert waiting(office) == (one,)
    assert office.world.write(lambda connection: notifications.posted(connection, "n1", NOW, None))
    assert not office.world.write(lambda connection: notifications.posted(connection, "n1", NOW, None))
    assert waiting(office) == ()
    assert office.world.read(lambda connection: notifications.of_booking(connection, booking.id)) == (Told(one, NOW, None),)


def test_nothing_is_told_twice(office: Office, booking: Booking) -> None:
    other = office.begun("BOAT-2")
    office.world.write(lambda connection: notifications.add(connection, reserved(booking)))
    assert not office.world.write(lambda connection: notifications.add(connection, reserved(booking, "n2")))
    assert office.world.write(lambda connection: notifications.add(connection, reserved(other, "n3")))
    assert [one.id for one in waiting(office)] == ["n1", "n3"]
    assert [one.id for one in waiting(office, limit=1)] == ["n1"]


def test_what_is_to_be_told_later_waits_for_its_time(office: Office, booking: Booking) -> None:
    later = replace(reserved(booking), at=NOW + timedelta(hours=1))
    office.world.write(lambda connection: notifications.add(connection, later))
    for hours, expected in ((0, ()), (1, (later,))):
        now = NOW + timedelta(hours=hours)
        assert office.world.write(lambda connection, now=now: notifications.waiting(connection, 10, now)) == expected


def test_a_delivery_is_known_by_what_it_carries(office: Office, booking: Booking) -> None:
    conversation = office.world.opened()
    crossing = office.world.crossing(conversation)
    [delivery] = office.world.accepted(crossing)

    def post(connection: Connection) -> None:
        notifications.add(connection, reserved(booking))
        notifications.posted(connection, "n1", NOW, delivery.id)

    office.world.write(post)
    told = office.world.read(lambda connection: notifications.by_delivery(connection, delivery.id))
    assert told == Told(reserved(booking), NOW, delivery.id)


def test_what_nobody_posts_is_counted(office: Office, booking: Booking) -> None:
    office.world.write(lambda connection: notifications.add(connection, reserved(booking)))
    for hours, expected in ((0, 0), (1, 1)):
        before = NOW + timedelta(hours=hours)
        assert office.world.read(lambda connection, before=before: notifications.unposted(connection, before)) == expected
