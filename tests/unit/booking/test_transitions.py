"""Rows of the table that come after the agreement: changes of what is confirmed, redemption, the conversation, erasure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.bookings import NOW, PRICE, STARTS, TOUR, a_booking, a_situation, paid, terms
from support.catalogue import GIULIA

from relay.booking.booking import Actor, Booking, Cause, Hold, HoldKind, Keeping, Relay, Stage
from relay.booking.ledger import Entry, Kind
from relay.booking.lifecycle import NotAllowed, possible, stepped
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode, Redeem
from relay.booking.situation import Act, Situation, Wish
from relay.booking.terms import Occasion
from relay.booking.transition import Effect, Mail, Step
from relay.booking.transitions import TRANSITIONS
from relay.correspondence.notifications.matter import ADDRESSED

S, A = Stage, Actor
WEEK = timedelta(days=7)
LATER = Occasion(STARTS + WEEK, TOUR.ends_at + WEEK, TOUR.zone)
BOOKED = a_booking(
    S.CONFIRMED,
    hold=Hold(HoldKind.RESERVATION, Keeping.CONVERTED),
    confirmed_at=NOW,
    relay=Relay.OPEN,
    relay_until=TOUR.ends_at + WEEK,
)
WAITING = a_booking(S.AWAITING_PAYMENT, deadline=NOW + WEEK, hold=Hold(HoldKind.CHECKOUT, Keeping.HELD, NOW + WEEK))


def done(of: Situation, act: Act, actor: Actor, **more: Any) -> Step:
    return stepped(of, Wish(act, actor, "somebody", **more))


def objection(of: Situation, act: Act, actor: Actor, **more: Any) -> str:
    with pytest.raises(NotAllowed) as refused:
        done(of, act, actor, **more)
    return refused.value.why


def changed() -> Booking:
    return done(a_situation(BOOKED), Act.PROPOSE, A.CUSTOMER, terms=terms(2, occasion=LATER)).booking


def test_a_change_of_what_is_confirmed_is_proposed_and_the_other_side_answers() -> None:
    """T20, SV-B4, GY-B3: nobody moves what the other side has agreed on by themselves."""
    assert Act.RESCHEDULE not in possible(a_situation(BOOKED), A.CUSTOMER) + possible(a_situation(BOOKED), A.PARTNER)
    asked = done(a_situation(BOOKED), Act.PROPOSE, A.CUSTOMER, terms=terms(2, occasion=LATER))
    assert asked.mails == (Mail(Notification.COUNTER_OFFER, To.PARTNER),)
    assert (asked.booking.terms, asked.booking.turn) == (BOOKED.terms, A.PARTNER)
    assert "answered first" in objection(a_situation(asked.booking), Act.PROPOSE, A.PARTNER, terms=terms(2))
    assert "next version is 3" in objection(a_situation(asked.booking), Act.PROPOSE, A.CUSTOMER, terms=terms(2, participants=3))
    another = done(a_situation(asked.booking), Act.PROPOSE, A.CUSTOMER, terms=terms(3, participants=3)).booking
    assert another.proposal == terms(3, participants=3)
    assert "customer would have to answer" in objection(a_situation(asked.booking), Act.ACCEPT, A.CUSTOMER, terms_version=2)
    assert "read them again" in objection(a_situation(asked.booking), Act.ACCEPT, A.PARTNER, terms_version=1)
    agreed = done(a_situation(asked.booking), Act.ACCEPT, A.PARTNER, terms_version=2)
    assert (agreed.booking.terms.occasion, agreed.booking.proposal, agreed.booking.turn) == (LATER, None, None)
    assert agreed.booking.relay_until == LATER.ends_at + WEEK
    assert agreed.effects == (Effect.MOVE_CONVERSATION, Effect.INVITE)


def test_a_change_that_is_refused_or_comes_too_late_leaves_all_as_it_was() -> None:
    """T20"""
    refused = done(a_situation(changed()), Act.REFUSE, A.PARTNER).booking
    assert replace(refused, version=BOOKED.version) == replace(BOOKED, terms_made=2)
    assert "no place left" in objection(a_situation(changed(), room=False), Act.ACCEPT, A.PARTNER, terms_version=2)
    old = replace(changed(), turn=A.PARTNER, proposal=replace(terms(2, occasion=LATER), valid_until=NOW))
    assert "proposed anew" in objection(a_situation(old), Act.ACCEPT, A.PARTNER, terms_version=2)
    assert Act.PROPOSE in possible(a_situation(old), A.PARTNER)


@pytest.mark.parametrize(
    ("captured", "entries", "surplus"),
    [
        (PRICE.minor, (), 0),
        (PRICE.minor + 500, (), 500),
    ],
)
def test_what_came_in_beyond_what_is_due_is_found(captured: int, entries: tuple[Entry, ...], surplus: int) -> None:
    assert a_situation(WAITING, paid(captured), *entries).surplus.minor == surplus


def test_what_is_paid_twice_is_given_back_once() -> None:
    """T12"""
    twice = a_situation(BOOKED, paid(), paid(event="evt2"))
    step = done(twice, Act.PAID, A.PAYMENTS)
    assert (step.effects, step.mails, twice.surplus) == ((Effect.REFUND_SURPLUS,), (), PRICE)
    later = a_situation(BOOKED, paid())
    assert done(later, Act.PAID, A.PAYMENTS).mails == (Mail(Notification.BOOKED_AND_PAID, To.PARTNER),)
    assert Effect.REFUND_SURPLUS in done(a_situation(WAITING, paid(), paid(event="evt2")), Act.PAID, A.PAYMENTS).effects


def test_a_voucher_is_not_redeemed_before_its_day_nor_after_its_validity_and_support_undoes_a_mistake() -> None:
    """SV-B2"""
    assert "its day has not come" in objection(a_situation(BOOKED), Act.REDEEM, A.PARTNER)
    on_the_day = a_situation(BOOKED, now=STARTS - timedelta(hours=5))
    redeemed = done(on_the_day, Act.REDEEM, A.PARTNER).booking
    assert (redeemed.stage, redeemed.redeemed_at) == (S.COMPLETED, on_the_day.now)
    assert Act.UNDO_REDEEM not in possible(a_situation(redeemed), A.PARTNER)
    undone = done(a_situation(redeemed), Act.UNDO_REDEEM, A.SUPPORT).booking
    assert (undone.stage, undone.redeemed_at) == (S.CONFIRMED, None)
    goods = replace(BOOKED, terms=terms(occasion=None), valid_until=NOW)
    assert "not valid any more" in objection(a_situation(goods), Act.REDEEM, A.PARTNER)
    assert done(a_situation(goods, now=NOW - timedelta(seconds=1)), Act.REDEEM, A.PARTNER).booking.stage is S.COMPLETED


@pytest.mark.parametrize(
    ("redeem", "hours", "by_itself"),
    [
        (Redeem.BY_CODE, 48, False),
        (Redeem.FIRST_DAY, 0, True),
        (Redeem.DAY_AFTER, 23, False),
        (Redeem.DAY_AFTER, 24, True),
    ],
)
def test_a_reservation_redeems_itself_as_the_offer_says(redeem: Redeem, hours: int, by_itself: bool) -> None:
    """SV-B1"""
    of = a_situation(BOOKED, now=STARTS + timedelta(hours=hours), mode=Mode.VOUCHER, redeem=redeem)
    assert (Act.REDEEM in possible(of, A.CLOCK)) is by_itself
    assert (Act.COMPLETE in possible(of, A.CLOCK)) is (redeem is Redeem.BY_CODE)


def test_who_did_not_come_is_marked_from_the_start_on() -> None:
    assert "not begun" in objection(a_situation(BOOKED), Act.MARK_NO_SHOW, A.PARTNER)
    assert done(a_situation(BOOKED, now=STARTS), Act.MARK_NO_SHOW, A.PARTNER).booking.no_show


def test_a_partner_names_the_cause_of_a_cancellation_and_it_is_kept() -> None:
    """GY-B2"""
    step = done(a_situation(BOOKED), Act.CANCEL, A.PARTNER, cause=Cause.ISOLATED, reason="The engine broke.")
    assert (step.booking.cause, step.booking.reason) == (Cause.ISOLATED, "The engine broke.")
    assert done(a_situation(BOOKED), Act.CANCEL, A.PARTNER, cause=Cause.FORCE_MAJEURE).booking.stage is S.CANCELLED


def test_after_a_cancellation_the_parties_may_write_for_seven_days() -> None:
    assert done(a_situation(BOOKED), Act.CANCEL, A.CUSTOMER).booking.relay_until == NOW + WEEK
    assert done(a_situation(WAITING), Act.CANCEL, A.CUSTOMER).booking.relay is Relay.MINTED


def test_a_conversation_closes_in_its_time_and_support_opens_it_again() -> None:
    """T25, GY-15, GY-25"""
    over = a_situation(replace(BOOKED, stage=S.COMPLETED), now=TOUR.ends_at + WEEK)
    early = replace(over, now=over.now - timedelta(seconds=1))
    assert "may write still" in objection(early, Act.CLOSE_CONVERSATION, A.CLOCK)
    closed = done(over, Act.CLOSE_CONVERSATION, A.CLOCK)
    assert (closed.booking.relay, closed.mails) == (Relay.CLOSED, ())
    assert len(done(early, Act.CLOSE_CONVERSATION, A.SUPPORT).mails) == 2
    again = replace(over, booking=closed.booking)
    assert "a time to come" in objection(again, Act.REOPEN_CONVERSATION, A.SUPPORT, until=over.now)
    until = over.now + WEEK
    opened = done(again, Act.REOPEN_CONVERSATION, A.SUPPORT, until=until).booking
    assert (opened.relay, opened.relay_until) == (Relay.OPEN, until)


def test_what_people_wrote_is_erased_when_its_time_is_over_and_no_money_is_under_way() -> None:
    """T26"""
    gone = a_booking(S.DECLINED, reason="We are full.", terms=terms(note="I use a wheelchair."))
    later = NOW + timedelta(days=1100)
    assert "kept until 2029-05-31" in objection(a_situation(gone), Act.ERASE, A.CUSTOMER)
    disputed = Entry(Kind.DISPUTED, PRICE, NOW, "evt2", "dp1", "payments")
    assert "dispute" in objection(a_situation(gone, paid(), disputed, now=later), Act.ERASE, A.OPERATOR)
    refunding = Entry(Kind.REFUND_STARTED, PRICE, NOW, "evt2", "re1", "payments")
    assert "refund is under way" in objection(a_situation(gone, paid(), refunding, now=later), Act.ERASE, A.OPERATOR)
    assert "write still" in objection(
        a_situation(replace(gone, stage=S.CANCELLED, relay=Relay.OPEN), now=later), Act.ERASE, A.OPERATOR
    )
    erased = done(a_situation(gone, now=later), Act.ERASE, A.OPERATOR)
    assert (erased.booking.reason, erased.booking.terms.note, erased.effects) == ("", "", (Effect.ERASE,))
    assert erased.booking.terms.total == PRICE
    assert "already" in objection(a_situation(erased.booking, now=later), Act.ERASE, A.OPERATOR)


@pytest.mark.parametrize("stage", [one for one in S if one is not S.DRAFT])
def test_that_a_party_was_not_reached_is_noted_and_changes_nothing_else(stage: S) -> None:
    """GW-54: whatever has become of the booking, until it is erased"""
    of = a_situation(a_booking(stage))
    step = done(of, Act.NOT_REACHED, A.CLOCK, reason="mail N1 to the partner waits for a person")
    assert step.booking == replace(of.booking, version=of.booking.version + 1)
    assert (step.mails, step.effects, step.reason) == ((), (), "mail N1 to the partner waits for a person")
    assert Act.NOT_REACHED not in possible(of, A.CLOCK)
    assert "not by the" in objection(of, Act.NOT_REACHED, A.OPERATOR)
    assert "erased" in objection(a_situation(replace(of.booking, erased_at=NOW)), Act.NOT_REACHED, A.CLOCK)


def test_a_request_is_seen_once_and_assigned_and_neither_is_in_a_menu() -> None:
    """OR-20, OR-27"""
    of = a_situation(mode=Mode.ON_REQUEST)
    seen = done(of, Act.SEE, A.PARTNER)
    assert (seen.booking.seen_at, seen.mails) == (NOW, ())
    assert "already" in objection(a_situation(seen.booking), Act.SEE, A.PARTNER)
    assigned = done(of, Act.ASSIGN, A.PARTNER, assignee=GIULIA.id).booking
    assert assigned.assignee == GIULIA.id
    assert "theirs already" in objection(a_situation(assigned), Act.ASSIGN, A.PARTNER, assignee=GIULIA.id)
    assert done(a_situation(assigned), Act.ASSIGN, A.PARTNER).booking.assignee is None
    assert done(of, Act.BOOK, A.PARTNER, terms=terms(2), assignee=GIULIA.id).booking.assignee == GIULIA.id
    assert {Act.SEE, Act.ASSIGN}.isdisjoint(possible(of, A.PARTNER))


def test_a_checkout_that_ends_is_over_at_once_whatever_the_policy_and_nobody_is_told() -> None:
    """T3, T16"""
    assert "time to pay has not passed" in objection(a_situation(WAITING), Act.RELEASE, A.CLOCK)
    over = done(a_situation(WAITING, now=NOW + WEEK), Act.RELEASE, A.CLOCK)
    assert (over.booking.stage, over.mails) == (S.EXPIRED, ())


def test_a_partner_is_not_told_of_a_checkout_that_was_left() -> None:
    """T3, T22: they have not heard of it before."""
    assert done(a_situation(WAITING), Act.CANCEL, A.CUSTOMER).mails == (Mail(Notification.CANCELLED, To.CUSTOMER),)
    reserved = replace(WAITING, hold=Hold(HoldKind.RESERVATION, Keeping.HELD))
    assert len(done(a_situation(reserved), Act.CANCEL, A.CUSTOMER).mails) == 2


def test_a_counter_offer_that_is_not_answered_in_time_lapses_and_frees_both() -> None:
    """SL-5, T17"""
    until = NOW + timedelta(days=2)
    of = a_situation(request_for=timedelta(hours=1))
    countered = done(of, Act.COUNTER, A.PARTNER, terms=terms(2, valid_until=until)).booking
    at = replace(of, booking=countered, now=until - timedelta(seconds=1))
    assert "still waits" in objection(at, Act.LAPSE, A.CLOCK)
    assert done(replace(at, now=until), Act.LAPSE, A.CLOCK).booking.stage is S.EXPIRED


def test_every_mail_of_a_step_is_for_whom_the_catalogue_says() -> None:
    for row in TRANSITIONS:
        for mail in row.mails:
            assert mail.to in ADDRESSED[mail.says], f"{row.id} {row.act.value}"


def test_every_notification_of_the_catalogue_is_caused_by_something() -> None:
    """Steps, the forecast (N25 to N27), and what becomes of a refund (N21, N22)."""
    by_steps = {mail.says for row in TRANSITIONS for mail in row.mails}
    by_the_clock = {Notification.REQUEST_UNANSWERED, Notification.UNPAID, Notification.ACTION_OPEN}
    assert set(Notification) - by_steps - by_the_clock == {Notification.REFUND_SENT, Notification.REFUND_FAILED}
