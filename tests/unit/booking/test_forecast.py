from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from support.bookings import NOW, PRICE, STARTS, TOUR, a_booking, paid, terms
from support.catalogue import EN

from relay.booking.booking import Actor, Booking, Hold, HoldKind, Keeping, Relay, RequiredAction, Stage
from relay.booking.forecast import Coming, acts_by, coming, waiting
from relay.booking.ledger import Entry, Kind, account
from relay.booking.notification import Notification, To
from relay.booking.offer import DeadlinePolicy, Mode, Redeem, Rules
from relay.booking.reminders import Quiet, Reminders
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.selection import waits_for
from relay.booking.situation import Act, Situation
from relay.booking.texts import Texts
from relay.booking.transition import Mail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = Rules(Mode.CUSTOM_REQUEST)
FIRM = Rules(Mode.RESERVE, deadline_policy=DeadlinePolicy.FIRM, margin=2 * DAY)
REQUEST = a_booking()
WAITING = a_booking(Stage.AWAITING_PAYMENT, deadline=NOW + 10 * DAY, hold=Hold(HoldKind.RESERVATION, Keeping.HELD))
BOOKED = a_booking(Stage.CONFIRMED, confirmed_at=NOW, relay=Relay.OPEN, relay_until=TOUR.ends_at + 7 * DAY)
SIGN = Requirement(RequirementKind.SIGN, Texts.of(EN, "Sign the contract."), 2 * DAY)
PAYING = Entry(Kind.STARTED, PRICE, NOW, "evt0", "pay1", "payments")
BOTH = (Mail(Notification.UNPAID, To.CUSTOMER), Mail(Notification.UNPAID, To.PARTNER))


def forecast(
    booking: Booking, *entries: Entry, rules: Rules = RULES, told: tuple[str, ...] = (), now: datetime = NOW, **more: object
) -> tuple[Coming, ...]:
    reminders = Reminders(**more)  # type: ignore[arg-type]  # a test's switches
    return coming(booking, rules, account(entries, "EUR"), told, reminders, now)


def times(found: tuple[Coming, ...], what: Act | Notification) -> list[timedelta]:
    return [one.at - NOW for one in found if one.act is what or any(mail.says is what for mail in one.mails)]


def test_a_partner_who_does_not_answer_is_reminded_until_it_lapses() -> None:
    """SL-11, T17, OR-34"""
    found = forecast(REQUEST)
    assert times(found, Notification.REQUEST_UNANSWERED) == [2 * HOUR, 24 * HOUR]
    assert times(found, Act.LAPSE) == [STARTS - NOW]
    assert all(one.mails in {(), (Mail(Notification.REQUEST_UNANSWERED, To.PARTNER),)} for one in found)
    short = forecast(REQUEST, rules=replace(RULES, request_for=3 * HOUR))
    assert [times(short, Notification.REQUEST_UNANSWERED), times(short, Act.LAPSE)] == [[2 * HOUR], [3 * HOUR]]


@pytest.mark.parametrize(
    "answered",
    [
        replace(REQUEST, contacted_at=NOW + HOUR),
        replace(REQUEST, stage=Stage.COUNTERED, turn=Actor.CUSTOMER),
        replace(REQUEST, stage=Stage.DECLINED),
    ],
)
def test_after_an_answer_nobody_is_reminded_of_it(answered: Booking) -> None:
    """SL-11"""
    assert times(forecast(answered), Notification.REQUEST_UNANSWERED) == []


def test_a_partner_who_wants_no_reminders_has_none() -> None:
    assert times(forecast(REQUEST, to_partner=False), Notification.REQUEST_UNANSWERED) == []
    assert {mail.to for one in forecast(WAITING, to_partner=False) for mail in one.mails} == {To.CUSTOMER}


def test_a_reminder_is_sent_once_and_of_several_that_are_due_only_the_last() -> None:
    """SL-11: a house that was away for two days reminds once."""
    first, second, _ = forecast(REQUEST)
    assert times(forecast(REQUEST, told=(first.key,)), Notification.REQUEST_UNANSWERED) == [24 * HOUR]
    assert times(forecast(REQUEST, told=(second.key,)), Notification.REQUEST_UNANSWERED) == []
    assert times(forecast(REQUEST, now=NOW + 2 * DAY), Notification.REQUEST_UNANSWERED) == [24 * HOUR]


