"""Money: an amount of one currency, in whole minor units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel.numbers import get_currency_precision

minor_max: Final = 10**13
"""No amount is larger, either way: a hundred thousand million euro. SQL's big integers hold it a million times."""
BASIS: Final = 10_000
"""Basis points of a whole: 100 of them are a percent."""
_CURRENCY: Final = re.compile("[A-Z]{3}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents, where the currency has them) of `currency` (ISO 4217). Raises ValueError for what is neither.

    Two currencies are never added or compared: that raises ValueError, for no sum of a booking mixes them.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError("currency: three capital letters are needed, for example EUR")
        if abs(self.minor) > minor_max:
            raise ValueError("amount: too large")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """All of them together; zero of `currency` where there are none."""
        return sum(amounts, cls.zero(currency))

    @classmethod
    def of(cls, amount: str, currency: str) -> Money:
        """From text such as "12.50". Raises ValueError for anything else, and for more digits than the currency has."""
        zero = cls.zero(currency)
        if not _AMOUNT.fullmatch(amount):
            raise ValueError("amount: a decimal number is needed, for example 12.50")
        minor = Decimal(amount).scaleb(zero.digits)
        if minor != minor.to_integral_value():
            raise ValueError(f"amount: {currency} has {zero.digits} decimals")
        return cls(int(minor), currency)

    @property
    def digits(self) -> int:
        """How many decimals the currency has: 2 for EUR, 0 for JPY."""
        return get_currency_precision(self.currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-self.digits)

    def __str__(self) -> str:
        """For machines and logs, such as "12.50 EUR"; people get it in their language."""
        return f"{self.amount:f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, basis_points: int) -> Money:
        """So many hundredths of a percent of it, rounded to the nearest minor unit, halves away from zero as tills do."""
        exact = Decimal(self.minor) * basis_points / BASIS
        return Money(int(exact.to_integral_value(ROUND_HALF_UP)), self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"amounts in {self.currency} and {other.currency} do not go together")
        return other
