from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.bookings import NOW, PRICE, STARTS, TOUR, a_booking, a_situation, paid, terms

from relay.booking.booking import CLOSED, Actor, Booking, Cause, Hold, HoldKind, Keeping, RequiredAction, Stage
from relay.booking.deadlines import Term
from relay.booking.ledger import Entry, Kind
from relay.booking.lifecycle import TRANSITIONS, Effect, Mail, NotAllowed, possible, stepped
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import DeadlinePolicy, Mode, PaidCancellation, Pay
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Occasion

S, A = Stage, Actor


def wish(act: Act, actor: Actor = A.PARTNER, **more: Any) -> Wish:
    return Wish(act, actor, "somebody", **more)


ACCEPT = wish(Act.ACCEPT, terms_version=1)


def objection(of: Situation, wanted: Wish) -> str:
    with pytest.raises(NotAllowed) as refused:
        stepped(of, wanted)
    return refused.value.why


def test_a_custom_request_goes_from_new_to_confirmed_with_no_step_of_an_operator() -> None:
    """SL-1, SL-5, SL-15, SL-18, OR-4"""
    of = a_situation()
    countered = stepped(of, wish(Act.COUNTER, terms=terms(2)))
    assert (countered.booking.stage, countered.booking.turn) == (S.COUNTERED, A.CUSTOMER)
    assert countered.mails == (Mail(Notification.COUNTER_OFFER, To.CUSTOMER),)
    agreed = stepped(replace(of, booking=countered.booking), wish(Act.ACCEPT, A.CUSTOMER, terms_version=2))
    assert (agreed.booking.stage, agreed.booking.hold) == (
        S.AWAITING_PAYMENT,
        Hold(HoldKind.RESERVATION, Keeping.HELD, STARTS),
    )
    assert agreed.mails == (Mail(Notification.PLEASE_PAY, To.CUSTOMER),)
    done = stepped(a_situation(agreed.booking, paid()), wish(Act.PAID, A.PAYMENTS))
    assert (done.booking.stage, done.booking.version) == (S.CONFIRMED, 4)
    assert done.booking.hold == Hold(HoldKind.RESERVATION, Keeping.CONVERTED)
    assert Effect.OPEN_CONVERSATION in done.effects
    assert done.booking.confirmed_at == NOW


@pytest.mark.parametrize(
    ("switches", "price", "stage"),
    [
        ({}, PRICE, S.AWAITING_PAYMENT),
        ({"pay": Pay.AFTER_CONFIRMATION}, PRICE, S.CONFIRMED),  # OR-30
        ({"pay": Pay.ON_SITE}, PRICE, S.CONFIRMED),
        ({}, Money(0, "EUR"), S.CONFIRMED),  # nothing due
    ],
)
def test_what_is_agreed_on_is_paid_first_or_booked(switches: dict[str, Any], price: Money, stage: Stage) -> None:
    """T6"""
    booking = stepped(a_situation(a_booking(terms=terms(price=price)), **switches), ACCEPT).booking
    is_booked = stage is S.CONFIRMED
    assert (booking.stage, booking.confirmed_at, booking.deadline is None) == (stage, NOW if is_booked else None, is_booked)


def test_a_deadline_follows_from_the_offer_s_term() -> None:
    """ST-2, ST-7"""
    booking = stepped(a_situation(term=Term(days_after=3)), ACCEPT).booking
    assert booking.deadline == NOW + timedelta(days=3)
    assert booking.hold is not None
    assert booking.hold.until == booking.deadline


_REQUEST = a_booking()
_WAITING = a_booking(S.AWAITING_PAYMENT, deadline=NOW + timedelta(days=2), hold=Hold(HoldKind.RESERVATION, Keeping.HELD))
_BOOKED = a_booking(S.CONFIRMED, hold=Hold(HoldKind.RESERVATION, Keeping.CONVERTED), confirmed_at=NOW)
_PAYING = Entry(Kind.STARTED, PRICE, NOW, "evt0", "pay1", "payments")
_HIS_TURN = replace(_REQUEST, stage=S.COUNTERED, turn=A.CUSTOMER)