@pytest.mark.parametrize("booking", [REQUEST, WAITING])
def test_a_house_that_was_away_reminds_nobody_of_what_is_over(booking: Booking) -> None:
    """SL-11, SL-20, OR-34: whoever was reminded would be told in the same minute that it has expired, or has begun."""
    assert [mail for one in forecast(booking, now=STARTS, rules=FIRM) for mail in one.mails] == []
    assert [mail for one in forecast(booking, now=STARTS + 90 * DAY) for mail in one.mails] == []


def test_a_house_that_was_away_reminds_nobody_to_pay_what_is_to_be_released() -> None:
    """T16, SL-20"""
    assert times(forecast(WAITING, rules=FIRM, now=NOW + 11 * DAY), Notification.UNPAID) != []
    released = forecast(WAITING, rules=FIRM, now=NOW + 12 * DAY)
    assert [times(released, Notification.UNPAID), times(released, Act.RELEASE)] == [[], [12 * DAY]]


def test_reminders_keep_quiet_hours_and_those_that_fall_together_are_one() -> None:
    """SL-11"""
    quiet = Quiet(time(12), time(11, 30))
    found = forecast(REQUEST, quiet=quiet)  # now it is 11:00 in Rome
    assert times(found, Notification.REQUEST_UNANSWERED) == [24 * HOUR + HOUR / 2]


def test_who_has_not_paid_is_reminded_and_the_partner_too() -> None:
    """SL-20, ST-B2: some while after, and before the deadline."""
    found = forecast(WAITING, rules=FIRM)
    assert times(found, Notification.UNPAID) == [DAY, 3 * DAY, 9 * DAY]
    assert {one.mails for one in found if one.act is None} == {BOTH}
    assert times(found, Act.RELEASE) == [12 * DAY]  # ST-23: with the margin


@pytest.mark.parametrize(
    ("booking", "rules", "entries", "released", "for_whom"),
    [
        (WAITING, RULES, (), [], Actor.PARTNER),  # SL-21: nothing is cancelled by the clock
        (WAITING, replace(FIRM, deadline_policy=DeadlinePolicy.FLEXIBLE), (), [], Actor.OPERATOR),  # ST-21
        (replace(WAITING, release_blocked=True), FIRM, (), [], Actor.OPERATOR),  # ST-B4
        (WAITING, FIRM, (PAYING,), [], Actor.PAYMENTS),  # T16
        (WAITING, FIRM, (), [12 * DAY], Actor.CUSTOMER),
        (replace(WAITING, hold=Hold(HoldKind.CHECKOUT, Keeping.HELD)), RULES, (), [10 * DAY], Actor.PARTNER),
    ],
)
def test_what_is_not_released_by_the_clock_waits_for_somebody(
    booking: Booking, rules: Rules, entries: tuple[Entry, ...], released: list[timedelta], for_whom: Actor
) -> None:
    assert times(forecast(booking, *entries, rules=rules), Act.RELEASE) == released
    waits = waiting(booking, rules, account(entries, "EUR"), NOW + 11 * DAY)
    assert waits is not None
    assert waits.actor is for_whom


@pytest.mark.parametrize(
    ("other", "entries", "released"),
    [
        (replace(WAITING, deadline=NOW + 15 * DAY), (), [17 * DAY]),  # whichever is the last
        (replace(WAITING, deadline=NOW + 5 * DAY), (), [12 * DAY]),
        (replace(WAITING, release_blocked=True), (), []),  # ST-B4
        (WAITING, (PAYING,), []),
        (replace(WAITING, stage=Stage.CANCELLED), (), [12 * DAY]),  # it stands alone from now on
    ],
)
def test_what_is_held_together_is_released_together(
    other: Booking, entries: tuple[Entry, ...], released: list[timedelta]
) -> None:
    """T16"""
    beside = Situation(other, FIRM, account(entries, "EUR"), NOW)
    found = coming(WAITING, FIRM, account((), "EUR"), (), Reminders(), NOW, (beside,))
    assert times(found, Act.RELEASE) == released


def test_another_deadline_brings_another_reminder_and_repeats_none() -> None:
    """T14, SL-20"""
    sent = tuple(one.key for one in forecast(WAITING))
    extended = replace(WAITING, deadline=NOW + 15 * DAY)
    assert times(forecast(extended, told=sent, now=NOW + 9 * DAY), Notification.UNPAID) == [14 * DAY]


