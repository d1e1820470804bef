"""Paying for a booking: the way to the provider's pages, their end, and what the provider says happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest
from support.archive import World
from support.bookings import PRICE
from support.bookkeeping import ZOFIA
from support.catalogue import ADULT, SLOT
from support.front_desk import FrontDesk
from support.paying import Till, happened, over

from relay.booking.beginning import WAYS, Order
from relay.booking.booking import Actor, Booking, Stage
from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.booking.offer import Mode
from relay.booking.situation import Act
from relay.booking.terms import Choice
from relay.desk.bookkeeper import Bookkeeper, known_within
from relay.desk.payments import PaymentDesk, made_within
from relay.errors import Conflict, NotDone, NotFound, Unavailable
from relay.payments.happening import Message
from relay.payments.provider import Ending
from relay.store.bookings import checkouts
from relay.store.bookings.checkouts import StillOpen
from relay.store.store import Store
from relay.values import Language


@dataclass
class House:
    """The front desk, with a till."""

    front: FrontDesk
    till: Till
    desk: PaymentDesk

    async def pay(self, booking: Booking) -> str:
        return await self.desk.checkout(booking.reference)

    async def told(self, *messages: Message) -> None:
        await self.desk.take("till", self.till.tells(*messages), {})

    def accepted(self) -> Booking:
        """A custom request that the partner has accepted: it is to be paid."""
        booking = self.front.begin()
        return self.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)


def _silent() -> None: ...


@pytest.fixture
def mode() -> Mode:
    return Mode.CUSTOM_REQUEST


@pytest.fixture
async def house(world: World, mode: Mode) -> AsyncIterator[House]:
    store = Store(world.engine)
    front, till = FrontDesk(world, mode), Till()
    desk = PaymentDesk(
        store,
        till,
        Bookkeeper(front.lifecycle, lambda: front.now),
        world.new_id,
        lambda: front.now,
        "https://relay.example",
        _silent,
    )
    yield House(front, till, desk)
    await store.close()


async def test_who_is_accepted_is_led_to_pages_with_the_sum_filled_in(house: House) -> None:
    """SL-15, SL-16, ST-12"""
    booking = house.accepted()
    url = await house.pay(booking)
    [order] = house.till.orders.values()
    assert url == f"https://till.example/{order.key}"
    assert (order.amount, order.booking, order.description) == (PRICE, "BOAT-1", "Boat tour, BOAT-1")
    assert "Zofia" not in order.description
    assert (order.paid_url, order.language) == ("https://relay.example/payments/made", Language.PL)


async def test_a_second_click_leads_to_the_same_pages(house: House) -> None:
    booking = house.accepted()
    assert await house.pay(booking) == await house.pay(booking)
    assert len(house.till.orders) == 1


async def test_pages_that_are_nearly_over_are_ended_for_others(house: House) -> None:
    booking = house.accepted()
    first = await house.pay(booking)
    house.front.now += timedelta(hours=23, minutes=57)
    assert await house.pay(booking) != first
    assert list(house.till.endings.values()) == [Ending.ENDED]


async def test_a_lost_answer_is_asked_for_again_in_the_same_words(house: House) -> None:
    booking = house.accepted()
    house.till.troubles.append(Unavailable("till: no answer"))
    with pytest.raises(Unavailable):
        await house.pay(booking)
    await house.pay(booking)
    assert len(house.till.orders) == 1


async def test_pages_that_were_never_made_are_forgotten_after_a_while(house: House) -> None:
    """Nobody was sent there; and the provider need not be asked about what it may not know."""
    booking = house.accepted()
    house.till.troubles.append(Unavailable("till: no answer"))
    with pytest.raises(Unavailable):
        await house.pay(booking)
    house.front.now += made_within
    await house.pay(booking)
    assert house.till.endings == {}


async def test_what_the_provider_does_not_take_is_said_and_may_be_tried_again(house: House) -> None:
    booking = house.accepted()
    house.till.refuses = True
    with pytest.raises(NotDone, match="does not take"):
        await house.pay(booking)
    house.till.refuses = False
    assert await house.pay(booking)


async def test_where_people_take_the_money_nobody_pays_by_themselves(house: House) -> None:
    """OR-B2"""
    house.till.has_checkout = False
    with pytest.raises(NotDone, match="as its mail says"):
        await house.pay(house.accepted())


async def test_a_booking_that_is_not_there_is_not_paid(house: House) -> None:
    with pytest.raises(NotFound):
        await house.desk.checkout("NOWHERE")


async def test_what_is_not_accepted_is_not_paid(house: House) -> None:
    """SL-25: a pay attempt shows why."""
    with pytest.raises(Conflict, match="is requested: it cannot be paid"):
        await house.pay(house.front.begin())


async def test_paid_is_confirmed_once_however_often_it_is_told(house: House) -> None:
    """T12, SL-18, invariant 9"""
    booking = house.accepted()
    await house.pay(booking)
    paid = happened(Kind.PAID)
    for event in ("e1", "e2", "e1"):
        await house.told(happened(Kind.PAID, event=event))
    await house.told(paid)
    after = house.front.one(booking)
    assert (after.stage, after.version) == (Stage.CONFIRMED, booking.version + 1)
    assert house.front.money(booking).captured == PRICE
    assert house.front.mails(booking)[-2:] == ["N9 customer", "N11 partner"]
    with pytest.raises(Conflict, match="is paid"):
        await house.pay(booking)


async def test_in_any_order_it_comes_to_the_same(house: House) -> None:
    """Webhooks are replayed and overtake one another."""
    booking = house.accepted()
    story = [
        happened(Kind.FAILED, about="ch_1"),
        happened(Kind.PAID),
        happened(Kind.PAID, event="again"),
        happened(Kind.REFUNDED, 2_000, about="re_1", booking=""),
        happened(Kind.DISPUTED, 1_000, about="du_1", booking=""),
        happened(Kind.DISPUTE_WON, 1_000, about="du_1", booking=""),
    ]
    shuffled = story * 2
    Random(7).shuffle(shuffled)
    while shuffled:
        one = shuffled.pop(0)
        try:
            await house.told(one)
        except Unavailable:
            shuffled.append(one)  # the provider tells it again: it names no booking, and the payment is not known yet
    money = house.front.money(booking)
    assert (money.captured, money.refunded, money.lost) == (PRICE, Money(2_000, "EUR"), Money.zero("EUR"))
    assert house.front.one(booking).stage is Stage.CONFIRMED


async def test_a_payment_that_failed_is_told_once_and_may_be_tried_again(house: House) -> None:
    """T13, N12"""
    booking = house.accepted()
    await house.pay(booking)
    for _ in range(2):
        await house.told(happened(Kind.FAILED, about="ch_1"))
    assert house.front.mails(booking).count("N12 customer") == 1
    assert await house.pay(booking)


async def test_who_is_paying_is_not_sent_there_twice(house: House) -> None:
    booking = house.accepted()
    await house.told(happened(Kind.STARTED))
    with pytest.raises(Conflict, match="the bank decides"):
        await house.pay(booking)


async def test_after_a_bank_has_refused_days_later_others_pages_are_opened(house: House) -> None:
    """T13: those on which it was tried take nothing more."""
    booking = house.accepted()
    first = await house.pay(booking)
    [order] = house.till.orders.values()
    for kind in (Kind.STARTED, Kind.FAILED):
        await house.told(happened(kind, checkout=f"cs_{order.key}"))
    assert await house.pay(booking) != first
    assert house.till.endings == {}


async def test_what_is_paid_after_it_was_taken_back_goes_back(house: House) -> None:
    """T12, N13: its capacity is somebody else's by now."""
    booking = house.accepted()
    house.front.act(booking, Act.TAKE_BACK, Actor.PARTNER)
    await house.told(happened(Kind.PAID))
    money = house.front.money(booking)
    assert (house.front.one(booking).stage, money.refunding) == (Stage.CANCELLED, PRICE)
    assert house.front.mails(booking)[-2:] == ["N13 customer", "N13 partner"]


