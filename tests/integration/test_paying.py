"""From the link in the mail to the confirmed booking, and back: Stripe's SDK, a Stripe for tests, its messages over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from support.archive import World
from support.bookings import PRICE
from support.front_desk import FrontDesk
from support.gateway import free_port
from support.listening import until_it_listens
from support.stripe import KEY, SECRET, FakeStripe, Trouble, stripe_server
from support.web import Web

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.desk.bookkeeper import Bookkeeper
from relay.desk.payments import PaymentDesk
from relay.desk.refunds import RefundDesk
from relay.machine import clock
from relay.payments.manual import Manual
from relay.payments.stripe import Stripe
from relay.store.engine import open_engine
from relay.store.schema import migrate
from relay.store.store import Store
from relay.web.application import web_app

pytestmark = pytest.mark.slow


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with stripe_server() as server:
        yield server


@dataclass
class House:
    """A house that is paid by Stripe, which sends its messages to `webhooks`."""

    front: FrontDesk
    fake: FakeStripe
    payments: PaymentDesk
    refunds: RefundDesk
    webhooks: str

    def accepted(self) -> Booking:
        booking = self.front.begin()
        return self.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)

    async def led_to_stripe(self, booking: Booking) -> str:
        """The checkout on whose pages the customer is now."""
        url = await self.payments.checkout(booking.reference)
        return next(one for one in self.fake.sessions if url.endswith(one))

    async def told(self) -> list[int]:
        """Stripe sends everything that it has to tell, from the beginning."""
        return await asyncio.to_thread(self.fake.send, self.webhooks)


@pytest.fixture
async def house(tmp_path: Path, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    import stripe as sdk

    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.01)
    store = Store(open_engine(f"sqlite:///{tmp_path / 'relay.db'}"))
    migrate(store.engine)
    world = World(store.engine)
    front = FrontDesk(world)
    stripe, bookkeeper = Stripe(KEY, SECRET, fake.url), Bookkeeper(front.lifecycle, lambda: front.now)

    def silent() -> None: ...

    # Of the clocks, that by which a checkout ends has to go with Stripe's.
    payments = PaymentDesk(store, stripe, bookkeeper, world.new_id, clock, "https://relay.example", silent)
    by_hand = Manual()
    refunds = RefundDesk(
        store, lambda taken_by: stripe if taken_by == "stripe" else by_hand, bookkeeper, lambda: front.now, silent
    )
    web = Web()
    port = free_port()
    app = web_app(replace(web._ports(*web._fakes()), payments=payments))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await asyncio.to_thread(until_it_listens, port)
    yield House(front, fake, payments, refunds, f"http://127.0.0.1:{port}/webhooks/stripe")
    server.should_exit = True
    await serving
    await stripe.close()
    await store.close()


async def test_who_pays_on_stripes_pages_has_a_confirmed_booking(house: House) -> None:
    """SL-15 to SL-18, ST-12, T12"""
    booking = house.accepted()
    house.fake.pay(await house.led_to_stripe(booking))
    assert house.front.one(booking).stage is Stage.AWAITING_PAYMENT
    assert set(await house.told()) == {200}
    assert house.front.one(booking).stage is Stage.CONFIRMED
    assert house.front.money(booking).captured == PRICE
    mails = house.front.mails(booking)
    assert set(await house.told()) == {200}
    assert house.front.mails(booking) == mails


async def test_a_bank_that_decides_days_later_confirms_then_or_says_that_it_failed(house: House) -> None:
    """T12, T13, N12"""
    booking = house.accepted()
    session = await house.led_to_stripe(booking)
    house.fake.pay(session, later=True)
    await house.told()
    assert house.front.money(booking).in_flight
    house.fake.settle(session, well=False)
    await house.told()
    assert not house.front.money(booking).in_flight
    assert house.front.mails(booking).count("N12 customer") == 1
    again = await house.led_to_stripe(booking)
    assert again != session
    house.fake.pay(again)
    await house.told()
    assert house.front.one(booking).stage is Stage.CONFIRMED


async def test_a_refund_reaches_the_payment_once_though_its_answer_is_lost(house: House) -> None:
    """T23, SL-28 to SL-30, N21"""
    booking = house.accepted()
    house.fake.pay(await house.led_to_stripe(booking))
    await house.told()
    house.front.act(booking, Act.REFUND, Actor.PARTNER, amount=Money(2_500, "EUR"))
    house.fake.troubles.append(Trouble.LOST)
    await house.refunds.give_back_some()
    await house.told()
    assert [one["amount"] for one in house.fake.refunds.values()] == [2_500]
    assert house.front.money(booking).refunded == Money(2_500, "EUR")
    assert house.front.mails(booking).count("N21 customer") == 1


async def test_a_message_of_somebody_else_is_refused_and_believed_by_nobody(house: House) -> None:
    """T12"""
    booking = house.accepted()
    house.fake.pay(await house.led_to_stripe(booking))
    body, headers = house.fake.messages("whsec_of_somebody_else")[-1]
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(house.webhooks, content=body, headers=headers)
    assert answer.status_code == 400
    assert house.front.one(booking).stage is Stage.AWAITING_PAYMENT


async def test_a_dispute_that_stripe_tells_without_a_booking_is_entered_with_its_payment(house: House) -> None:
    booking = house.accepted()
    intent = house.fake.pay(await house.led_to_stripe(booking))
    case = house.fake.dispute(intent, 9_000)
    await house.told()
    assert house.front.money(booking).disputed
    house.fake.decide(case, won=True)
    await house.told()
    assert not house.front.money(booking).disputed