@pytest.mark.parametrize(
    ("of", "wanted", "why"),
    [
        (a_situation(_BOOKED), ACCEPT, "no change was proposed"),  # SL-14, T20
        (a_situation(_REQUEST), wish(Act.ACCEPT, A.SUPPORT), "not by the support"),
        (a_situation(room=False), ACCEPT, "no place left"),  # invariant 10
        (a_situation(now=STARTS), ACCEPT, "not valid any more"),  # OR-34
        (a_situation(), wish(Act.ACCEPT, terms_version=2), "terms have changed since"),  # SL-5
        (a_situation(_HIS_TURN), ACCEPT, "the customer has to answer"),
        (a_situation(_HIS_TURN), wish(Act.COUNTER, terms=terms(2)), "the customer has to answer"),
        (a_situation(), wish(Act.COUNTER), "what is offered is missing"),
        (a_situation(), wish(Act.COUNTER, terms=terms(3)), "the next version is 2"),
        (a_situation(), wish(Act.COUNTER, terms=terms(2, price=Money(100, "CZK"))), "the currency stays EUR"),
        (a_situation(), wish(Act.COUNTER, terms=terms(2, valid_until=NOW)), "would not be valid"),
        (a_situation(mode=Mode.ON_REQUEST), wish(Act.COUNTER, terms=terms(2)), "custom requests alone"),
        (
            a_situation(_HIS_TURN, customer_may_counter=False),
            wish(Act.COUNTER, A.CUSTOMER, terms=terms(2)),
            "by the partner alone",
        ),
        (a_situation(), wish(Act.BOOK, terms=terms(2)), "on request alone"),
        (a_situation(decline_needs_reason=True), wish(Act.DECLINE, reason=" "), "has to be told why"),  # T9
        (a_situation(), wish(Act.DECLINE, reason="x" * 2001), "at most 2000"),
        (a_situation(replace(_REQUEST, contacted_at=NOW)), wish(Act.MARK_CONTACTED), "contacted already"),
        (a_situation(_WAITING, _PAYING), wish(Act.TAKE_BACK), "a payment is under way"),  # T11
        (a_situation(_WAITING, paid(100)), wish(Act.PAID, A.PAYMENTS), "89.00 EUR of it"),
        (a_situation(_WAITING), wish(Act.EXTEND, until=NOW), "a time to come"),
        (a_situation(_WAITING), wish(Act.EXTEND, until=STARTS + timedelta(seconds=1)), "cannot be after the start"),  # T14
        (a_situation(_WAITING, now=STARTS), wish(Act.RELEASE, A.CLOCK), "not firm"),  # SL-21, ST-21
        (a_situation(_WAITING, deadline_policy=DeadlinePolicy.FIRM), wish(Act.RELEASE, A.CLOCK), "has not passed"),
        (a_situation(replace(_WAITING, release_blocked=True)), wish(Act.RELEASE, A.OPERATOR), "blocked"),  # ST-B4
        (a_situation(_WAITING, _PAYING), wish(Act.RELEASE, A.OPERATOR), "a payment is under way"),  # T16
        (a_situation(), wish(Act.LAPSE, A.CLOCK), "still waits"),
        (a_situation(a_booking(S.EXPIRED)), wish(Act.REINSTATE, A.OPERATOR), "only a reservation"),  # OR-35
        (a_situation(a_booking(S.EXPIRED), mode=Mode.RESERVE), wish(Act.REINSTATE, A.OPERATOR), "not taken up again"),
        (a_situation(_BOOKED, now=TOUR.ends_at), wish(Act.RESCHEDULE, A.SUPPORT, terms=terms(2)), "it is over"),
        (a_situation(_BOOKED, room=False), wish(Act.RESCHEDULE, A.SUPPORT, terms=terms(2)), "no place left"),
        (a_situation(_BOOKED), wish(Act.ACTION_DONE), "no required action left"),
        (a_situation(replace(_BOOKED, action=RequiredAction.DONE)), wish(Act.CANCEL, A.SUPPORT), "turn to the partner"),  # SV-5
        (a_situation(_BOOKED), wish(Act.CANCEL), "cause: one of operational"),  # GY-B2
        (a_situation(_BOOKED), wish(Act.CANCEL, cause=Cause.ISOLATED), "has to be said why"),
        (a_situation(_BOOKED), wish(Act.CANCEL, A.OPERATOR), "has to be said why"),
        (a_situation(_BOOKED, customer_cancels=False), wish(Act.CANCEL, A.CUSTOMER), "by support alone"),
        (a_situation(_BOOKED, now=STARTS), wish(Act.CANCEL, A.CUSTOMER), "has begun"),
        (
            a_situation(_BOOKED, paid(), paid_cancellation=PaidCancellation.REFUND_ONLY),
            wish(Act.CANCEL, reason="Storm"),
            "refund all or a part",
        ),  # SL-B3
        (
            a_situation(_BOOKED, paid(), paid_cancellation=PaidCancellation.SUPPORT_ONLY),
            wish(Act.CANCEL, reason="Storm"),
            "by support alone",
        ),  # SV-B3
        (a_situation(_BOOKED), wish(Act.REFUND, amount=PRICE), "nothing to refund"),  # SL-28
        (a_situation(_BOOKED, paid()), wish(Act.REFUND, amount=Money(9_001, "EUR")), "at most 90.00 EUR"),  # T23
        (a_situation(_BOOKED, paid()), wish(Act.REFUND, amount=Money(1, "CZK")), "paid in EUR"),
        (a_situation(_BOOKED, paid()), wish(Act.REFUND), "more than nothing"),
        (a_situation(_BOOKED), wish(Act.COMPLETE, A.CLOCK), "not ended yet"),
    ],
)
def test_what_is_not_possible_is_refused_and_says_why(of: Situation, wanted: Wish, why: str) -> None:
    assert why in objection(of, wanted)


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(NotAllowed, match=r"possible: reschedule, cancel, refund$") as refused:
        stepped(a_situation(_BOOKED, paid()), wish(Act.TAKE_BACK, A.OPERATOR))
    assert refused.value.possible == (Act.RESCHEDULE, Act.CANCEL, Act.REFUND)


