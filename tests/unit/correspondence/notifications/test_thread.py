"""The mails about one booking hang together for each recipient."""

from __future__ import annotations

from relay.booking.booking import BookingId
from relay.booking.notification import To
from relay.correspondence.notifications.thread import thread_of

BOOKING = BookingId("01jx3v9k2m7q8r4t5w6y0z1abc")


def test_each_recipient_of_a_booking_has_a_thread_of_their_own() -> None:
    roots = {
        thread_of(booking, to, "reply.example.com", member)
        for booking in (BOOKING, BookingId("another"))
        for to in To
        for member in ("", "anna", "ben")
    }
    assert len(roots) == 18
    assert thread_of(BOOKING, To.CUSTOMER, "reply.example.com") == thread_of(BOOKING, To.CUSTOMER, "reply.example.com")


def test_nothing_can_be_read_from_the_root_of_a_thread() -> None:
    root = thread_of(BOOKING, To.PARTNER, "reply.example.com", "anna@partner.example")
    assert root.endswith("@reply.example.com")
    assert BOOKING not in root
    assert "anna" not in root