async def test_less_than_is_due_is_kept_and_confirms_nothing(house: House) -> None:
    """SL-18"""
    booking = house.accepted()
    await house.told(happened(Kind.PAID, 4_000))
    assert house.front.one(booking).stage is Stage.AWAITING_PAYMENT
    assert house.front.money(booking).captured == Money(4_000, "EUR")
    await house.pay(booking)
    [order] = house.till.orders.values()
    assert order.amount == Money(5_000, "EUR")


async def test_a_booking_is_taken_back_after_its_pages_have_ended_and_not_before(house: House) -> None:
    """T11, SL-25: nobody pays for what is not to be had any more."""
    booking = house.accepted()
    await house.pay(booking)
    with pytest.raises(StillOpen) as raised:
        house.front.act(booking, Act.TAKE_BACK, Actor.PARTNER)
    await house.desk.stop(raised.value.pages)
    assert list(house.till.endings.values()) == [Ending.ENDED]
    after = house.front.act(booking, Act.TAKE_BACK, Actor.PARTNER)
    assert after.stage is Stage.CANCELLED
    with pytest.raises(Conflict, match="is cancelled: it cannot be paid"):
        await house.pay(booking)


@pytest.mark.parametrize(("ending", "why"), [(Ending.PAID, "was just paid"), (Ending.BEING_PAID, "is being paid")])
async def test_who_has_paid_or_is_paying_is_not_run_over(house: House, ending: Ending, why: str) -> None:
    """T11: in flight blocks."""
    booking = house.accepted()
    await house.pay(booking)
    pages = house.front.world.read(lambda connection: checkouts.is_open(connection, booking.id))
    assert pages is not None
    assert pages.provider_id is not None
    house.till.endings[pages.provider_id] = ending
    with pytest.raises(Conflict, match=why):
        await house.desk.stop(pages)
    assert house.front.world.read(lambda connection: checkouts.is_open(connection, booking.id)) == pages


