"""Stripe through its own SDK, over HTTP, at a Stripe for tests: checkouts, refunds, lost answers, trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from support.bookings import PRICE
from support.stripe import KEY, SECRET, FakeStripe, Trouble, stripe_server

from relay.booking.ledger import Kind
from relay.booking.money import Money
from relay.errors import NotDone, Unavailable
from relay.machine import clock
from relay.payments import stripe as module
from relay.payments.cause import Cause
from relay.payments.happening import Happening
from relay.payments.provider import Checkout, Ending, Failed, Order, Pending, Provider, Refunded, Return
from relay.payments.stripe import Stripe
from relay.values import Language

pytestmark = pytest.mark.slow

PART: Final = Money(2_500, "EUR")


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with stripe_server() as server:
        yield server


@pytest.fixture
async def stripe(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stripe]:
    import stripe as sdk

    # How long the SDK waits between its tries, which no test wants to see.
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.01)
    provider = Stripe(KEY, SECRET, fake.url)
    yield provider
    await provider.close()


def an_order(provider: Provider, **more: object) -> Order:
    ends = provider.ends_at(clock(), None)
    order = Order("k1", "BOAT-1", PRICE, "Boat tour", "https://a.example/paid", "https://a.example/left", ends, Language.FR)
    return replace(order, **more)  # type: ignore[arg-type]  # fields of the order


async def paid(stripe: Stripe, fake: FakeStripe) -> str:
    return fake.pay((await stripe.start(an_order(stripe))).id)


def asked(fake: FakeStripe, path: str) -> list[str]:
    return [key for _, at, key in fake.asked if at == path]


async def test_a_customer_pays_what_is_due_on_a_page_of_stripes(stripe: Stripe, fake: FakeStripe) -> None:
    """SL-16, SL-17: the amount is filled in, and what they are asked for is between them and Stripe."""
    checkout = await stripe.start(an_order(stripe))
    [told] = fake.told
    assert checkout.url.startswith(fake.url)
    assert told["line_items"]["0"]["price_data"]["unit_amount"] == "9000"
    assert told["locale"] == "fr"
    intent = fake.pay(checkout.id)
    read = [one for body, headers in fake.messages() for one in stripe.read(body, headers)]
    assert {(one.kind, one.payment, one.amount, one.booking) for one in read if isinstance(one, Happening)} == {
        (Kind.PAID, intent, PRICE, "BOAT-1")
    }


async def test_nothing_of_a_person_or_of_this_machine_goes_to_stripe(stripe: Stripe, fake: FakeStripe) -> None:
    import stripe as sdk

    await stripe.start(an_order(stripe))
    assert set(fake.told[0]) == {
        *("mode", "client_reference_id", "line_items", "success_url", "cancel_url", "expires_at", "locale", "metadata"),
        "payment_intent_data",
    }
    assert sdk.enable_telemetry is False


@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.CUT, Trouble.BROKEN])
async def test_a_lost_answer_makes_no_second_checkout(stripe: Stripe, fake: FakeStripe, trouble: Trouble) -> None:
    fake.troubles.append(trouble)
    first = await stripe.start(an_order(stripe))
    assert await stripe.start(an_order(stripe, ends_at=first.ends_at)) == first
    assert list(fake.sessions) == [first.id]


async def test_the_same_key_for_another_order_is_refused(stripe: Stripe, fake: FakeStripe) -> None:
    order = an_order(stripe)
    await stripe.start(order)
    with pytest.raises(NotDone):
        await stripe.start(replace(order, amount=PART))


@pytest.mark.parametrize("amount", [Money(10, "EUR"), Money(5_000, "UGX")])
async def test_an_amount_that_stripe_does_not_take_is_refused_in_words(stripe: Stripe, fake: FakeStripe, amount: Money) -> None:
    with pytest.raises(NotDone, match="BOAT-1"):
        await stripe.start(an_order(stripe, amount=amount))
    assert fake.sessions == {}


async def test_a_checkout_that_ends_too_early_for_stripe_is_refused(stripe: Stripe) -> None:
    with pytest.raises(NotDone):
        await stripe.start(an_order(stripe, ends_at=clock() + timedelta(minutes=5)))


async def started(stripe: Stripe) -> Checkout:
    return await stripe.start(an_order(stripe))


async def test_an_open_checkout_is_ended_and_stays_so(stripe: Stripe, fake: FakeStripe) -> None:
    """SL-25, T11: nobody can pay there any more."""
    checkout = await started(stripe)
    assert await stripe.end(checkout.id) is Ending.ENDED
    assert fake.sessions[checkout.id]["status"] == "expired"
    assert await stripe.end(checkout.id) is Ending.ENDED


@pytest.mark.parametrize(("later", "ending"), [(False, Ending.PAID), (True, Ending.BEING_PAID)])
async def test_who_has_paid_or_is_paying_is_not_run_over(stripe: Stripe, fake: FakeStripe, later: bool, ending: Ending) -> None:
    """T11: the step does not happen."""
    checkout = await started(stripe)
    fake.pay(checkout.id, later=later)
    assert await stripe.end(checkout.id) is ending


async def test_a_checkout_that_nobody_knows_is_for_later(stripe: Stripe) -> None:
    """Perhaps another account's: whether anybody can pay there is not known."""
    with pytest.raises(Unavailable):
        await stripe.end("cs_test_of_another_account")


