"""What a step changes of a booking beside its stage. Each takes the situation and the wish, for they stand in one table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Booking, Hold, HoldKind, Keeping, RequiredAction
from relay.booking.deadlines import deadline
from relay.booking.situation import Act, Situation, Wish

_NOWHERE: Final = ZoneInfo("UTC")
"""Goods without a date have no place whose days would count."""


def nothing(of: Situation, wish: Wish) -> Booking:
    """It stays as it is."""
    return of.booking


def contacted(of: Situation, wish: Wish) -> Booking:
    """Somebody has spoken with the customer, by mail or otherwise (OR-24, OR-38)."""
    return replace(of.booking, contacted_at=of.now, contacted_by=wish.by)


def terms_offered(of: Situation, wish: Wish) -> Booking:
    """The next version of the terms, which the other side has to answer (SL-5)."""
    turn = Actor.PARTNER if wish.actor is Actor.CUSTOMER else Actor.CUSTOMER
    return replace(of.booking, terms=wish.terms or of.booking.terms, turn=turn)


def to_be_paid(of: Situation, wish: Wish) -> Booking:
    """Agreed on: a place is theirs until the deadline."""
    terms = wish.terms or of.booking.terms
    starts_at, zone = (terms.occasion.starts_at, terms.occasion.zone) if terms.occasion is not None else (None, _NOWHERE)
    until = deadline(of.rules.term, of.now, starts_at, zone)
    return replace(of.booking, terms=terms, turn=None, deadline=until, hold=Hold(HoldKind.RESERVATION, Keeping.HELD, until))


def booked(of: Situation, wish: Wish) -> Booking:
    """Agreed on, or paid: the place is theirs for good."""
    return _sold(replace(of.booking, terms=wish.terms or of.booking.terms, turn=None), of.now)


def _sold(booking: Booking, now: datetime) -> Booking:
    kind = booking.hold.kind if booking.hold is not None else HoldKind.RESERVATION
    return replace(booking, hold=Hold(kind, Keeping.CONVERTED), deadline=None, confirmed_at=booking.confirmed_at or now)


def given_up(of: Situation, wish: Wish) -> Booking:
    """The place is free again."""
    hold = of.booking.hold
    released = replace(hold, keeping=Keeping.RELEASED, until=None) if hold is not None else None
    return replace(of.booking, hold=released, turn=None, deadline=None, reason=wish.reason.strip())


def cancelled(of: Situation, wish: Wish) -> Booking:
    """The place is free again, from now on (T22)."""
    return replace(given_up(of, wish), cancelled_at=of.now)


def extended(of: Situation, wish: Wish) -> Booking:
    """The place is kept until another time (T14, T19)."""
    hold = of.booking.hold
    kind = hold.kind if hold is not None else HoldKind.RESERVATION
    return replace(of.booking, deadline=wish.until, hold=Hold(kind, Keeping.HELD, wish.until))


def rescheduled(of: Situation, wish: Wish) -> Booking:
    """Other terms, at another time; the rest stays (T20)."""
    return replace(of.booking, terms=wish.terms or of.booking.terms)


def release_blocked(of: Situation, wish: Wish) -> Booking:
    """Blocked, or not any more (ST-B4)."""
    return replace(of.booking, release_blocked=wish.act is Act.BLOCK)


def redeemed(of: Situation, wish: Wish) -> Booking:
    """Whoever bought it has had it (SV-B1)."""
    return replace(of.booking, redeemed_at=of.now)


def action_set(of: Situation, wish: Wish) -> Booking:
    """The required action is done, or open again (SV-14)."""
    return replace(of.booking, action=RequiredAction.DONE if wish.act is Act.ACTION_DONE else RequiredAction.OPEN)
