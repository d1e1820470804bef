"""What a provider is asked with; and what money may never be sent to."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from typing import Any, Final

import pytest
from support.bookings import NOW, PRICE

from relay.booking.money import Money
from relay.payments.provider import Order, Provider, Return
from relay.values import Language

ORDER: Final = Order("k1", "BOAT-1", PRICE, "Boat tour", "https://a.example/paid", "https://a.example/left", NOW, Language.EN)


@pytest.mark.parametrize(
    "wrong", [{"amount": Money(0, "EUR")}, {"key": ""}, {"key": "k" * 201}, {"booking": ""}, {"description": ""}]
)
def test_an_order_that_no_provider_takes_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="checkout"):
        replace(ORDER, **wrong)


@pytest.mark.parametrize("wrong", [{"amount": Money(0, "EUR")}, {"amount": Money(-1, "EUR")}, {"id": ""}, {"payment": ""}])
def test_a_refund_of_nothing_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="refund"):
        replace(Return("r1", "BOAT-1", "pi_1", PRICE), **wrong)


def test_a_refund_has_no_place_for_a_destination() -> None:
    """SL-30: it goes to the payment that it is of."""
    names = {one.name for one in fields(Return)}
    assert names == {"id", "booking", "payment", "amount", "failures", "is_repeated", "known_as"}
    assert list(inspect.signature(Provider.refund).parameters) == ["self", "wanted"]


def test_an_order_has_no_place_for_a_card_or_a_person() -> None:
    """SL-17"""
    names = {one.name for one in fields(Order)}
    assert names == {"key", "booking", "amount", "description", "paid_url", "left_url", "ends_at", "language"}
