"""What has to hold before a step: each guard says in one sentence why not, or None.

A guard reads the situation alone, so that it also tells which steps are possible now. What depends on what somebody wrote is a
check (relay.booking.checks).
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from relay.booking.booking import Actor, Relay, RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.booking.offer import DeadlinePolicy, Mode, PaidCancellation, Pay
from relay.booking.situation import Situation

_NOT_PAID: Final = frozenset({Payment.NOTHING_DUE, Payment.UNPAID})


_ASKED_FOR: Final = frozenset({Mode.ON_REQUEST, Mode.CUSTOM_REQUEST})


def is_asked_for(of: Situation) -> str | None:
    """T1, OR-2"""
    return None if of.rules.mode in _ASKED_FOR else "it is not asked for: it can be booked, or reserved, at once"


def is_reserved(of: Situation) -> str | None:
    """T2"""
    return None if of.rules.mode is Mode.RESERVE else "it is not reserved"


def is_instant(of: Situation) -> str | None:
    """T3, OR-2: who wants it directly is told what to do instead."""
    if of.rules.mode in _ASKED_FOR:
        return "it is on request only: send a request, and the partner says whether they can"
    return "it is reserved, and paid later" if of.rules.mode is Mode.RESERVE else None


def is_asked_again(of: Situation) -> str | None:
    """T18"""
    return None if of.booking.parent is not None else "it was not asked for before"


def is_sold(of: Situation) -> str | None:
    """T1 to T3: what the catalogue says."""
    return of.unsold or None


def there_is_room_if_it_holds(of: Situation) -> str | None:
    """T1, ST-4: a request that takes no place needs none yet."""
    return there_is_room(of) if of.rules.request_holds else None


def is_unseen(of: Situation) -> str | None:
    """OR-20"""
    return "it was looked at already" if of.booking.seen_at is not None else None


def is_custom(of: Situation) -> str | None:
    """T5, SL-5"""
    return None if of.rules.mode is Mode.CUSTOM_REQUEST else "other terms are offered for custom requests alone"


def is_on_request(of: Situation) -> str | None:
    """T8"""
    return None if of.rules.mode is Mode.ON_REQUEST else "it is booked by hand where it was asked for on request alone"


def change_waits_for_customer(of: Situation) -> str | None:
    """T20"""
    return _change_waits_for(Actor.CUSTOMER, of)


def change_waits_for_partner(of: Situation) -> str | None:
    """T20"""
    return _change_waits_for(Actor.PARTNER, of)


def customer_may_propose(of: Situation) -> str | None:
    """T20: not before the partner's is answered; their own they may replace."""
    return _may_propose(Actor.CUSTOMER, of)


def partner_may_propose(of: Situation) -> str | None:
    """T20: not before the customer's is answered; their own they may replace."""
    return _may_propose(Actor.PARTNER, of)


def _may_propose(actor: Actor, of: Situation) -> str | None:
    if _change_waits_for(actor, of) is None and proposal_is_valid(of) is None:
        return "the other side has proposed a change, which has to be answered first"
    return None


def _change_waits_for(actor: Actor, of: Situation) -> str | None:
    if of.booking.proposal is not None and of.booking.turn is actor:
        return None
    return f"no change was proposed that the {actor.value} would have to answer"


def proposal_is_valid(of: Situation) -> str | None:
    """T20"""
    proposal = of.booking.proposal
    if proposal is None or proposal.is_valid(of.now):
        return None
    return "what was proposed is not valid any more; it has to be proposed anew"


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


def has_begun(of: Situation) -> str | None:
    """Nobody failed to come to what has not begun."""
    return None if of.booking.has_begun(of.now) else "it has not begun"


def was_not_had(of: Situation) -> str | None:
    """Whoever had it was there, and is marked once."""
    return None if of.booking.redeemed_at is None and not of.booking.no_show else "it was redeemed, or marked already"


