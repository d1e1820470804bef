"""What a notification shows in each situation: money, changes, boxes, sentences that are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.notified import DEADLINE, HOUSE, NOW, PARTNER, STARTS, TIERS, a_matter, paid, written
from support.reading import body, one_line, read

from relay.booking.booking import Actor, Cause, RequiredAction, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.ledger import Entry, Kind, account
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode, Pay, Rules
from relay.booking.terms import Discount, Line
from relay.correspondence.notifications.cancelling import rule_applied, terms_of_cancellation
from relay.correspondence.notifications.comparison import Change, comparison
from relay.correspondence.notifications.details import details
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.matter import Matter, Obstacle
from relay.correspondence.notifications.prices import Price, prices
from relay.correspondence.notifications.sheet import Sheet, Tone, sheet
from relay.correspondence.notifications.voice import Voice
from relay.values import Language

N = Notification
EUR = "EUR"


def voice_of(matter: Matter) -> Voice:
    return Voice(matter, known(matter, HOUSE, NOW))


def sheet_of(matter: Matter) -> Sheet:
    return sheet(matter, HOUSE, voice_of(matter))


def text_of(matter: Matter) -> str:
    return one_line(body(read(written(matter)), "plain"))


def with_booking(matter: Matter, **more: Any) -> Matter:
    return replace(matter, booking=replace(matter.booking, **more))


def with_terms(matter: Matter, **more: Any) -> Matter:
    return with_booking(matter, terms=replace(matter.booking.terms, **more))


def test_a_price_has_lines_extras_discounts_before_and_after() -> None:
    """SL-6, SL-7"""
    matter = a_matter(N.NEW_REQUEST, To.PARTNER)
    assert prices(matter, voice_of(matter)) == (
        Price("Seat on the boat", "€90.00", "2 × €45.00"),
        Price("Drinks on board (extra)", "€12.50"),
        Price("Before discount", "€102.50"),
        Price("Discount: Early bird (10%)", "-€10.25"),
        Price("Total", "€92.25", is_sum=True),
    )


def test_what_was_asked_for_without_a_price_is_not_told_to_be_free() -> None:
    """SL-4"""
    matter = with_terms(a_matter(N.NEW_REQUEST, To.PARTNER), lines=(), discounts=())
    assert prices(matter, voice_of(matter)) == (Price("Total", "not agreed on yet", is_sum=True),)
    assert "it is booked at once" not in text_of(matter)


def test_what_was_paid_given_back_and_is_missing_is_told() -> None:
    entries = (
        Entry(Kind.PAID, Money(5_000, EUR), NOW, "e1", "p1", "stripe"),
        Entry(Kind.REFUNDED, Money(1_000, EUR), NOW, "e2", "r1", "stripe"),
        Entry(Kind.REFUND_STARTED, Money(500, EUR), NOW, "e3", "r2", "stripe"),
    )
    matter = replace(a_matter(N.BOOKED, To.CUSTOMER), account=account(entries, EUR))
    assert prices(matter, voice_of(matter))[-5:] == (
        Price("Total", "€92.25", is_sum=True),
        Price("Paid", "€50.00"),
        Price("Refunded", "€10.00"),
        Price("Refund under way", "€5.00"),
        Price("Still to be paid", "€42.25", is_sum=True),
    )


def test_every_line_of_a_reservation_says_until_when_it_is_kept() -> None:
    """ST-15: per line, an absolute date with its zone."""
    matter = a_matter(N.RESERVED, To.CUSTOMER)
    lines = prices(matter, voice_of(matter))[:2]
    assert all("reserved until Monday, 8 June 2026, 18:00 (Europe/Rome, UTC+2)" in one.remark for one in lines)


def test_a_counter_offer_shows_what_changes_and_nothing_else() -> None:
    """SL-5 to SL-7"""
    matter = a_matter(N.COUNTER_OFFER, To.CUSTOMER)
    assert comparison(matter, voice_of(matter)) == (
        Change("Options", "Guide in English", "Pick-up at the hotel, Guide in English"),
        Change("Drinks on board (extra)", "none", "€12.50"),
        Change("Discount: Early bird (10%)", "none", "-€10.25"),
        Change("Total", "€90.00", "€92.25"),
    )


def test_a_line_that_is_called_like_the_total_is_not_mistaken_for_it() -> None:
    known_ = a_matter(N.COUNTER_OFFER, To.CUSTOMER)
    twice = (Line("Total", 1, Money(100, EUR)), Line("Total", 1, Money(200, EUR)))
    matter = with_terms(known_, lines=twice, discounts=(Discount("Total", Money(50, EUR)),))
    changes = comparison(matter, voice_of(matter))
    assert Change("Total", "none", "€1.00 + €2.00") in changes
    assert changes[-1] == Change("Total", "€90.00", "€2.50")


def test_a_proposed_change_of_what_is_confirmed_has_words_of_its_own() -> None:
    """T20"""
    booked = a_matter(N.BOOKED, To.CUSTOMER)
    proposal = replace(booked.booking.terms, version=3, participants=5, valid_until=DEADLINE)
    matter = replace(booked, says=N.COUNTER_OFFER, booking=replace(booked.booking, proposal=proposal), before=booked.booking)
    assert comparison(matter, voice_of(matter)) == (Change("Participants", "2 people", "5 people"),)
    text = text_of(matter)
    assert "Until you agree, your booking stays as it is." in text
    assert "not a booking yet" not in text
    assert "The proposal is valid until Monday, 8 June 2026, 18:00 (Europe/Rome, UTC+2)." in text


@pytest.mark.parametrize(
    ("by", "to", "said"),
    [
        (Actor.CUSTOMER, To.CUSTOMER, "As you wished, your booking was cancelled."),
        (Actor.PARTNER, To.CUSTOMER, "We are sorry: the provider has cancelled your booking."),
        (Actor.SUPPORT, To.CUSTOMER, "Our support has cancelled your booking."),
        (Actor.OPERATOR, To.PARTNER, "Our support has cancelled the booking."),
        (Actor.PARTNER, To.PARTNER, "The booking was cancelled from your side."),
        (Actor.CUSTOMER, To.PARTNER, "The customer has cancelled the booking."),
    ],
)
def test_a_cancellation_says_by_whom(by: Actor, to: To, said: str) -> None:
    assert said in text_of(replace(a_matter(N.CANCELLED, to), by=by))


@pytest.mark.parametrize("cause", Cause)
def test_the_cause_for_which_a_partner_cancels_reaches_the_customer(cause: Cause) -> None:
    """GY-B2"""
    matter = with_booking(replace(a_matter(N.CANCELLED, To.CUSTOMER), by=Actor.PARTNER), cause=cause)
    plain = with_booking(matter, cause=None)
    assert len(sheet_of(matter).happened) == len(sheet_of(plain).happened) + 1


def test_a_cancellation_says_what_goes_back_and_by_which_rule() -> None:
    """SL-22, SL-B2"""
    half = a_matter(N.CANCELLED, To.CUSTOMER)
    assert "€46.13 of the €92.25 that was paid is refunded." in text_of(half)
    assert "The rule that was applied: Up to 5 days before the start: 50% of the price back." in text_of(half)
    late = with_booking(replace(half, amount=Money.zero(EUR)), cancelled_at=STARTS - timedelta(days=1))
    assert "nothing of the €92.25 that was paid is refunded" in text_of(late)
    assert "working days" not in text_of(late)
    unpaid = replace(half, amount=None, account=None)
    assert "You have not paid anything, and you owe nothing." in text_of(unpaid)
    assert rule_applied(replace(half, by=Actor.PARTNER)) == ""


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            Rules(Mode.INSTANT, cancellation=TIERS),
            (
                "Up to 10 days before the start: 100% of the price back.",
                "Up to 5 days before the start: 50% of the price back.",
                "After that: nothing back.",
            ),
        ),
        (
            Rules(Mode.INSTANT, cancellation=Policy((Tier(1, 10_000), Tier(0, 2_500)))),
            ("Up to 1 day before the start: 100% of the price back.", "Until the start: 25% of the price back."),
        ),
        (Rules(Mode.INSTANT, cancellation=Policy((Tier(0, 10_000),))), ("Until the start: 100% of the price back.",)),
        (Rules(Mode.INSTANT), ("Nothing is refunded after a cancellation.",)),
        (Rules(Mode.INSTANT, cancellation=TIERS, customer_cancels=False), ("Only our support can cancel this booking.",)),
    ],
)
def test_the_terms_of_cancellation_are_told_tier_by_tier(rules: Rules, expected: tuple[str, ...]) -> None:
    assert terms_of_cancellation(replace(a_matter(N.BOOKED, To.CUSTOMER), rules=rules)) == expected


def test_goods_without_a_date_say_so_and_until_when_they_are_valid() -> None:
    """SL-8, SV-B2"""
    matter = with_booking(with_terms(a_matter(N.BOOKED, To.CUSTOMER), occasion=None), valid_until=STARTS)
    rows = dict(details(matter, voice_of(matter)))
    assert rows["Date"] == ("no fixed date",)
    assert rows["Valid until"] == ("Sunday, 21 June 2026, 18:00 (Europe/Rome, UTC+2)",)
    assert "Duration" not in rows
    assert terms_of_cancellation(matter) == ()


def test_a_duration_that_the_offer_tells_is_told_instead() -> None:
    """OR-17"""
    known_ = a_matter(N.BOOKED, To.CUSTOMER)
    told = replace(known_, product=replace(known_.product, duration="about 3 hours"))
    counted = replace(known_, product=replace(known_.product, duration=timedelta(minutes=90)))
    assert dict(details(told, voice_of(told)))["Duration"] == ("about 3 hours",)
    assert dict(details(counted, voice_of(counted)))["Duration"] == ("1 hour 30 minutes",)


@pytest.mark.parametrize(
    ("action", "tones"),
    [(RequiredAction.NONE, set()), (RequiredAction.OPEN, {Tone.ATTENTION}), (RequiredAction.DONE, {Tone.DONE})],
)
def test_the_red_box_is_replaced_by_a_confirmation(action: RequiredAction, tones: set[Tone]) -> None:
    """SV-19: replaced, not added."""
    boxes = sheet_of(with_booking(a_matter(N.BOOKED, To.CUSTOMER), action=action)).boxes
    assert {one.tone for one in boxes} - {Tone.PLAIN} == tones


@pytest.mark.parametrize(
    ("action", "by", "said"),
    [
        (RequiredAction.DONE, Actor.PARTNER, "The provider has confirmed that it is done."),
        (RequiredAction.DONE, Actor.SUPPORT, "Our support has confirmed that it is done."),
        (RequiredAction.OPEN, Actor.PARTNER, "The provider has marked it as not done."),
        (RequiredAction.OPEN, Actor.SUPPORT, "Our support has marked it as not done."),
    ],
)
def test_who_has_confirmed_the_required_action_is_told(action: RequiredAction, by: Actor, said: str) -> None:
    """SV-18"""
    assert said in text_of(with_booking(replace(a_matter(N.ACTION_CHANGED, To.CUSTOMER), by=by), action=action))


@pytest.mark.parametrize(
    ("obstacle", "said"),
    [
        (Obstacle.BALANCE, "Please top up the balance of your payment account."),
        (Obstacle.CARD, "The card with which it was paid takes no money any more."),
        (Obstacle.OTHER, "The payment provider did not carry it out."),
    ],
)
def test_a_refund_that_failed_says_why_and_what_helps(obstacle: Obstacle, said: str) -> None:
    """SL-B4"""
    assert said in text_of(replace(a_matter(N.REFUND_FAILED, To.PARTNER), obstacle=obstacle))


@pytest.mark.parametrize(
    ("pay", "said"),
    [(Pay.ON_SITE, "€92.25 is to be paid on site."), (Pay.AFTER_CONFIRMATION, "€92.25 is still to be paid.")],
)
def test_a_confirmation_says_when_what_is_not_paid_is_due(pay: Pay, said: str) -> None:
    """OR-B2"""
    matter = replace(a_matter(N.BOOKED, To.CUSTOMER), account=None, rules=Rules(Mode.ON_REQUEST, pay=pay))
    assert said in text_of(matter)
    assert "has been paid" not in text_of(matter)


@pytest.mark.parametrize("says", [N.PLEASE_PAY, N.UNPAID, N.NEW_REQUEST, N.BOOKED])
def test_what_is_not_known_leaves_no_hole(says: Notification) -> None:
    """A sentence about a deadline is not said where there is none."""
    to = To.PARTNER if says is N.NEW_REQUEST else To.CUSTOMER
    known_ = with_booking(a_matter(says, to), deadline=None, relay_until=None)
    bare = replace(with_terms(known_, occasion=None, valid_until=None), rules=Rules(Mode.CUSTOM_REQUEST), other_alias=None)
    text = text_of(bare)
    assert "{" not in text
    assert "None" not in text
    assert " until " not in text.replace("confirmed until it is paid", "")
    assert " by ." not in text


def test_the_main_button_is_the_first_that_leads_somewhere_and_the_booking_is_always_there() -> None:
    """SL-16: one click from the mail to the checkout."""
    to_pay = a_matter(N.PLEASE_PAY, To.CUSTOMER)
    assert [one.label for one in sheet_of(to_pay).links] == ["Pay now", "Open the booking", "Cancel the booking"]
    without = replace(to_pay, links=replace(to_pay.links, pay="", cancel=""))
    assert [one.label for one in sheet_of(without).links] == ["Open the booking"]


def test_a_reservation_is_spoken_of_as_a_reservation_in_all_its_mails() -> None:
    """ST-9: same steps as buying, other vocabulary."""
    for says, to in ((N.UNPAID, To.CUSTOMER), (N.UNPAID, To.PARTNER), (N.RELEASED, To.PARTNER), (N.CANCELLED, To.CUSTOMER)):
        reserved, booked = (a_matter(says, to, mode=mode) for mode in (Mode.RESERVE, Mode.INSTANT))
        assert "reservation" in sheet_of(reserved).headline
        assert "reservation" not in sheet_of(booked).headline


def test_a_reservation_that_had_expired_is_taken_up_again() -> None:
    """T19"""
    known_ = a_matter(N.TERM_EXTENDED, To.CUSTOMER)
    assert known_.before is not None
    again = replace(known_, before=replace(known_.before, stage=Stage.EXPIRED, deadline=None))
    assert sheet_of(again).headline == "Your reservation is active again"
    assert "It replaces the earlier one" not in text_of(again)


def test_support_closing_a_conversation_is_told_as_such() -> None:
    """GY-25"""
    matter = replace(a_matter(N.CONVERSATION_CLOSED, To.CUSTOMER), by=Actor.SUPPORT)
    text = text_of(matter)
    assert "Our support has closed the conversation about this booking." in text
    assert "Messages could be exchanged" not in text
    assert str(PARTNER) not in text


def test_numbers_count_as_the_language_does() -> None:
    for count, expected in ((1, "1 osoba"), (3, "3 osoby"), (5, "5 osób"), (22, "22 osoby")):
        matter = with_terms(a_matter(N.BOOKED, To.CUSTOMER, Language.PL), participants=count)
        assert dict(details(matter, voice_of(matter)))["Uczestnicy"] == (expected,)


def test_a_partial_payment_is_not_told_as_the_whole() -> None:
    matter = replace(a_matter(N.BOOKED_AND_PAID, To.PARTNER), account=paid(Money(2_000, EUR)))
    assert "€20.00 has been paid. €72.25 is still to be paid." in text_of(matter)


@pytest.mark.parametrize("says", [N.PLEASE_PAY, N.RESERVED, N.UNPAID])
def test_where_people_take_the_money_the_house_says_how_to_pay(says: Notification) -> None:
    """OR-B2: no card is spoken of, and no button leads nowhere."""
    asked = a_matter(says, To.CUSTOMER)
    by_hand = replace(
        asked, links=replace(asked.links, pay=""), guide=replace(asked.guide, how_to_pay="In cash.\n\nOr ask cash@example.com.")
    )
    [box] = [one for one in sheet_of(by_hand).boxes if one.title == "How to pay"]
    assert box.lines == ("In cash.", "Or ask cash@example.com.")
    assert "card" not in " ".join(sheet_of(by_hand).next)
    assert [one.title for one in sheet_of(asked).boxes if one.title == "How to pay"] == []
