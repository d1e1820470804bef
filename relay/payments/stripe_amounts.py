"""Amounts as Stripe writes them: whole units of its own smallest one, which is not always the currency's.

Source: https://docs.stripe.com/currencies, "Minor units in API amounts" and "Special cases".
"""

from __future__ import annotations

from typing import Final

from relay.booking.money import Money

_DECIMALS: Final = {
    **dict.fromkeys("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD JOD KWD OMR TND".split(), 3),
}
_usual_decimals: Final = 2
_UNCLEAR: Final = frozenset({"UGX"})
"""Stripe names it among those without decimals and, at another place, among those whose amounts are to be given with two: being
wrong would take a hundred times the price."""


def stripes(money: Money) -> int:
    """What Stripe is to be asked for. Raises ValueError for an amount or a currency that it does not take."""
    if money.currency in _UNCLEAR:
        raise ValueError(f"{money.currency} cannot be paid by Stripe")
    decimals = _decimals(money.currency)
    amount, rest = divmod(money.minor * _power(decimals), _power(money.digits))
    # Of three decimals the last has to be 0, for the sake of the banks.
    if rest or (decimals > _usual_decimals and amount % 10):
        raise ValueError(f"{money} is finer than what can be paid by Stripe")
    return amount


def ours(amount: int, currency: str) -> Money:
    """What Stripe says, with its currency in small letters. Raises ValueError for what is no whole amount of that currency."""
    zero = Money.zero(currency.upper())
    if zero.currency in _UNCLEAR:
        raise ValueError(f"{zero.currency} cannot be paid by Stripe")
    minor, rest = divmod(amount * _power(zero.digits), _power(_decimals(zero.currency)))
    if rest:
        raise ValueError(f"amount: {zero.currency} has {zero.digits} decimals")
    return Money(minor, zero.currency)


def _decimals(currency: str) -> int:
    return _DECIMALS.get(currency, _usual_decimals)


def _power(decimals: int) -> int:
    return int(10**decimals)
