"""Refunds that are due: each made once, to where the money came from, tried again where that helps, and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from support.archive import World
from support.bookings import PRICE
from support.front_desk import FrontDesk
from support.paying import Till, happened

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.desk import bookkeeper as module
from relay.desk.bookkeeper import Bookkeeper
from relay.desk.payments import PaymentDesk
from relay.desk.refunds import RefundDesk, lease
from relay.errors import Conflict, NotFound, Unavailable
from relay.payments.cause import Cause
from relay.payments.manual import Manual
from relay.payments.provider import Failed, Pending, Refunded
from relay.store.bookings import notifications, refunds
from relay.store.bookings.refunds import Refund
from relay.store.exchange_tables import Refunding
from relay.store.store import Store

PART = Money(2_500, "EUR")
EMPTY = Cause.INSUFFICIENT_BALANCE


@dataclass
class House:
    """The front desk with a till, and who gives back."""

    front: FrontDesk
    till: Till
    payments: PaymentDesk
    desk: RefundDesk

    async def paid(self) -> Booking:
        booking = self.front.begin()
        self.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
        await self.payments.take("till", self.till.tells(happened(Kind.PAID)), {})
        return self.front.one(booking)

    def paid_in_cash(self) -> Booking:
        booking = self.front.begin()
        self.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
        return self.front.act(booking, Act.TAKE_PAYMENT, Actor.PARTNER, amount=PRICE)

    def refunds(self, booking: Booking, amount: Money = PART) -> Refund:
        """What somebody wants given back."""
        self.front.act(booking, Act.REFUND, Actor.PARTNER, amount=amount)
        return self.refund(booking)

    def refund(self, booking: Booking) -> Refund:
        return self.front.world.read(lambda connection: refunds.of_booking(connection, booking.id))[-1]

    async def later(self, span: timedelta) -> int:
        self.front.now += span
        return await self.desk.give_back_some()

    def told(self, booking: Booking, number: str) -> list[tuple[str, str]]:
        """To whom, and why."""
        found = self.front.world.read(lambda connection: notifications.of_booking(connection, booking.id))
        told = [one.notification for one in found if one.notification.says.value == number]
        return [(one.to.value, one.detail.get("cause", one.detail["amount"])) for one in told]


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    store = Store(world.engine)
    front, till, by_hand = FrontDesk(world), Till(), Manual()
    bookkeeper = Bookkeeper(front.lifecycle, lambda: front.now)

    def told() -> None: ...

    payments = PaymentDesk(store, till, bookkeeper, world.new_id, lambda: front.now, "https://relay.example", told)
    desk = RefundDesk(store, lambda taken_by: till if taken_by == "till" else by_hand, bookkeeper, lambda: front.now, told)
    yield House(front, till, payments, desk)
    await store.close()


async def test_a_part_goes_back_to_the_payment_and_both_are_told(house: House) -> None:
    """T23, SL-28 to SL-30, SL-B3, N21"""
    booking = await house.paid()
    refund = house.refunds(booking)
    assert house.front.money(booking).refunding == PART
    assert await house.desk.give_back_some() == 1
    [wanted] = house.till.returns
    assert (wanted.payment, wanted.amount, wanted.id, wanted.is_repeated) == ("pi_1", PART, refund.id, False)
    assert house.front.money(booking).refunded == PART
    assert house.refund(booking).state is Refunding.SENT
    assert house.told(booking, "N21") == [("customer", "2500"), ("partner", "2500")]
    assert house.front.one(booking).stage is Stage.CONFIRMED
    assert await house.later(timedelta(days=1)) == 0


async def test_the_providers_own_word_about_it_tells_nobody_again(house: House) -> None:
    booking = await house.paid()
    refund = house.refunds(booking)
    await house.desk.give_back_some()
    told = happened(Kind.REFUNDED, 2_500, about=refund.id, refund=f"re_{refund.id}")
    await house.payments.take("till", house.till.tells(told), {})
    assert house.front.money(booking).refunded == PART
    assert len(house.told(booking, "N21")) == 2


async def test_a_message_that_is_faster_than_the_answer_counts_once(house: House) -> None:
    booking = await house.paid()
    refund = house.refunds(booking)
    give_back = house.till.refund

    async def slow(wanted: object) -> object:
        told = happened(Kind.REFUNDED, 2_500, about=refund.id, refund=f"re_{refund.id}")
        await house.payments.take("till", house.till.tells(told), {})
        return await give_back(wanted)  # type: ignore[arg-type]  # as it came

    house.till.refund = slow  # type: ignore[method-assign, assignment]
    await house.desk.give_back_some()
    assert house.front.money(booking).refunded == PART
    assert house.refund(booking).state is Refunding.SENT


async def test_two_nodes_give_back_once(house: House) -> None:
    house.refunds(await house.paid())
    other = replace(house.desk)
    assert [await house.desk.give_back_some(), await other.give_back_some()] == [1, 0]
    assert len(house.till.returns) == 1


async def test_a_lost_answer_is_asked_for_again_in_the_same_words(house: House) -> None:
    """Nobody knows whether it was made: the provider is told that."""
    booking = await house.paid()
    refund = house.refunds(booking)
    house.till.troubles.append(Unavailable("till: no answer in time"))
    await house.desk.give_back_some()
    assert house.refund(booking).state is Refunding.DUE
    assert house.told(booking, "N22") == []
    assert await house.later(timedelta(seconds=59)) == 0
    assert await house.later(timedelta(seconds=1)) == 1
    [wanted] = house.till.returns
    assert (wanted.id, wanted.failures, wanted.is_repeated) == (refund.id, 0, True)
    assert house.front.money(booking).refunded == PART


async def test_what_a_node_left_is_asked_for_by_another_when_its_lease_is_over(house: House) -> None:
    booking = await house.paid()
    house.refunds(booking)
    house.till.troubles.append(KeyError("the node died"))
    with pytest.raises(KeyError):
        await house.desk.give_back_some()
    assert await house.later(lease - timedelta(seconds=1)) == 0
    assert await house.later(timedelta(seconds=1)) == 1
    assert house.till.returns[0].is_repeated
    assert house.front.money(booking).refunded == PART


async def test_an_empty_balance_is_told_once_and_tried_again(house: House) -> None:
    """SL-B4, N22: the partner tops it up."""
    booking = await house.paid()
    house.refunds(booking)
    house.till.outcomes.extend([Failed(EMPTY), Failed(EMPTY)])
    await house.desk.give_back_some()
    refund = house.refund(booking)
    assert (refund.state, refund.cause, refund.failures) == (Refunding.DUE, "insufficient balance", 1)
    assert house.front.money(booking).refunding == PART
    assert await house.later(timedelta(minutes=1)) == 1
    assert await house.later(timedelta(minutes=5)) == 1
    assert [one.failures for one in house.till.returns] == [0, 1, 2]
    assert house.refund(booking).state is Refunding.SENT
    assert house.told(booking, "N22") == [("partner", EMPTY.value), ("operator", EMPTY.value)]
    assert len(house.told(booking, "N21")) == 2


async def test_a_balance_that_stays_empty_is_given_up_before_everybody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """SL-B4: the money is the customer's to be refunded again, and somebody has to do it."""
    monkeypatch.setattr("relay.desk.bookkeeper.failures_max", 1)
    booking = await house.paid()
    house.refunds(booking)
    house.till.outcomes.extend([Failed(EMPTY), Failed(EMPTY)])
    await house.desk.give_back_some()
    await house.later(timedelta(days=1))
    assert house.refund(booking).state is Refunding.FAILED
    money = house.front.money(booking)
    assert (money.refunding, money.refundable) == (Money.zero("EUR"), PRICE)
    assert len(house.told(booking, "N22")) == 4
    assert await house.later(timedelta(days=9)) == 0


