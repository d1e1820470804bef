"""How much goes back, and to which of the payments it came by (T22, T23, SL-B2, SL-26, SL-30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.booking.booking import Actor, Cause
from relay.booking.ledger import Entry, Kind
from relay.booking.lifecycle import Effect
from relay.booking.money import Money
from relay.booking.situation import Situation, Wish


@dataclass(frozen=True, slots=True)
class Portion:
    """What goes back to one payment: never anywhere else than where it came from (SL-30). `payment` is the ledger's `about`."""

    payment: str
    amount: Money


def owed(of: Situation, effect: Effect, wish: Wish) -> Money:
    """What `effect` of a step gives back, which may be nothing; never more than is left of what came in (T23).

    A customer who cancels gets what the policy's tiers say of what they paid (SL-B2); without a date there are no days to count,
    and all goes back until it is redeemed. The same holds where a partner cancels because the customer asked them to, and does
    not agree to give back more (GY-B2). Where else the partner or the house cancels, all of it goes back (SL-26).

    Of what came in too late, or beyond what is due, that goes back which `wish` says has come in now.
    """
    left, zero = of.account.refundable, Money.zero(of.due.currency)
    by_policy = wish.actor is Actor.CUSTOMER or wish.cause is Cause.CUSTOMER_ASKED_BY_POLICY
    match effect:
        case Effect.REFUND if wish.amount is not None:
            return min(wish.amount, left)
        case Effect.COMPUTE_REFUND if by_policy and of.booking.terms.occasion is not None:
            occasion = of.booking.terms.occasion
            return min(of.rules.cancellation.refund(of.account.captured, of.now, occasion.starts_at, occasion.zone), left)
        case Effect.COMPUTE_REFUND:
            return left
        case Effect.REFUND_ALL:
            return min(wish.amount or left, left)
        case Effect.REFUND_SURPLUS:
            return max(min(wish.amount or of.surplus, of.booking.paid_in(of.account) - of.due, left), zero)
        case _:
            return zero


def portions(amount: Money, entries: Sequence[Entry], given_back: dict[str, Money]) -> tuple[Portion, ...]:
    """`amount` shared out among the payments in `entries`, the latest first: what was paid twice goes back to where it came from.

    `given_back` is what has been given back of each payment already, or is under way. Raises ValueError where the payments do not
    come to that much.
    """
    shares: list[Portion] = []
    paid = {one.about: (one.at, number, one) for number, one in enumerate(entries) if one.kind is Kind.PAID}
    for about, (_, _, one) in sorted(paid.items(), key=lambda item: item[1][:2], reverse=True):
        left = one.amount - given_back.get(about, Money.zero(amount.currency))
        share = min(amount, left)
        if share.minor > 0:
            shares.append(Portion(about, share))
            amount -= share
    if amount.minor > 0:
        raise ValueError("refund: more than what is left of the payments")
    return tuple(shares)