def test_nobody_is_reminded_of_a_checkout_or_while_they_pay() -> None:
    """T3, T16"""
    assert times(forecast(replace(WAITING, hold=Hold(HoldKind.CHECKOUT, Keeping.HELD))), Notification.UNPAID) == []
    assert times(forecast(WAITING, PAYING), Notification.UNPAID) == []


def test_nobody_is_reminded_to_pay_what_has_begun() -> None:
    late = replace(WAITING, since=STARTS - DAY, deadline=STARTS)
    assert times(forecast(late, now=late.since), Notification.UNPAID) == []


def test_a_required_action_is_recalled_before_its_deadline_until_it_is_done() -> None:
    """SV-13, N27"""
    booked = replace(BOOKED, requirement=SIGN, action=RequiredAction.OPEN)
    assert times(forecast(booked), Notification.ACTION_OPEN) == [11 * DAY, 16 * DAY]
    assert times(forecast(replace(booked, action=RequiredAction.DONE)), Notification.ACTION_OPEN) == []
    assert times(forecast(replace(booked, confirmed_at=NOW + 12 * DAY)), Notification.ACTION_OPEN) == [16 * DAY]


def test_what_is_booked_is_complete_at_its_end_and_its_conversation_closes_seven_days_later() -> None:
    """T24, T25, GY-15"""
    found = forecast(BOOKED, paid())
    assert [one.act for one in found] == [Act.COMPLETE, Act.CLOSE_CONVERSATION]
    assert [one.at for one in found] == [TOUR.ends_at, TOUR.ends_at + 7 * DAY]
    cancelled = replace(BOOKED, stage=Stage.CANCELLED, relay_until=NOW + 7 * DAY)
    assert [(one.act, one.at) for one in forecast(cancelled)] == [(Act.CLOSE_CONVERSATION, NOW + 7 * DAY)]


def test_a_reservation_that_redeems_itself_says_when() -> None:
    """SV-B1"""
    found = forecast(BOOKED, rules=replace(RULES, redeem=Redeem.DAY_AFTER))
    assert (found[0].act, found[0].at) == (Act.REDEEM, STARTS + DAY)
    assert times(found, Act.COMPLETE) == []


@pytest.mark.parametrize(
    ("booking", "actor"),
    [
        (REQUEST, Actor.PARTNER),
        (replace(REQUEST, stage=Stage.COUNTERED, turn=Actor.CUSTOMER), Actor.CUSTOMER),
        (WAITING, Actor.CUSTOMER),
        (replace(BOOKED, proposal=terms(2), turn=Actor.PARTNER), Actor.PARTNER),
        (replace(BOOKED, action=RequiredAction.OPEN), Actor.CUSTOMER),
        (replace(BOOKED, terms=terms(occasion=None)), Actor.PARTNER),  # SL-8
        (BOOKED, None),
        (replace(BOOKED, stage=Stage.COMPLETED), None),
    ],
)
def test_a_booking_says_for_whom_it_waits(booking: Booking, actor: Actor | None) -> None:
    """ST-18"""
    found = waiting(booking, RULES, account((), "EUR"), NOW)
    assert (found.actor if found is not None else None) is actor
    assert waits_for(booking) is actor


def test_each_thing_that_comes_says_why_under_a_key_of_its_own() -> None:
    found = (*forecast(REQUEST), *forecast(WAITING, rules=FIRM), *forecast(BOOKED))
    assert len({one.key for one in found}) == len(found)
    assert all(one.why.endswith(".") for one in found)
    assert all((one.act is None) is bool(one.mails) for one in found)


@pytest.mark.parametrize(
    ("booking", "until"),
    [
        (REQUEST, STARTS),
        (replace(REQUEST, terms=terms(valid_until=NOW + 5 * DAY)), NOW + 5 * DAY),
        (WAITING, NOW + 10 * DAY),
        (BOOKED, None),
        (replace(BOOKED, proposal=terms(2, valid_until=NOW + DAY), turn=Actor.CUSTOMER), NOW + DAY),
        (replace(BOOKED, proposal=terms(2), turn=Actor.CUSTOMER), STARTS),
        (replace(BOOKED, requirement=SIGN, action=RequiredAction.OPEN), STARTS - 2 * DAY),
        (replace(BOOKED, requirement=SIGN, action=RequiredAction.DONE), None),
        (a_booking(Stage.EXPIRED), None),
    ],
)
def test_until_when_somebody_has_to_act_is_known(booking: Booking, until: datetime | None) -> None:
    """ST-15, ST-19"""
    assert acts_by(booking, RULES) == until
