from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.booking.money import BASIS, Money, minor_max

EUR, JPY, KWD = "EUR", "JPY", "KWD"


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.50", EUR, 1250), ("12.5", EUR, 1250), ("12", EUR, 1200), ("-3", EUR, -300), ("1234", JPY, 1234), ("1.234", KWD, 1234)],
)
def test_text_becomes_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "wrong"),
    [
        ("12.505", EUR, "EUR has 2 decimals"),
        ("12.5", JPY, "JPY has 0 decimals"),
        ("1e3", EUR, "decimal number"),
        ("", EUR, "decimal number"),
        ("12,50", EUR, "decimal number"),
        ("١٢", EUR, "decimal number"),
        ("NaN", EUR, "decimal number"),
        ("100000000000000", EUR, "decimal number"),
        ("9999999999999", EUR, "too large"),
        ("1", "eur", "three capital letters"),
        ("1", "EURO", "three capital letters"),
    ],
)
def test_what_is_no_amount_is_refused_and_says_why(amount: str, currency: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Money.of(amount, currency)


def test_currencies_are_not_mixed() -> None:
    one, other = Money(100, EUR), Money(100, JPY)
    for mix in (lambda: one + other, lambda: one - other, lambda: one < other, lambda: one <= other):
        with pytest.raises(ValueError, match="EUR and JPY do not go together"):
            mix()
    assert one != other


@pytest.mark.parametrize(
    ("minor", "basis_points", "share"),
    [
        (1000, 5000, 500),
        (1001, 5000, 501),
        (-1001, 5000, -501),
        (999, 3333, 333),
        (1, 4999, 0),
        (1, 5000, 1),
        (1999, BASIS, 1999),
    ],
)
def test_a_share_is_rounded_to_the_nearest_unit_and_halves_away_from_zero(minor: int, basis_points: int, share: int) -> None:
    assert Money(minor, EUR).share(basis_points) == Money(share, EUR)


def test_it_prints_with_the_decimals_of_its_currency() -> None:
    assert [str(Money(1234, currency)) for currency in (EUR, JPY, KWD)] == ["12.34 EUR", "1234 JPY", "1.234 KWD"]


@given(minor=st.integers(-minor_max, minor_max), currency=st.sampled_from([EUR, JPY, KWD]))
def test_what_is_printed_reads_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.of(*str(money).split()) == money


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_a_total_is_the_sum_in_whatever_order(minors: list[int]) -> None:
    amounts = [Money(one, EUR) for one in minors]
    assert Money.total(amounts, EUR) == Money.total(reversed(amounts), EUR) == Money(sum(minors), EUR)