async def test_a_refund_that_cannot_be_made_is_told_with_its_cause_and_not_tried_again(house: House) -> None:
    """N22"""
    booking = await house.paid()
    house.refunds(booking)
    house.till.outcomes.append(Failed(Cause.DISPUTED))
    await house.desk.give_back_some()
    assert house.refund(booking).state is Refunding.FAILED
    assert house.told(booking, "N22") == [("partner", "disputed"), ("operator", "disputed")]
    assert await house.later(timedelta(days=9)) == 0
    again = house.refunds(booking)
    await house.desk.give_back_some()
    assert house.till.returns[-1].id == again.id
    assert house.front.money(booking).refunded == PART


async def test_a_refund_that_waits_for_balance_is_told_and_ends_by_the_providers_word(house: House) -> None:
    """SL-B4"""
    booking = await house.paid()
    refund = house.refunds(booking)
    house.till.outcomes.append(Pending("re_1", EMPTY))
    await house.desk.give_back_some()
    assert house.refund(booking).state is Refunding.PENDING
    assert house.told(booking, "N22") == [("partner", EMPTY.value), ("operator", EMPTY.value)]
    told = happened(Kind.REFUNDED, 2_500, about=refund.id, refund="re_1")
    await house.payments.take("till", house.till.tells(told), {})
    assert house.refund(booking).state is Refunding.SENT
    assert house.front.money(booking).refunded == PART


async def test_a_refund_of_which_nothing_is_heard_is_asked_about_and_not_asked_for(house: House) -> None:
    """The provider's messages may get lost, all of them."""
    booking = await house.paid()
    house.refunds(booking)
    house.till.outcomes.extend([Pending("re_1"), Refunded("re_1")])
    await house.desk.give_back_some()
    assert await house.later(timedelta(hours=23)) == 0
    assert await house.later(timedelta(hours=1)) == 1
    assert [one.known_as for one in house.till.returns] == ["", "re_1"]
    assert house.refund(booking).state is Refunding.SENT
    assert house.front.money(booking).refunded == PART


