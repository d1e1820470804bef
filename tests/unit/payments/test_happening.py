"""What a provider says happened: several times, late, in any order; the ledger comes to the same, and each step is taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.bookings import NOW
from support.stripe import KEY, SECRET, FakeStripe

from relay.booking.ledger import Account, Entry, Kind, account
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.payments.happening import CheckoutOver, Happening, Message, act_of, adds
from relay.payments.stripe import Stripe

_ORDERED = {
    "line_items": {"0": {"quantity": "1", "price_data": {"currency": "eur", "unit_amount": "9000"}}},
    "client_reference_id": "BOAT-1",
    "metadata": {"relay_booking": "BOAT-1"},
    "payment_intent_data": {"metadata": {"relay_booking": "BOAT-1"}},
}


def ordered(fake: FakeStripe) -> str:
    import time

    status, session = fake.answer("POST", "/v1/checkout/sessions", {**_ORDERED, "expires_at": time.time() + 7_200}, "")
    assert status == 200
    return str(session["id"])


def paid_by_the_second_card(fake: FakeStripe) -> None:
    session = ordered(fake)
    fake.decline(session)
    fake.pay(session)


def paid_days_later(fake: FakeStripe) -> None:
    session = ordered(fake)
    fake.pay(session, later=True)
    fake.settle(session, well=True)


def failed_days_later(fake: FakeStripe) -> None:
    session = ordered(fake)
    fake.pay(session, later=True)
    fake.settle(session, well=False)


def refunded_in_parts_and_one_bounced(fake: FakeStripe) -> None:
    intent = fake.pay(ordered(fake))
    fake.refund_by_hand(intent, 1_000)
    fake.bounce(fake.refund_by_hand(intent, 2_000))


def refunded_when_there_was_money(fake: FakeStripe) -> None:
    fake.balance, fake.refunds_wait = 0, True
    fake.refund_by_hand(fake.pay(ordered(fake)), 9_000)
    fake.top_up(9_000)


def disputed_and_won(fake: FakeStripe) -> None:
    fake.decide(fake.dispute(fake.pay(ordered(fake)), 9_000), won=True)


def disputed_and_lost(fake: FakeStripe) -> None:
    fake.decide(fake.dispute(fake.pay(ordered(fake)), 4_000), won=False)


def left_alone(fake: FakeStripe) -> None:
    fake.run_out(ordered(fake))


Story = Callable[[FakeStripe], None]
EUR = Money.zero("EUR")
COMES_TO: list[tuple[Story, Account]] = [
    (paid_by_the_second_card, Account(Money(9_000, "EUR"), EUR, EUR, EUR, in_flight=False, disputed=False)),
    (paid_days_later, Account(Money(9_000, "EUR"), EUR, EUR, EUR, in_flight=False, disputed=False)),
    (failed_days_later, Account(EUR, EUR, EUR, EUR, in_flight=False, disputed=False)),
    (
        refunded_in_parts_and_one_bounced,
        Account(Money(9_000, "EUR"), Money(1_000, "EUR"), EUR, EUR, in_flight=False, disputed=False),
    ),
    (refunded_when_there_was_money, Account(Money(9_000, "EUR"), Money(9_000, "EUR"), EUR, EUR, in_flight=False, disputed=False)),
    (disputed_and_won, Account(Money(9_000, "EUR"), EUR, EUR, EUR, in_flight=False, disputed=False)),
    (disputed_and_lost, Account(Money(9_000, "EUR"), EUR, EUR, Money(4_000, "EUR"), in_flight=False, disputed=False)),
    (left_alone, Account(EUR, EUR, EUR, EUR, in_flight=False, disputed=False)),
]


def told(story: Story) -> list[tuple[bytes, dict[str, str]]]:
    fake = FakeStripe()
    story(fake)
    return fake.messages()


def entered(messages: Iterable[Message]) -> tuple[Account, list[Act]]:
    """What the ledger comes to, and the steps on the way there."""
    ledger: list[Entry] = []
    acts: list[Act] = []
    for one in messages:
        if isinstance(one, Happening):
            if (act := act_of(one, ledger)) is not None:
                acts.append(act)
            if adds(entry := one.entry("stripe"), ledger):
                ledger.append(entry)
    return account(ledger, "EUR"), acts


def read(sent: Sequence[tuple[bytes, dict[str, str]]]) -> list[Message]:
    provider = Stripe(KEY, SECRET)
    return [one for body, headers in sent for one in provider.read(body, headers)]


@pytest.mark.parametrize(("story", "comes_to"), COMES_TO)
def test_what_stripe_tells_comes_to(story: Story, comes_to: Account) -> None:
    assert entered(read(told(story)))[0] == comes_to


@pytest.mark.parametrize(("story", "comes_to"), COMES_TO)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_replayed_and_in_any_order_it_comes_to_the_same(story: Story, comes_to: Account, drawn: object) -> None:
    """T12: an event is entered once, for ever, and webhooks overtake one another."""
    messages = read(told(story)) * 2
    drawn.shuffle(messages)  # type: ignore[attr-defined]  # random.Random, as hypothesis wraps it
    found, acts = entered(messages)
    assert found == comes_to
    assert acts.count(Act.PAID) == (1 if comes_to.captured else 0)


def test_a_card_that_is_refused_and_a_payment_that_fails_later_lead_to_one_step_each() -> None:
    """T13, N12"""
    assert entered(read(told(paid_by_the_second_card)))[1] == [Act.PAYMENT_FAILED, Act.PAID]
    assert entered(read(told(failed_days_later)))[1] == [Act.PAYMENT_FAILED]


def test_a_payment_page_that_nobody_used_leads_to_nothing_and_its_end_is_known() -> None:
    messages = read(told(left_alone))
    assert [type(one) for one in messages] == [CheckoutOver]
    assert entered(messages)[1] == []


def test_a_page_that_ends_after_a_refused_card_is_no_further_failure() -> None:
    def story(fake: FakeStripe) -> None:
        session = ordered(fake)
        fake.decline(session)
        fake.run_out(session)

    assert entered(read(told(story)))[1] == [Act.PAYMENT_FAILED]


def test_a_payment_under_way_is_in_flight_until_it_is_decided() -> None:
    """T16: whoever is paying is not run over."""

    def story(fake: FakeStripe) -> None:
        fake.pay(ordered(fake), later=True)

    assert entered(read(told(story)))[0].in_flight


def test_a_refused_card_before_a_payment_under_way_does_not_end_it() -> None:
    def story(fake: FakeStripe) -> None:
        session = ordered(fake)
        fake.decline(session)
        fake.pay(session, later=True)

    assert entered(read(told(story)))[0].in_flight


def test_a_failure_that_is_heard_of_after_the_money_came_is_of_no_interest() -> None:
    amount = Money(9_000, "EUR")
    paid = Happening("e1", Kind.PAID, amount, NOW, "pi", "pi")
    refused = Happening("e2", Kind.FAILED, amount, NOW - timedelta(minutes=1), "pi", "ch")
    assert act_of(refused, [paid.entry("stripe")]) is None
    assert refused.is_a_try
    assert not paid.is_a_try