async def test_a_refund_goes_to_the_payment_in_parts(stripe: Stripe, fake: FakeStripe) -> None:
    """T23, SL-30, SL-B3"""
    payment = await paid(stripe, fake)
    for id_ in ("r1", "r2"):
        assert isinstance(await stripe.refund(Return(id_, "BOAT-1", payment, PART)), Refunded)
    assert fake.told[-1] == {
        "payment_intent": payment,
        "amount": "2500",
        "metadata": {"relay_refund": "r2", "relay_booking": "BOAT-1"},
    }
    assert await stripe.refund(Return("r3", "BOAT-1", payment, PRICE)) == Failed(Cause.ALREADY_RETURNED)
    assert sum(one["amount"] for one in fake.refunds.values()) == 5_000


@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.CUT, Trouble.BROKEN])
async def test_a_refund_is_made_once_however_often_it_is_asked_for(stripe: Stripe, fake: FakeStripe, trouble: Trouble) -> None:
    payment = await paid(stripe, fake)
    fake.troubles.extend([trouble, trouble])
    wanted = Return("r1", "BOAT-1", payment, PART)
    first = await stripe.refund(wanted)
    assert await stripe.refund(wanted) == first
    assert [one["amount"] for one in fake.refunds.values()] == [2_500]
    assert set(asked(fake, "/v1/refunds")) == {"relay-refund-r1-0"}


async def test_a_refund_is_made_once_also_when_stripe_has_forgotten_the_key(stripe: Stripe, fake: FakeStripe) -> None:
    """Stripe keeps keys for a day, and a gateway may have been down for longer."""
    payment = await paid(stripe, fake)
    wanted = Return("r1", "BOAT-1", payment, PART)
    first = await stripe.refund(wanted)
    fake.forget_keys()
    assert await stripe.refund(replace(wanted, is_repeated=True)) == first
    assert len(fake.refunds) == 1


async def test_without_balance_a_refund_fails_and_succeeds_when_it_is_topped_up(stripe: Stripe, fake: FakeStripe) -> None:
    """SL-B4: asked again in the same words, Stripe would repeat the failure for a day."""
    payment = await paid(stripe, fake)
    fake.balance = 0
    wanted = Return("r1", "BOAT-1", payment, PART)
    assert await stripe.refund(wanted) == Failed(Cause.INSUFFICIENT_BALANCE)
    fake.top_up(10_000)
    assert await stripe.refund(wanted) == Failed(Cause.INSUFFICIENT_BALANCE)
    assert isinstance(await stripe.refund(replace(wanted, failures=1, is_repeated=True)), Refunded)