@pytest.mark.parametrize(
    ("of", "acts"),
    [
        (a_situation(mode=Mode.ON_REQUEST), (Act.CONTACT, Act.MARK_CONTACTED, Act.ACCEPT, Act.BOOK, Act.DECLINE)),  # OR-22
        (a_situation(), (Act.CONTACT, Act.MARK_CONTACTED, Act.COUNTER, Act.ACCEPT, Act.DECLINE)),  # SL-14
        (a_situation(_BOOKED, mode=Mode.VOUCHER), (Act.TAKE_PAYMENT, Act.PROPOSE, Act.CANCEL)),
        (a_situation(a_booking(S.DECLINED)), ()),  # SL-14: neither once it is closed
        (
            a_situation(_WAITING),
            (Act.CONTACT, Act.MARK_CONTACTED, Act.TAKE_BACK, Act.TAKE_PAYMENT, Act.EXTEND, Act.CANCEL),
        ),  # SL-22
    ],
)
def test_a_partner_is_offered_what_they_may_do_and_nothing_else(of: Situation, acts: tuple[Act, ...]) -> None:
    assert possible(of, A.PARTNER) == acts


def test_money_that_comes_too_late_takes_the_place_that_is_still_there_or_goes_back() -> None:
    """T12"""
    expired = a_booking(S.EXPIRED, hold=Hold(HoldKind.RESERVATION, Keeping.RELEASED))
    late = wish(Act.PAID, A.PAYMENTS)
    assert stepped(a_situation(expired, paid()), late).booking.stage is S.CONFIRMED
    for gone in (a_situation(expired, paid(), room=False), a_situation(expired, paid(), now=STARTS)):
        back = stepped(gone, late)
        assert (back.booking.stage, back.effects) == (S.EXPIRED, (Effect.REFUND_ALL,))
        assert back.mails == (Mail(Notification.PAID_TOO_LATE, To.CUSTOMER), Mail(Notification.PAID_TOO_LATE, To.PARTNER))


