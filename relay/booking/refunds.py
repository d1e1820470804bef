"""How much goes back, and to which of the payments it came by (T22, T23, SL-B2, SL-26, SL-30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.booking.booking import Actor
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
    and all goes back until it is redeemed. Where the partner or the house cancels, all of it goes back (SL-26).
    """
    left = of.account.refundable
    match effect:
        case Effect.REFUND if wish.amount is not None:
            return min(wish.amount, left)
        case Effect.COMPUTE_REFUND if wish.actor is Actor.CUSTOMER and of.booking.terms.occasion is not None:
            occasion = of.booking.terms.occasion
            return min(of.rules.cancellation.refund(of.account.captured, of.now, occasion.starts_at, occasion.zone), left)
        case Effect.COMPUTE_REFUND | Effect.REFUND_ALL:
            return left
        case _:
            return Money.zero(left.currency)


def portions(amount: Money, entries: Sequence[Entry], given_back: dict[str, Money]) -> tuple[Portion, ...]:
    """`amount` shared out among the payments in `entries`, the latest first: what was paid twice goes back to where it came from.

    `given_back` is what has been given back of each payment already, or is under way. Raises ValueError where the payments do not
    come to that much.
    """
    shares: list[Portion] = []
    paid = {one.about: one for one in entries if one.kind is Kind.PAID}
    for about, one in sorted(paid.items(), key=lambda item: item[1].at, reverse=True):
        left = one.amount - given_back.get(about, Money.zero(amount.currency))
        share = min(amount, left)
        if share.minor > 0:
            shares.append(Portion(about, share))
            amount -= share
    if amount.minor > 0:
        raise ValueError("refund: more than what is left of the payments")
    return tuple(shares)
