"""What has to hold before a step: each guard says in one sentence why not, or None.

A guard reads the situation alone, so that it also tells which steps are possible now. What depends on what somebody wrote is a
check.
"""

from __future__ import annotations

from typing import Final

from relay.booking.booking import Actor, RequiredAction, Stage, reason_characters_max
from relay.booking.ledger import Payment
from relay.booking.offer import DeadlinePolicy, Mode, PaidCancellation, Pay
from relay.booking.situation import Situation, Wish

_NOT_PAID: Final = frozenset({Payment.NOTHING_DUE, Payment.UNPAID})


def is_custom(of: Situation) -> str | None:
    """T5, SL-5"""
    return None if of.rules.mode is Mode.CUSTOM_REQUEST else "other terms are offered for custom requests alone"


def is_on_request(of: Situation) -> str | None:
    """T8"""
    return None if of.rules.mode is Mode.ON_REQUEST else "it is booked by hand where it was asked for on request alone"


def is_reservation(of: Situation) -> str | None:
    """T19"""
    if of.rules.mode is not Mode.RESERVE:
        return "only a reservation can be taken up again; ask anew instead"
    return None if of.rules.may_be_reinstated else "this offer's reservations are not taken up again; ask anew instead"


def has_not_begun(of: Situation) -> str | None:
    """OR-34, OR-35"""
    return "its time has begun; ask anew instead" if of.booking.has_begun(of.now) else None


def is_not_over(of: Situation) -> str | None:
    """T20"""
    return "it is over" if of.booking.is_over(of.now) else None


def has_ended(of: Situation) -> str | None:
    """T24: what has a date is complete at its end; what has none, when it is redeemed (SL-8, SV-B1)."""
    return None if of.booking.is_over(of.now) else "it has not ended yet"


def terms_are_valid(of: Situation) -> str | None:
    """SL-5, OR-34"""
    return None if of.booking.terms.is_valid(of.now) else "what was offered is not valid any more; it has to be offered anew"


def there_is_room(of: Situation) -> str | None:
    """Invariant 10: looked up again, in the transaction that takes the place."""
    return None if of.room or of.booking.has_room else "there is no place left at that time"


def there_is_room_anew(of: Situation) -> str | None:
    """T20: at another time, the place that it has is no help."""
    return None if of.room else "there is no place left at that time"


def has_to_be_paid_first(of: Situation) -> str | None:
    """T6, SL-18"""
    is_first = of.rules.pay is Pay.BEFORE_CONFIRMATION and of.outstanding.minor > 0
    return None if is_first else "nothing has to be paid before"


def is_covered(of: Situation) -> str | None:
    """T12: all that is due has come in."""
    return None if of.outstanding.minor <= 0 else f"{of.outstanding} of it have not come in yet"


def something_is_outstanding(of: Situation) -> str | None:
    """T12"""
    return None if of.outstanding.minor > 0 else "there is nothing left to be paid"


def partner_has_the_turn(of: Situation) -> str | None:
    """T5, T6: after a counter-offer of the partner's it is the customer who answers."""
    if of.booking.stage is Stage.COUNTERED and of.booking.turn is not Actor.PARTNER:
        return "other terms were offered, and the customer has to answer them first"
    return None


def customer_has_the_turn(of: Situation) -> str | None:
    """T7"""
    if of.booking.turn is not Actor.CUSTOMER:
        return "the partner has to answer first"
    return None


def customer_may_counter(of: Situation) -> str | None:
    """T5"""
    return None if of.rules.customer_may_counter else "this offer's terms are made by the partner alone"


def is_unpaid(of: Situation) -> str | None:
    """T11, SL-25, SL-26"""
    return None if of.payment in _NOT_PAID else "it is paid, or being paid; it can be cancelled and refunded"


def is_not_being_paid(of: Situation) -> str | None:
    """T16: whoever is paying is not run over."""
    return "a payment is under way; it has to end first" if of.payment is Payment.IN_FLIGHT else None


def is_not_blocked(of: Situation) -> str | None:
    """ST-B4: the block beats the clock and the bulk."""
    return "its release is blocked; unblock it first" if of.booking.release_blocked else None


def is_blocked(of: Situation) -> str | None:
    """T15"""
    return None if of.booking.release_blocked else "its release is not blocked"


def clock_may_release(of: Situation) -> str | None:
    """T16, ST-21, ST-23"""
    if of.rules.deadline_policy is not DeadlinePolicy.FIRM:
        return "its deadline is not firm; an operator decides"
    return None if of.booking.may_be_released(of.rules, of.now) else "its deadline, with the margin, has not passed"


