"""The signs that a booking carries in lists and on the calendar: the same for the API and for every page.

What stands in which list is told by the tab (relay.booking.selection); here is what stands beside it. Each sign has a word of its
own, for colour alone tells nothing to whoever does not see it.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final

from relay.booking.booking import OPEN, Booking, RequiredAction, Stage
from relay.booking.ledger import Payment


class Badge(Enum):
    """A sign, by what it says."""

    NEW = "new"
    """A purple dot: nobody of the partner's has looked at it (OR-20)."""
    NOT_CONTACTED = "not contacted"
    """A red paper plane (OR-21)."""
    ASKED_FOR = "asked for"
    """A raised hand, until it is booked (OR-28, OR-29)."""
    UNPAID = "unpaid"
    """A red dot (OR-30)."""
    PAID = "paid"
    """A green dot (OR-30)."""
    OVERDUE = "overdue"
    """Not paid in time, and its place is kept all the same (ST-22)."""
    BLOCKED = "release blocked"
    """ST-B4"""
    CHANGE_PROPOSED = "change proposed"
    """T20"""
    ACTION_OPEN = "required action open"
    """A red box with what is to be done (SV-11, SV-19)."""
    ACTION_DONE = "required action done"
    """The confirmation that stands in its place (SV-19)."""
    EXPIRED = "expired"
    """In a lighter colour (OR-32)."""


_SETTLED: Final = frozenset({Payment.PAID, Payment.PART_REFUNDED, Payment.REFUNDED})


def badges(booking: Booking, payment: Payment, now: datetime) -> tuple[Badge, ...]:
    """All that hold at `now`, in the order of the enum."""
    is_open, is_booked = booking.stage in OPEN, booking.stage in {Stage.CONFIRMED, Stage.COMPLETED}
    is_under_way = booking.stage in {Stage.AWAITING_PAYMENT, Stage.CONFIRMED}
    holds = {
        Badge.NEW: is_open and booking.seen_at is None,
        Badge.NOT_CONTACTED: is_open and booking.contacted_at is None,
        Badge.ASKED_FOR: is_open,
        Badge.UNPAID: is_booked and payment in {Payment.UNPAID, Payment.IN_FLIGHT},
        Badge.PAID: is_booked and payment in _SETTLED,
        Badge.OVERDUE: booking.is_overdue(now),
        Badge.BLOCKED: booking.stage is Stage.AWAITING_PAYMENT and booking.release_blocked,
        Badge.CHANGE_PROPOSED: booking.proposal is not None,
        Badge.ACTION_OPEN: is_under_way and booking.action is RequiredAction.OPEN,
        Badge.ACTION_DONE: (is_under_way or is_booked) and booking.action is RequiredAction.DONE,
        Badge.EXPIRED: booking.stage is Stage.EXPIRED,
    }
    return tuple(badge for badge in Badge if holds[badge])


def is_on_calendar(booking: Booking) -> bool:
    """Whether it has a place on the calendar: a date and, until it is booked, somebody of the staff who was asked for (OR-26).

    Other requests stand in the list alone (OR-27), and so does what did not come about.
    """
    if booking.terms.occasion is None:
        return False
    if booking.stage in OPEN | {Stage.AWAITING_PAYMENT}:
        return booking.assignee is not None
    return booking.stage in {Stage.CONFIRMED, Stage.COMPLETED}
