"""What goes back, and where to (T22, T23)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.bookings import NOW, PRICE, STARTS, a_booking, a_situation, paid, terms

from relay.booking.booking import Actor, Cause, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.ledger import Entry, Kind
from relay.booking.lifecycle import Effect
from relay.booking.money import Money
from relay.booking.refunds import Portion, owed, portions
from relay.booking.situation import Act, Situation, Wish

TIERS = Policy((Tier(10, 10_000), Tier(5, 5_000)))


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def a_wish(act: Act, actor: Actor, amount: Money | None = None) -> Wish:
    return Wish(act, actor, "somebody", amount=amount)


def confirmed(days_before: int, *entries: Entry, **more: object) -> Situation:
    booking = a_booking(Stage.CONFIRMED, **{"confirmed_at": NOW, **more})
    return a_situation(booking, *(entries or (paid(),)), now=STARTS - timedelta(days=days_before), cancellation=TIERS)


@pytest.mark.parametrize(("days_before", "back"), [(20, 9_000), (10, 9_000), (9, 4_500), (5, 4_500), (4, 0), (0, 0)])
def test_a_customer_who_cancels_gets_what_the_days_that_are_left_give(days_before: int, back: int) -> None:
    """SL-B2: 100 % from ten days before on, 50 % from five."""
    assert owed(confirmed(days_before), Effect.COMPUTE_REFUND, a_wish(Act.CANCEL, Actor.CUSTOMER)) == euro(back)


@pytest.mark.parametrize("actor", [Actor.PARTNER, Actor.SUPPORT, Actor.OPERATOR])
def test_where_the_partner_or_the_house_cancels_all_of_it_goes_back(actor: Actor) -> None:
    """SL-26: whenever that is."""
    assert owed(confirmed(0), Effect.COMPUTE_REFUND, a_wish(Act.CANCEL, actor)) == PRICE


def test_goods_without_a_date_that_are_cancelled_are_given_back_whole() -> None:
    """SL-8: there are no days to count."""
    of = confirmed(0, terms=terms(occasion=None))
    assert owed(of, Effect.COMPUTE_REFUND, a_wish(Act.CANCEL, Actor.CUSTOMER)) == PRICE


def test_no_more_goes_back_than_is_left() -> None:
    """T23: what went back before does not go back again."""
    before = Entry(Kind.REFUNDED, euro(6_000), NOW, "r1", "r1", "support")
    of = confirmed(20, paid(), before)
    assert owed(of, Effect.COMPUTE_REFUND, a_wish(Act.CANCEL, Actor.CUSTOMER)) == euro(3_000)
    assert owed(of, Effect.REFUND, a_wish(Act.REFUND, Actor.SUPPORT, PRICE)) == euro(3_000)
    assert owed(of, Effect.REFUND_ALL, a_wish(Act.PAID, Actor.PAYMENTS)) == euro(3_000)
    assert owed(of, Effect.REFUND, a_wish(Act.REFUND, Actor.SUPPORT, euro(1_000))) == euro(1_000)


def test_what_came_in_twice_goes_back_once() -> None:
    """T12: what is due stays."""
    of = confirmed(20, paid(), paid(event="evt2"))
    assert owed(of, Effect.REFUND_SURPLUS, a_wish(Act.PAID, Actor.PAYMENTS)) == PRICE


def test_other_effects_give_nothing_back() -> None:
    assert owed(confirmed(20), Effect.OPEN_CONVERSATION, a_wish(Act.PAID, Actor.PAYMENTS)) == euro(0)


def test_each_payment_gets_back_no_more_than_came_by_it_and_the_latest_comes_first() -> None:
    """SL-30: to the card that paid."""
    entries = (paid(5_000, "card"), Entry(Kind.PAID, euro(4_000), NOW + timedelta(hours=1), "cash", "cash", "anna"))
    assert portions(euro(3_000), entries, {}) == (Portion("cash", euro(3_000)),)
    assert portions(euro(7_000), entries, {}) == (Portion("cash", euro(4_000)), Portion("card", euro(3_000)))
    assert portions(euro(5_000), entries, {"cash": euro(3_000)}) == (Portion("cash", euro(1_000)), Portion("card", euro(4_000)))
    with pytest.raises(ValueError, match="more than what is left"):
        portions(euro(9_001), entries, {})


@pytest.mark.parametrize(
    ("cause", "back"),
    [
        (Cause.OPERATIONAL, 9_000),
        (Cause.CUSTOMER_ASKED, 9_000),
        (Cause.CUSTOMER_ASKED_BY_POLICY, 4_500),
    ],
)
def test_a_partner_whom_the_customer_asked_to_cancel_gives_back_all_or_what_the_policy_says(cause: Cause, back: int) -> None:
    """GY-B2"""
    wish = Wish(Act.CANCEL, Actor.PARTNER, "somebody", cause=cause)
    assert owed(confirmed(5), Effect.COMPUTE_REFUND, wish) == euro(back)


@pytest.mark.parametrize(
    ("entries", "came_in", "back"),
    [
        ((paid(), paid(event="evt2")), None, 9_000),
        ((paid(), paid(event="evt2")), PRICE, 9_000),
        ((paid(), paid(500, "evt2")), None, 500),
        ((paid(),), PRICE, 0),
        # Of three payments one went back before; the third does, and no more than that.
        ((paid(), paid(event="evt2"), paid(event="evt3"), Entry(Kind.REFUNDED, PRICE, NOW, "r1", "r1", "x")), PRICE, 9_000),
        # What was given back out of kindness stays given.
        ((paid(), Entry(Kind.REFUNDED, euro(2_000), NOW, "r1", "r1", "x"), paid(event="evt2")), PRICE, 9_000),
    ],
)
def test_what_came_in_beyond_what_is_due_goes_back_and_no_more(
    entries: tuple[Entry, ...], came_in: Money | None, back: int
) -> None:
    """T12"""
    wish = a_wish(Act.PAID, Actor.PAYMENTS, came_in)
    assert owed(confirmed(20, *entries), Effect.REFUND_SURPLUS, wish) == euro(back)


def test_of_a_cancelled_booking_only_what_came_in_late_goes_back() -> None:
    """T12, SL-B2: what the policy kept is kept."""
    kept = Entry(Kind.REFUNDED, euro(4_500), NOW, "r1", "r1", "x")
    of = confirmed(5, paid(), kept, paid(event="evt2"))
    assert owed(of, Effect.REFUND_ALL, a_wish(Act.PAID, Actor.PAYMENTS, PRICE)) == PRICE
