"""Amounts as Stripe writes them."""

from __future__ import annotations

import pytest

from relay.booking.money import Money
from relay.payments.stripe_amounts import ours, stripes


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(9_000, "EUR"), 9_000),
        (Money(500, "JPY"), 500),  # no decimals, there and here
        (Money(5, "ISK"), 500),  # none any more, and two for Stripe
        (Money(120, "RSD"), 12_000),  # none in use, two by law
        (Money(5_120, "KWD"), 5_120),
        (Money(4_000, "HUF"), 4_000),
    ],
)
def test_an_amount_is_written_in_stripes_units_and_read_back(money: Money, amount: int) -> None:
    assert stripes(money) == amount
    assert ours(amount, money.currency.lower()) == money


@pytest.mark.parametrize("money", [Money(5_124, "KWD"), Money(5_000, "UGX")])
def test_what_stripe_does_not_take_is_not_asked_for(money: Money) -> None:
    """The third decimal has to be 0; and where two readings differ by a hundred times the price, none is tried."""
    with pytest.raises(ValueError, match="by Stripe"):
        stripes(money)


@pytest.mark.parametrize(("amount", "currency"), [(550, "isk"), (100, "ugx"), (100, "euro"), (100, "")])
def test_what_is_no_amount_of_its_currency_is_not_read(amount: int, currency: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|by Stripe|capital letters"):
        ours(amount, currency)