def has_arrived(of: Situation) -> str | None:
    """SV-B2: not before they arrive, on the day of the activity at the earliest."""
    occasion = of.booking.terms.occasion
    if occasion is None:
        return None
    day = datetime.combine(occasion.starts_at.astimezone(occasion.zone).date(), time(), occasion.zone)
    return None if of.now >= day else "its day has not come; it is redeemed when they arrive"


def is_valid_still(of: Situation) -> str | None:
    """SV-B2: a date that was agreed on stands, beyond the validity too (SV-B4)."""
    until = of.booking.valid_until
    if until is None or of.now < until or of.booking.terms.occasion is not None:
        return None
    return "it is not valid any more"


def redeems_itself(of: Situation) -> str | None:
    """SV-B1"""
    at = of.booking.redeems_at(of.rules)
    if at is None:
        return "it is redeemed by its code"
    return None if of.now >= at else "it has not come so far"


def is_redeemed(of: Situation) -> str | None:
    """SV-B2"""
    return None if of.booking.redeemed_at is not None else "it was not redeemed"


def has_ended(of: Situation) -> str | None:
    """T24: what has a date is complete at its end; what has none, when it is redeemed (SL-8, SV-B1)."""
    if of.booking.redeems_at(of.rules) is not None:
        return "it redeems itself"
    return None if of.booking.is_over(of.now) else "it has not ended yet"


def conversation_is_open(of: Situation) -> str | None:
    """T25"""
    return None if of.booking.relay is Relay.OPEN else "its conversation is not open"


def conversation_is_closed(of: Situation) -> str | None:
    """T25"""
    return None if of.booking.relay is Relay.CLOSED else "its conversation is not closed"


def window_has_passed(of: Situation) -> str | None:
    """T25, GY-15"""
    until = of.booking.relay_until
    return None if until is not None and of.now >= until else "the parties may write still"


def is_not_erased(of: Situation) -> str | None:
    """T26"""
    return None if of.booking.erased_at is None else "it was erased already"


def nothing_is_disputed(of: Situation) -> str | None:
    """T26"""
    return "a dispute about its payment is open" if of.account.disputed else None


def no_refund_is_under_way(of: Situation) -> str | None:
    """T26"""
    return "a refund is under way" if of.account.refunding or of.account.in_flight else None


def retention_is_over(of: Situation) -> str | None:
    """T26: the books have to be kept for so long, and the conversation is over."""
    if of.booking.relay is Relay.OPEN:
        return "the parties may write still"
    until = of.booking.since + of.rules.kept_for
    return None if of.now >= until else f"it is kept until {until.date().isoformat()}"


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


def too_much_came_in(of: Situation) -> str | None:
    """T12: paid twice, for example."""
    return None if of.surplus else "no more came in than is due"


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


_CHECKOUT_RUNS: Final = "the time to pay has not passed"


def is_at_checkout(of: Situation) -> str | None:
    """T3"""
    return None if of.booking.is_checkout else "it is no checkout"


def checkout_has_ended(of: Situation) -> str | None:
    """T3, T16: who did not pay in time has booked nothing, and nobody is told."""
    if (why := is_at_checkout(of)) is not None:
        return why
    return None if _may_be_released(of) else _CHECKOUT_RUNS


def clock_may_release(of: Situation) -> str | None:
    """T16, ST-21, ST-23"""
    if of.booking.is_checkout:
        return _CHECKOUT_RUNS
    if of.rules.deadline_policy is not DeadlinePolicy.FIRM:
        return "its deadline is not firm; an operator decides"
    return None if _may_be_released(of) else "its deadline, with the margin, has not passed"


def _may_be_released(of: Situation) -> bool:
    at = of.booking.released_at(of.rules)
    return at is not None and of.now >= at


def has_lapsed(of: Situation) -> str | None:
    """T17: at the end of its time to live, or when what it is about begins, whichever is first (OR-34)."""
    at = of.booking.lapses_at(of.rules)
    return None if at is not None and of.now >= at else "it still waits for an answer"


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