def has_lapsed(of: Situation) -> str | None:
    """T17: at the end of its time to live, or when what it is about begins, whichever is first (OR-34)."""
    ttl = of.rules.request_for
    if of.booking.has_begun(of.now) or (ttl is not None and of.now >= of.booking.created_at + ttl):
        return None
    return "it still waits for an answer"


def is_not_contacted(of: Situation) -> str | None:
    """OR-38"""
    return "the customer was contacted already" if of.booking.contacted_at is not None else None


def action_is_open(of: Situation) -> str | None:
    """T21"""
    return None if of.booking.action is RequiredAction.OPEN else "there is no required action left to be done"


def action_is_done(of: Situation) -> str | None:
    """T21"""
    return None if of.booking.action is RequiredAction.DONE else "no required action was done"


def support_may_cancel(of: Situation) -> str | None:
    """SV-5: what the customer signed or handed in binds them to the partner."""
    if of.booking.action is RequiredAction.DONE:
        return "the required action is done, so the customer has to turn to the partner"
    return None


def customer_may_cancel(of: Situation) -> str | None:
    """T22, SL-B2: with what goes back, which may be nothing."""
    return None if of.rules.customer_cancels else "this offer is cancelled by support alone"


def partner_may_cancel(of: Situation) -> str | None:
    """T22, SL-26, SL-B3, SV-B3"""
    if of.payment in _NOT_PAID or of.rules.paid_cancellation is PaidCancellation.WITH_REFUND:
        return None
    if of.rules.paid_cancellation is PaidCancellation.REFUND_ONLY:
        return "what is paid is not cancelled by the partner; refund all or a part of it"
    return "what is paid is cancelled by support alone"


def something_is_refundable(of: Situation) -> str | None:
    """SL-28, T23"""
    return None if of.account.refundable.minor > 0 else "there is nothing to refund"


# Checks of what somebody wrote


def reason_fits(of: Situation, wish: Wish) -> str | None:
    """OR-36, ST-14: whoever wants to may say why."""
    return f"reason: at most {reason_characters_max} characters" if len(wish.reason) > reason_characters_max else None


def reason_suffices(of: Situation, wish: Wish) -> str | None:
    """T9: to be given where the house wants it."""
    if of.rules.decline_needs_reason and not wish.reason.strip():
        return "reason: the customer has to be told why"
    return reason_fits(of, wish)


def reason_is_given(of: Situation, wish: Wish) -> str | None:
    """T22: a partner, or an operator who overrules, says why (GY-B2)."""
    return reason_fits(of, wish) if wish.reason.strip() else "reason: it has to be said why"


def terms_are_new(of: Situation, wish: Wish) -> str | None:
    """T5, T20: the next version, in the same currency, and valid."""
    terms, before = wish.terms, of.booking.terms
    if terms is None:
        return "terms: what is offered is missing"
    if terms.version != before.version + 1:
        return f"terms: the next version is {before.version + 1}; somebody else was faster"
    if terms.currency != before.currency:
        return f"terms: the currency stays {before.currency}"
    return None if terms.is_valid(of.now) else "terms: they would not be valid any more"


def version_is_that_read(of: Situation, wish: Wish) -> str | None:
    """SL-5, T7: exactly the version that was read, and no other."""
    if wish.terms_version != of.booking.terms.version:
        return "the terms have changed since; read them again"
    return None


def deadline_is_later(of: Situation, wish: Wish) -> str | None:
    """T14"""
    if wish.until is None or wish.until <= of.now:
        return "deadline: a time to come is needed"
    occasion = of.booking.terms.occasion
    if occasion is not None and wish.until > occasion.starts_at:
        return "deadline: it cannot be after the start"
    return None


def amount_is_outstanding(of: Situation, wish: Wish) -> str | None:
    """T12: all that is due, at once."""
    return None if wish.amount == of.outstanding else f"amount: {of.outstanding} are due"


def amount_is_refundable(of: Situation, wish: Wish) -> str | None:
    """T23, SL-B3: never more than came in."""
    if wish.amount is None or wish.amount.minor <= 0:
        return "amount: more than nothing is needed"
    if wish.amount.currency != of.account.refundable.currency:
        return f"amount: it was paid in {of.account.refundable.currency}"
    return None if wish.amount <= of.account.refundable else f"amount: at most {of.account.refundable} can be refunded"
