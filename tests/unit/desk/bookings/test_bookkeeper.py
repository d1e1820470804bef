"""What becomes of money that comes in parts, late, or twice: nobody has a place without paying, nor pays without a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.bookings import PRICE
from support.catalogue import SLOT
from support.front_desk import FrontDesk

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.deadlines import Term
from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Mode
from relay.booking.situation import Act
from relay.desk.bookkeeper import Bookkeeper
from relay.desk.lifecycle import seen
from relay.payments.happening import Happening
from relay.store.bookings import audit, capacity, records

DAY: Final = timedelta(days=1)
HALF: Final = Money(PRICE.minor // 2, PRICE.currency)
NOTHING: Final = Money.zero(PRICE.currency)


def paid(desk: FrontDesk, booking: Booking, amount: Money, event: str) -> str:
    """The provider tells of a payment; what came of it."""
    told = Happening(event, Kind.PAID, amount, desk.now, event, event)
    book = Bookkeeper(desk.lifecycle, lambda: desk.now)
    return desk.world.write(lambda connection: book.enter(connection, records.locked(connection, booking.id), told, "till"))


def outstanding(desk: FrontDesk, booking: Booking) -> Money:
    def question(connection: Connection) -> Money:
        record = records.by_id(connection, booking.id)
        return seen(connection, record, desk.now).outstanding

    return desk.world.read(question)


def agrees(desk: FrontDesk) -> bool:
    return desk.world.read(lambda connection: list(audit.contradictions(connection, desk.now))) == []


@pytest.fixture
def desk(world: World) -> FrontDesk:
    """The boat has one place, which has to be paid within a day."""
    term = {"term": Term(days_after=1), "deadline_policy": DeadlinePolicy.FIRM, "may_be_reinstated": True}
    return FrontDesk(world, Mode.RESERVE, slot=replace(SLOT, capacity=1), **term)


def test_what_came_in_goes_back_when_the_rest_does_not_come_in_time(desk: FrontDesk) -> None:
    """T16, SL-26"""
    booking = desk.begin()
    assert paid(desk, booking, HALF, "e1").startswith("entered; no step")
    desk.tick(2 * DAY)
    assert desk.one(booking).stage is Stage.EXPIRED
    assert (desk.money(booking).refunding, desk.money(booking).refundable) == (HALF, NOTHING)
    assert agrees(desk)


def test_what_came_in_goes_back_when_the_acceptance_is_taken_back(world: World) -> None:
    """T11, SL-25, SL-26"""
    desk = FrontDesk(world, Mode.CUSTOM_REQUEST)
    booking = desk.act(desk.begin(), Act.ACCEPT, Actor.PARTNER, terms_version=1)
    paid(desk, booking, HALF, "e1")
    assert desk.act(booking, Act.TAKE_BACK, Actor.PARTNER).stage is Stage.CANCELLED
    assert desk.money(booking).refunding == HALF


def test_what_was_given_back_before_it_was_confirmed_is_due_again(desk: FrontDesk) -> None:
    """T12, SL-18: two halves of which one went back are no price."""
    booking = desk.begin()
    paid(desk, booking, HALF, "e1")
    desk.act(booking, Act.REFUND, Actor.PARTNER, amount=HALF)
    assert paid(desk, booking, HALF, "e2").startswith("entered; no step")
    assert desk.one(booking).stage is Stage.AWAITING_PAYMENT
    assert outstanding(desk, booking) == HALF
    assert paid(desk, booking, HALF, "e3") == "T12"
    assert desk.one(booking).stage is Stage.CONFIRMED
    assert desk.money(booking).refundable == PRICE


def test_what_is_given_back_of_something_confirmed_is_not_due_again(desk: FrontDesk) -> None:
    """T23"""
    booking = desk.begin()
    paid(desk, booking, PRICE, "e1")
    desk.act(booking, Act.REFUND, Actor.PARTNER, amount=HALF)
    assert outstanding(desk, booking) == NOTHING


def test_a_late_payment_that_went_back_pays_for_nothing(desk: FrontDesk) -> None:
    """T12: the second one, for which there is room, is kept, and is the price of the place."""
    booking = desk.begin()
    desk.tick(2 * DAY)
    other = desk.begin()
    paid(desk, booking, PRICE, "e1")
    assert desk.money(booking).refunding == PRICE
    desk.act(other, Act.CANCEL, Actor.CUSTOMER)
    paid(desk, booking, PRICE, "e2")
    assert desk.one(booking).stage is Stage.CONFIRMED
    assert (desk.money(booking).refunding, desk.money(booking).refundable) == (PRICE, PRICE)
    assert agrees(desk)


def test_what_is_taken_up_again_is_to_be_paid_though_a_payment_came_too_late(desk: FrontDesk) -> None:
    """T19, T12"""
    booking = desk.begin()
    desk.tick(2 * DAY)
    other = desk.begin()
    paid(desk, booking, PRICE, "e1")
    desk.act(other, Act.CANCEL, Actor.CUSTOMER)
    desk.act(booking, Act.REINSTATE, Actor.OPERATOR, until=desk.now + DAY)
    assert outstanding(desk, booking) == PRICE
    assert desk.act(booking, Act.TAKE_PAYMENT, Actor.OPERATOR, amount=PRICE).stage is Stage.CONFIRMED
    assert desk.money(booking).refundable == PRICE
    assert agrees(desk)


def test_who_pays_late_and_loses_the_last_place_while_paying_gets_the_money_back(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T12: on another node somebody takes it between the look and the taking."""
    booking = desk.begin()
    desk.tick(2 * DAY)
    desk.begin()
    monkeypatch.setattr(capacity, "room", lambda *_: 1)
    paid(desk, booking, PRICE, "e1")
    assert desk.one(booking).stage is Stage.EXPIRED
    assert desk.mails(booking)[-2:] == ["N13 customer", "N13 partner"]
    assert desk.money(booking).refunding == PRICE
    assert agrees(desk)