def test_cash_is_taken_whole_and_confirms() -> None:
    """T12, OR-B2"""
    assert "90.00 EUR are due" in objection(a_situation(_WAITING), wish(Act.TAKE_PAYMENT, amount=Money(8_999, "EUR")))
    taken = stepped(a_situation(_WAITING), wish(Act.TAKE_PAYMENT, amount=PRICE))
    assert (taken.booking.stage, taken.effects[0]) == (S.CONFIRMED, Effect.ENTER_PAYMENT)
    assert "nothing left" in objection(a_situation(taken.booking, paid()), wish(Act.TAKE_PAYMENT, amount=PRICE))


def test_a_firm_deadline_releases_after_its_margin_and_a_block_beats_it() -> None:
    """ST-21, ST-23, ST-B4"""
    release = wish(Act.RELEASE, A.CLOCK)
    firm: dict[str, Any] = {"deadline_policy": DeadlinePolicy.FIRM, "margin": timedelta(days=1)}
    at = NOW + timedelta(days=3)
    assert "has not passed" in objection(a_situation(_WAITING, now=at - timedelta(seconds=1), **firm), release)
    step = stepped(a_situation(_WAITING, now=at, **firm), release)
    assert step.booking.stage is S.EXPIRED
    assert step.booking.hold == Hold(HoldKind.RESERVATION, Keeping.RELEASED)
    blocked = stepped(a_situation(_WAITING), wish(Act.BLOCK, A.OPERATOR)).booking
    assert "blocked" in objection(a_situation(blocked, now=at, **firm), release)


def test_a_request_lapses_when_its_time_begins_or_nobody_answered_for_long() -> None:
    """T17, OR-34: at the start instant"""
    lapse = wish(Act.LAPSE, A.CLOCK)
    assert stepped(a_situation(now=STARTS), lapse).booking.stage is S.EXPIRED
    assert "still waits" in objection(a_situation(now=STARTS - timedelta(seconds=1)), lapse)
    patient = timedelta(hours=48)
    assert stepped(a_situation(now=NOW + patient, request_for=patient), lapse).booking.stage is S.EXPIRED


def test_a_required_action_is_done_and_undone_and_the_customer_is_told() -> None:
    """SV-4, SV-14, T21"""
    booked = replace(_BOOKED, action=RequiredAction.OPEN)
    done = stepped(a_situation(booked), wish(Act.ACTION_DONE))
    assert (done.booking.action, done.mails) == (RequiredAction.DONE, (Mail(Notification.ACTION_CHANGED, To.CUSTOMER),))
    assert stepped(a_situation(done.booking), wish(Act.ACTION_REOPENED)).booking.action is RequiredAction.OPEN
    referred = stepped(a_situation(done.booking), wish(Act.REFER, A.SUPPORT))
    assert referred.mails == (Mail(Notification.REFERRED_TO_PARTNER, To.CUSTOMER),)


def test_a_reason_is_kept_as_it_was_written() -> None:
    """OR-37"""
    step = stepped(a_situation(), wish(Act.DECLINE, reason="  We are <full> & sorry\n"))
    assert step.booking.reason == step.reason == "We are <full> & sorry"


def test_marking_somebody_as_contacted_sends_nothing() -> None:
    """OR-38, OR-24"""
    marked = stepped(a_situation(), wish(Act.MARK_CONTACTED))
    assert (marked.mails, marked.booking.contacted_by) == ((), "somebody")
    assert stepped(a_situation(), wish(Act.CONTACT)).mails == (Mail(Notification.PARTNER_WRITES, To.CUSTOMER),)


def test_a_cancelled_booking_gives_its_place_back_and_closes_what_was_opened() -> None:
    """T22, ST-13"""
    step = stepped(a_situation(_BOOKED, paid()), wish(Act.CANCEL, A.CUSTOMER))
    assert (step.booking.stage, step.booking.cancelled_at) == (S.CANCELLED, NOW)
    assert step.booking.hold == Hold(HoldKind.RESERVATION, Keeping.RELEASED)
    assert set(step.effects) == {Effect.COMPUTE_REFUND, Effect.CANCEL_INVITATION, Effect.CLOSE_CONVERSATION}


