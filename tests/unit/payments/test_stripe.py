"""Stripe without a server: its signed messages, and when a checkout can end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from support.bookings import NOW
from support.stripe import KEY, SECRET, FakeStripe, signed

from relay.errors import Forged
from relay.payments.cause import Cause
from relay.payments.stripe import Stripe, longest, shortest, tolerance_s
from relay.payments.stripe_events import cause

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1,
    "data": {"object": {"id": "pi_1", "amount": 1, "amount_received": 1, "currency": "eur"}},
}
INTENT = {"id": "pi_1", "amount": 1, "currency": "eur", "metadata": {"relay_booking": "BOAT-1"}}


def a_stripe() -> Stripe:
    return Stripe(KEY, SECRET)


def test_a_message_that_is_signed_is_read() -> None:
    assert list(a_stripe().read(*signed(EVENT))) == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        signed(EVENT, "whsec_of_somebody_else"),
        signed(EVENT, at=time.time() - tolerance_s - 60),
        (signed(EVENT)[0], {}),
        (signed(EVENT)[0], {"stripe-signature": ""}),
        (signed(EVENT)[0], {"stripe-signature": "t=1,v1="}),
        (signed(EVENT)[0], {"stripe-signature": "t=never,v1=0"}),
        (signed(EVENT)[0] + b" ", signed(EVENT)[1]),
        (b"\xff", signed(EVENT)[1]),
    ],
)
def test_a_message_that_is_forged_or_old_is_not_believed(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Forged, match="signature"):
        a_stripe().read(body, headers)


@pytest.mark.parametrize(
    "event",
    [
        *({}, {**EVENT, "object": "v2.core.event"}, {**EVENT, "data": {"object": {"id": "pi_1"}}}, []),
        *({**EVENT, "created": 10**18}, {**EVENT, "created": -(10**18)}, {**EVENT, "data": {"object": {**INTENT, "amount": -5}}}),
        {**EVENT, "data": {"object": {**INTENT, "amount": 10**18}}},
    ],
)
def test_a_message_that_is_signed_and_cannot_be_understood_is_not_taken(event: dict[str, object]) -> None:
    with pytest.raises(Forged, match="understood"):
        a_stripe().read(*signed(event))


def test_no_text_of_a_message_is_in_what_is_said_about_it() -> None:
    with pytest.raises(Forged) as raised:
        a_stripe().read(*signed({**EVENT, "id": "zofia@poczta.example" * 20}))
    assert "zofia" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("wanted", "ends"),
    [
        (None, longest),
        (timedelta(minutes=5), shortest),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=10), longest),
    ],
)
def test_a_checkout_ends_as_near_to_the_deadline_as_stripe_lets_it(wanted: timedelta | None, ends: timedelta) -> None:
    assert a_stripe().ends_at(NOW, None if wanted is None else NOW + wanted) == NOW + ends


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("balance_insufficient", Cause.INSUFFICIENT_BALANCE),
        ("insufficient_funds", Cause.INSUFFICIENT_BALANCE),
        ("lost_or_stolen_card", Cause.NOT_TAKEN),
        ("charge_already_refunded", Cause.ALREADY_RETURNED),
        ("", Cause.REJECTED),
        ("something new", Cause.REJECTED),
    ],
)
def test_why_a_refund_failed(word: str, means: Cause) -> None:
    """SL-B4"""
    assert cause(word) is means


def test_only_an_empty_balance_passes_by_itself() -> None:
    """SL-B4"""
    assert [one for one in Cause if one.may_pass] == [Cause.INSUFFICIENT_BALANCE]


def test_the_library_is_not_loaded_where_nobody_asks_stripe() -> None:
    """PERF-10"""
    code = "import sys, relay.payments.stripe as s; s.Stripe('sk', 'wh'); assert 'stripe' not in sys.modules, 'loaded'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fake_signs_what_it_says() -> None:
    fake = FakeStripe()
    fake._tell("customer.created", {"id": "cus_1"})
    [(body, headers)] = fake.messages()
    assert json.loads(body)["type"] == "customer.created"
    assert list(a_stripe().read(body, headers)) == []