async def test_one_that_waited_in_vain_is_made_anew_and_late_words_about_it_are_of_the_first_try(house: House) -> None:
    """SL-B4: a refund that the provider takes on and fails for want of balance is tried again."""
    booking = await house.paid()
    refund = house.refunds(booking)
    house.till.outcomes.extend([Pending("re_1"), Pending("re_2")])
    await house.desk.give_back_some()
    for event in ("updated", "failed"):
        told = happened(Kind.REFUND_FAILED, 2_500, event=event, about=refund.id, refund="re_1", cause=EMPTY)  # type: ignore[arg-type]  # a cause
        await house.payments.take("till", house.till.tells(told), {})
    again = house.refund(booking)
    assert (again.state, again.failures) == (Refunding.DUE, 1)
    await house.later(timedelta(minutes=1))
    late = happened(Kind.REFUND_FAILED, 2_500, event="late", about=refund.id, refund="re_1", cause=EMPTY)  # type: ignore[arg-type]  # a cause
    await house.payments.take("till", house.till.tells(late), {})
    assert house.refund(booking).state is Refunding.PENDING
    told = happened(Kind.REFUNDED, 2_500, about=refund.id, refund="re_2")
    await house.payments.take("till", house.till.tells(told), {})
    assert house.front.money(booking).refunded == PART


async def test_a_bank_that_sends_it_back_days_later_is_told_and_the_money_is_refundable_again(house: House) -> None:
    """N22"""
    booking = await house.paid()
    refund = house.refunds(booking)
    await house.desk.give_back_some()
    told = happened(Kind.REFUND_FAILED, 2_500, about=refund.id, refund=f"re_{refund.id}", cause=Cause.NOT_TAKEN)  # type: ignore[arg-type]  # a cause
    await house.payments.take("till", house.till.tells(told), {})
    assert house.refund(booking).state is Refunding.FAILED
    assert house.front.money(booking).refundable == PRICE
    assert house.told(booking, "N22") == [("partner", "not taken"), ("operator", "not taken")]


async def test_cash_is_given_back_by_somebody_who_says_so(house: House) -> None:
    """OR-B2: whoever takes payments by card, this one was cash."""
    booking = house.paid_in_cash()
    refund = house.refunds(booking, PRICE)
    await house.desk.give_back_some()
    assert house.till.returns == []
    assert house.refund(booking).state is Refunding.PENDING
    assert house.front.money(booking).refunding == PRICE
    await house.desk.done("BOAT-1", refund.id, "box office")
    assert house.front.money(booking).refunded == PRICE
    assert house.refund(booking).state is Refunding.SENT
    with pytest.raises(Conflict, match="does not wait"):
        await house.desk.done("BOAT-1", refund.id, "box office")


async def test_a_refund_is_given_back_in_its_own_booking(house: House) -> None:
    refund = house.refunds(house.paid_in_cash(), PRICE)
    await house.desk.give_back_some()
    other = house.front.begin()
    with pytest.raises(NotFound, match=f"{other.reference} has no refund"):
        await house.desk.done(other.reference, refund.id, "box office")


async def test_nobody_says_of_a_card_that_it_was_given_back(house: House) -> None:
    booking = await house.paid()
    refund = house.refunds(booking)
    house.till.outcomes.append(Pending("re_1"))
    await house.desk.give_back_some()
    with pytest.raises(Conflict):
        await house.desk.done("BOAT-1", refund.id, "somebody")
    with pytest.raises(NotFound):
        await house.desk.done("BOAT-1", "none", "somebody")


async def test_what_is_paid_too_late_goes_back_by_itself(house: House) -> None:
    """T12, N13, N21"""
    booking = house.front.begin()
    house.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    house.front.act(booking, Act.TAKE_BACK, Actor.PARTNER)
    await house.payments.take("till", house.till.tells(happened(Kind.PAID)), {})
    await house.desk.give_back_some()
    assert house.front.money(booking).refunded == PRICE
    assert [to for to, _ in house.told(booking, "N13")] == ["customer", "partner"]
    assert [to for to, _ in house.told(booking, "N21")] == ["customer", "partner"]


async def test_what_somebody_gives_back_on_the_providers_own_pages_is_entered_and_told(house: House) -> None:
    booking = await house.paid()
    told = happened(Kind.REFUNDED, 1_000, about="re_9", refund="re_9", booking="")
    await house.payments.take("till", house.till.tells(told), {})
    assert house.front.money(booking).refunded == Money(1_000, "EUR")
    assert house.told(booking, "N21") == [("customer", "1000"), ("partner", "1000")]


@pytest.mark.parametrize(("times", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 360), (6, 1_440), (60, 1_440)])
def test_the_waits_grow_to_a_day(times: int, minutes: int) -> None:
    assert module.again_in(times) == timedelta(minutes=minutes)