def test_goods_without_a_date_are_complete_when_they_are_redeemed() -> None:
    """SL-8, SV-B1"""
    voucher = replace(_BOOKED, terms=terms(occasion=None))
    assert "not ended yet" in objection(a_situation(voucher), wish(Act.COMPLETE, A.CLOCK))
    redeemed = stepped(a_situation(voucher, mode=Mode.VOUCHER), wish(Act.REDEEM))
    assert (redeemed.booking.stage, redeemed.booking.redeemed_at) == (S.COMPLETED, NOW)


def test_several_days_end_on_their_last() -> None:
    """SL-8"""
    week = Occasion(STARTS, STARTS + timedelta(days=6), TOUR.zone)
    booked = replace(_BOOKED, terms=terms(occasion=week))
    complete = wish(Act.COMPLETE, A.CLOCK)
    assert "not ended yet" in objection(a_situation(booked, now=week.ends_at - timedelta(seconds=1)), complete)
    assert stepped(a_situation(booked, now=week.ends_at), complete).booking.stage is S.COMPLETED


def test_what_is_closed_is_left_by_late_money_or_an_operator_alone() -> None:
    ways = {(row.act, row.target) for row in TRANSITIONS if row.sources & CLOSED and row.target not in {None, *row.sources}}
    assert ways == {(Act.PAID, S.CONFIRMED), (Act.REINSTATE, S.AWAITING_PAYMENT), (Act.UNDO_REDEEM, S.CONFIRMED)}


def test_every_stage_but_the_first_is_reached_and_each_open_one_is_left() -> None:
    reached = {row.target for row in TRANSITIONS} | {S.REQUESTED, S.DRAFT, None}
    left = {stage for row in TRANSITIONS for stage in row.sources if row.target not in {None, stage}}
    assert reached - {None} == set(S)
    assert left >= set(S) - CLOSED - {S.DRAFT}


@pytest.mark.parametrize("mode", [Mode.ON_REQUEST, Mode.CUSTOM_REQUEST])
def test_a_request_is_declined_by_the_partner_and_its_customer_told(mode: Mode) -> None:
    """OR-5, SL-23"""
    step = stepped(a_situation(mode=mode), wish(Act.DECLINE))
    assert (step.booking.stage, step.mails) == (S.DECLINED, (Mail(Notification.DECLINED, To.CUSTOMER),))


@pytest.mark.parametrize(
    ("booking", "may"),
    [(_REQUEST, True), (_HIS_TURN, True), (_WAITING, True), (_BOOKED, False), (a_booking(S.DECLINED), False)],
)
def test_a_partner_may_write_to_a_customer_by_form_until_it_is_booked(booking: Booking, may: bool) -> None:
    """OR-6, SL-21, SL-24: from then on they write to each other by mail (GY-1)."""
    assert (Act.CONTACT in possible(a_situation(booking), A.PARTNER)) is may


@pytest.mark.parametrize(
    ("action", "may"), [(RequiredAction.NONE, True), (RequiredAction.OPEN, True), (RequiredAction.DONE, False)]
)
def test_support_cancels_as_long_as_the_required_action_is_not_done_and_refers_after_it(
    action: RequiredAction, may: bool
) -> None:
    """SV-5, SV-6"""
    acts = possible(a_situation(replace(_BOOKED, action=action)), A.SUPPORT)
    assert (Act.CANCEL in acts, Act.REFER in acts) == (may, not may)


@pytest.mark.parametrize("reason", ["", "We have no baby-sitter."])
def test_a_customer_cancels_a_reservation_and_may_say_why(reason: str) -> None:
    """ST-12 to ST-14: or pays, while it waits for that."""
    of = a_situation(_WAITING, mode=Mode.RESERVE)
    step = stepped(of, wish(Act.CANCEL, A.CUSTOMER, reason=reason))
    assert (step.booking.stage, step.booking.reason, Effect.END_PAYMENT in step.effects) == (S.CANCELLED, reason, True)
