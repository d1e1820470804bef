from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.bookings import NOW, a_booking, terms
from support.catalogue import GIULIA

from relay.booking.badges import Badge, badges, is_on_calendar
from relay.booking.booking import Booking, RequiredAction, Stage
from relay.booking.ledger import Payment

REQUEST = a_booking()
WAITING = a_booking(Stage.AWAITING_PAYMENT, deadline=NOW + timedelta(days=1))
BOOKED = a_booking(Stage.CONFIRMED)
B = Badge


@pytest.mark.parametrize(
    ("booking", "payment", "signs"),
    [
        (REQUEST, Payment.UNPAID, (B.NEW, B.NOT_CONTACTED, B.ASKED_FOR)),  # OR-20, OR-21, OR-28
        (replace(REQUEST, seen_at=NOW), Payment.UNPAID, (B.NOT_CONTACTED, B.ASKED_FOR)),
        (replace(REQUEST, seen_at=NOW, contacted_at=NOW), Payment.UNPAID, (B.ASKED_FOR,)),  # OR-38
        (WAITING, Payment.UNPAID, ()),
        (replace(WAITING, deadline=NOW), Payment.UNPAID, (B.OVERDUE,)),  # ST-22
        (replace(WAITING, release_blocked=True), Payment.UNPAID, (B.BLOCKED,)),  # ST-B4
        (BOOKED, Payment.UNPAID, (B.UNPAID,)),  # OR-29, OR-30: the hand is gone, the dot there
        (BOOKED, Payment.PAID, (B.PAID,)),
        (BOOKED, Payment.NOTHING_DUE, ()),
        (replace(BOOKED, proposal=terms(2)), Payment.PAID, (B.PAID, B.CHANGE_PROPOSED)),
        (replace(BOOKED, action=RequiredAction.OPEN), Payment.PAID, (B.PAID, B.ACTION_OPEN)),
        (replace(BOOKED, action=RequiredAction.DONE), Payment.PAID, (B.PAID, B.ACTION_DONE)),  # SV-19: replaced, not added
        (replace(REQUEST, stage=Stage.EXPIRED), Payment.UNPAID, (B.EXPIRED,)),  # OR-32
        (replace(REQUEST, stage=Stage.DECLINED, action=RequiredAction.OPEN), Payment.UNPAID, ()),
    ],
)
def test_a_booking_carries_the_signs_of_where_it_stands(booking: Booking, payment: Payment, signs: tuple[Badge, ...]) -> None:
    assert badges(booking, payment, NOW) == signs


@pytest.mark.parametrize(
    ("booking", "stands"),
    [
        (REQUEST, False),  # OR-27: in the list alone
        (replace(REQUEST, assignee=GIULIA.id), True),
        (replace(REQUEST, assignee=GIULIA.id, terms=terms(occasion=None)), False),
        (WAITING, False),
        (replace(WAITING, assignee=GIULIA.id), True),
        (BOOKED, True),
        (replace(BOOKED, stage=Stage.CANCELLED), False),
    ],
)
def test_a_request_is_on_the_calendar_if_somebody_and_a_date_were_asked_for(booking: Booking, stands: bool) -> None:
    """OR-26"""
    assert is_on_calendar(booking) is stands