async def test_a_refund_that_waits_for_balance_says_so(stripe: Stripe, fake: FakeStripe) -> None:
    """SL-B4"""
    payment = await paid(stripe, fake)
    fake.balance, fake.refunds_wait = 0, True
    pending = await stripe.refund(Return("r1", "BOAT-1", payment, PART))
    assert pending == Pending(next(iter(fake.refunds)), Cause.INSUFFICIENT_BALANCE)
    fake.top_up(10_000)
    told = [one for body, headers in fake.messages() for one in stripe.read(body, headers)][-1]
    assert isinstance(told, Happening)
    assert (told.kind, told.about) == (Kind.REFUNDED, "r1")


async def test_a_refund_that_it_has_taken_on_is_looked_at_and_never_made_again(stripe: Stripe, fake: FakeStripe) -> None:
    payment = await paid(stripe, fake)
    fake.balance, fake.refunds_wait = 0, True
    wanted = Return("r1", "BOAT-1", payment, PART)
    pending = await stripe.refund(wanted)
    assert isinstance(pending, Pending)
    fake.forget_keys()
    fake.top_up(10_000)
    assert await stripe.refund(replace(wanted, known_as=pending.id)) == Refunded(pending.id)
    with pytest.raises(Unavailable):
        await stripe.refund(replace(wanted, known_as="re_of_another_account"))
    assert len(fake.refunds) == 1


async def test_a_refund_that_came_back_is_made_anew(stripe: Stripe, fake: FakeStripe) -> None:
    payment = await paid(stripe, fake)
    wanted = Return("r1", "BOAT-1", payment, PART)
    assert isinstance(await stripe.refund(wanted), Refunded)
    fake.bounce(next(iter(fake.refunds)))
    assert isinstance(await stripe.refund(replace(wanted, failures=1, is_repeated=True)), Refunded)
    assert [one["status"] for one in fake.refunds.values()] == ["failed", "succeeded"]


async def test_a_payment_that_stripe_does_not_know_is_not_refunded(stripe: Stripe) -> None:
    assert await stripe.refund(Return("r1", "BOAT-1", "pi_of_another", PART)) == Failed(Cause.REJECTED)


@pytest.mark.parametrize("trouble", [Trouble.BROKEN, Trouble.CUT, Trouble.BUSY])
async def test_a_stripe_in_trouble_is_for_later(stripe: Stripe, fake: FakeStripe, trouble: Trouble) -> None:
    fake.troubles.extend([trouble] * module.tries_max)
    with pytest.raises(Unavailable):
        await stripe.start(an_order(stripe))
    fake.troubles.clear()  # the SDK does not ask again by itself where it asks too much
    assert isinstance(await stripe.start(an_order(stripe)), Checkout)


async def test_a_stripe_that_does_not_answer_is_for_later(
    stripe: Stripe, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "call_s", 0.2)
    fake.delay_s = 2.0
    with pytest.raises(Unavailable, match="in time"):
        await stripe.start(an_order(stripe))


async def test_no_stripe_at_all_is_for_later(fake: FakeStripe) -> None:
    nowhere = Stripe(KEY, SECRET, "http://127.0.0.1:1")
    with pytest.raises(Unavailable) as raised:
        await nowhere.start(an_order(nowhere))
    assert KEY not in str(raised.value)
    await nowhere.close()


async def test_a_wrong_key_is_for_later_and_is_not_said(fake: FakeStripe) -> None:
    stranger = Stripe("sk_test_wrong", SECRET, fake.url)
    with pytest.raises(Unavailable, match="401") as raised:
        await stranger.start(an_order(stranger))
    assert "sk_test_wrong" not in str(raised.value)
    await stranger.close()


async def test_nobody_waits_in_the_loop(stripe: Stripe, fake: FakeStripe) -> None:
    fake.delay_s = 0.5
    asking = asyncio.create_task(stripe.start(an_order(stripe)))
    turns = 0
    while not asking.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 1
