"""What a step changes of a booking beside its stage. Each takes the situation and the wish, for they stand in one table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from relay.booking.booking import Actor, Booking, Hold, HoldKind, Keeping, Relay, RequiredAction
from relay.booking.deadlines import deadline
from relay.booking.erasure import without_words
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Terms


def nothing(of: Situation, wish: Wish) -> Booking:
    """It stays as it is."""
    return of.booking


def contacted(of: Situation, wish: Wish) -> Booking:
    """Somebody has spoken with the customer, by mail or otherwise (OR-24, OR-38)."""
    return replace(of.booking, contacted_at=of.now, contacted_by=wish.by)


def seen(of: Situation, wish: Wish) -> Booking:
    """Somebody of the partner's has looked at it (OR-20)."""
    return replace(of.booking, seen_at=of.now)


def assigned(of: Situation, wish: Wish) -> Booking:
    """To whoever is named, or back to the team (OR-27)."""
    return replace(of.booking, assignee=wish.assignee)


def requested(of: Situation, wish: Wish) -> Booking:
    """Asked for; it takes a place already where the rules say so (ST-4)."""
    if not of.rules.request_holds:
        return of.booking
    return replace(of.booking, hold=_held(of.booking.terms, HoldKind.RESERVATION, None))


def terms_offered(of: Situation, wish: Wish) -> Booking:
    """The next version of the terms, which the other side has to answer (SL-5)."""
    return replace(of.booking, terms=wish.terms or of.booking.terms, turn=_other(wish.actor))


def to_be_paid(of: Situation, wish: Wish) -> Booking:
    """Agreed on, or reserved: a place is theirs until the deadline."""
    terms = wish.terms or of.booking.terms
    starts_at = terms.occasion.starts_at if terms.occasion is not None else None
    until = deadline(of.rules.term, of.now, starts_at, of.booking.zone)
    hold = _held(terms, wish.hold or HoldKind.RESERVATION, until)
    return replace(_agreed(of, wish), terms=terms, turn=None, deadline=until, hold=hold)


def checked_out(of: Situation, wish: Wish) -> Booking:
    """A place is theirs while they pay (T3)."""
    until = of.now + of.rules.checkout_for
    return replace(of.booking, deadline=until, hold=_held(of.booking.terms, HoldKind.CHECKOUT, until))


def booked(of: Situation, wish: Wish) -> Booking:
    """Agreed on, or paid: the place is theirs for good, and from now on the two may write to each other."""
    booking = replace(_agreed(of, wish), terms=wish.terms or of.booking.terms, turn=None)
    kind = booking.hold.kind if booking.hold is not None else HoldKind.RESERVATION
    sold = replace(_held(booking.terms, kind, None), keeping=Keeping.CONVERTED)
    confirmed_at = booking.confirmed_at or of.now
    return _open(replace(booking, hold=sold, deadline=None, confirmed_at=confirmed_at, reason=""), of)


def given_up(of: Situation, wish: Wish) -> Booking:
    """The place is free again."""
    hold = of.booking.hold
    released = replace(hold, keeping=Keeping.RELEASED, until=None) if hold is not None else None
    return replace(of.booking, hold=released, turn=None, proposal=None, deadline=None, reason=wish.reason.strip())


def cancelled(of: Situation, wish: Wish) -> Booking:
    """The place is free again, from now on; who may write, may for some days more (T22)."""
    gone = replace(given_up(of, wish), cancelled_at=of.now, cause=wish.cause)
    return _open(gone, of) if gone.relay is Relay.OPEN else gone


def extended(of: Situation, wish: Wish) -> Booking:
    """The place is kept until another time (T14, T19)."""
    kind = of.booking.hold.kind if of.booking.hold is not None else HoldKind.RESERVATION
    return replace(of.booking, deadline=wish.until, hold=_held(of.booking.terms, kind, wish.until), reason="")


def proposed(of: Situation, wish: Wish) -> Booking:
    """Other terms for what is confirmed, which stay as they are until the other side has said yes (T20)."""
    return replace(of.booking, proposal=wish.terms, turn=_other(wish.actor))


def refused(of: Situation, wish: Wish) -> Booking:
    """What was agreed on stays."""
    return replace(of.booking, proposal=None, turn=None)


def rescheduled(of: Situation, wish: Wish) -> Booking:
    """Other terms, at another time; the rest stays, and the parties may write until some days after the new end (T20)."""
    terms = wish.terms or of.booking.terms_in_question
    kind = of.booking.hold.kind if of.booking.hold is not None else HoldKind.RESERVATION
    sold = replace(_held(terms, kind, None), keeping=Keeping.CONVERTED)
    return _open(replace(of.booking, terms=terms, hold=sold, proposal=None, turn=None), of)


def release_blocked(of: Situation, wish: Wish) -> Booking:
    """Blocked, or not any more (ST-B4)."""
    return replace(of.booking, release_blocked=wish.act is Act.BLOCK)


def redeemed(of: Situation, wish: Wish) -> Booking:
    """Whoever bought it has had it (SV-B1)."""
    return _open(replace(_settled(of), redeemed_at=of.now), of)


def not_redeemed(of: Situation, wish: Wish) -> Booking:
    """It was not had after all (SV-B2)."""
    return _open(replace(of.booking, redeemed_at=None, redemption_undone=True), of)


def completed(of: Situation, wish: Wish) -> Booking:
    """It took place."""
    return _settled(of)


def no_show(of: Situation, wish: Wish) -> Booking:
    """The customer did not come."""
    return replace(of.booking, no_show=True)


def action_set(of: Situation, wish: Wish) -> Booking:
    """The required action is done, or open again; when, and by whom (SV-4, SV-14)."""
    action = RequiredAction.DONE if wish.act is Act.ACTION_DONE else RequiredAction.OPEN
    return replace(of.booking, action=action, action_at=of.now, action_by=wish.by)


def conversation_closed(of: Situation, wish: Wish) -> Booking:
    """The two cannot write to each other any more (T25)."""
    return replace(of.booking, relay=Relay.CLOSED, relay_until=of.now)


def conversation_reopened(of: Situation, wish: Wish) -> Booking:
    """They can again, until a time that support has set (T25)."""
    return replace(of.booking, relay=Relay.OPEN, relay_until=wish.until)


def erased(of: Situation, wish: Wish) -> Booking:
    """What people wrote is gone; what was agreed on and paid stays, for the books (T26)."""
    return replace(without_words(of.booking), erased_at=of.now)


def _other(actor: Actor) -> Actor:
    return Actor.PARTNER if actor is Actor.CUSTOMER else Actor.CUSTOMER


def _held(terms: Terms, kind: HoldKind, until: datetime | None) -> Hold:
    return Hold(kind, Keeping.HELD, until, terms.slot, terms.participants)


def _agreed(of: Situation, wish: Wish) -> Booking:
    """Who says yes may say whom of the staff it is for (OR-25)."""
    return replace(of.booking, assignee=wish.assignee or of.booking.assignee)


def _settled(of: Situation) -> Booking:
    """Nothing waits for an answer any more."""
    return replace(of.booking, turn=None, proposal=None)


def _open(booking: Booking, of: Situation) -> Booking:
    return replace(booking, relay=Relay.OPEN, relay_until=booking.activity_end(of.rules) + of.rules.write_for)