async def test_pages_that_were_to_end_while_they_were_made_are_ended_and_shown_to_nobody(house: House) -> None:
    """T11: the other half of the race."""
    booking = house.accepted()
    start = house.till.start

    async def late(order: object) -> object:
        made = await start(order)  # type: ignore[arg-type]  # as it came
        pages = house.front.world.read(lambda connection: checkouts.is_open(connection, booking.id))
        assert pages is not None
        await house.desk.stop(pages)
        return made

    house.till.start = late  # type: ignore[method-assign, assignment]
    with pytest.raises(Conflict, match="has changed meanwhile"):
        await house.pay(booking)
    assert list(house.till.endings.values()) == [Ending.ENDED]


async def test_pages_whose_time_is_over_are_open_no_more(house: House) -> None:
    booking = house.accepted()
    await house.pay(booking)
    [order] = house.till.orders.values()
    await house.told(over(f"cs_{order.key}"))
    assert house.front.world.read(lambda connection: checkouts.is_open(connection, booking.id)) is None


async def test_what_belongs_to_no_booking_changes_nothing_and_is_not_told_again(house: House) -> None:
    booking = house.accepted()
    await house.told(happened(Kind.PAID, booking="SOMEBODY-ELSES"))
    house.front.now += known_within
    await house.told(happened(Kind.DISPUTED, about="du_1", booking=""))
    assert house.front.money(booking).captured == Money.zero("EUR")


async def test_another_currency_is_not_entered(house: House) -> None:
    """T12: amount and currency match."""
    booking = house.accepted()
    await house.told(replace(happened(Kind.PAID), amount=Money(9_000, "USD")))
    assert house.front.one(booking).stage is Stage.AWAITING_PAYMENT
    assert house.front.money(booking).captured == Money.zero("EUR")


@pytest.mark.parametrize("provider", ["stripe", "manual", ""])
async def test_only_who_takes_payments_here_is_heard(house: House, provider: str) -> None:
    with pytest.raises(NotFound):
        await house.desk.take(provider, b"", {})


@pytest.mark.parametrize("mode", [Mode.RESERVE])
async def test_a_reservation_of_the_box_office_is_paid_online(house: House) -> None:
    """ST-12, ST-16, ST-17: it is taken by phone, and no card number is."""
    front, listing = house.front, house.front.office.listing
    order = Order(*(WAYS[Mode.RESERVE], Actor.OPERATOR, "box office", Language.PL), slot=SLOT, choices=(Choice(ADULT.key, 1),))
    record = front.world.write(lambda connection: front.lifecycle.begin(connection, listing, order, ZOFIA, now=front.now))
    booking = record.booking
    assert booking.stage is Stage.AWAITING_PAYMENT
    await house.pay(booking)
    await house.told(happened(Kind.PAID))
    assert house.front.one(booking).stage is Stage.CONFIRMED
