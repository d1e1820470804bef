"""How much of the price goes back to a customer who cancels, by the days that are left (SL-B2, OR-B1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.money import BASIS, Money

tiers_max: Final = 10


@dataclass(frozen=True, slots=True)
class Tier:
    """From `days_before` days before the start on, and more, `basis_points` of what was paid go back."""

    days_before: int
    basis_points: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The tiers, the one with most days first. With none of them reached, nothing goes back; without any, nothing ever.

    Raises ValueError where they are out of order, or fewer days would give more.
    """

    tiers: tuple[Tier, ...] = ()

    def __post_init__(self) -> None:
        if len(self.tiers) > tiers_max:
            raise ValueError(f"cancellation: at most {tiers_max} tiers")
        if any(one.days_before < 0 or not 0 <= one.basis_points <= BASIS for one in self.tiers):
            raise ValueError("cancellation: days before the start, and 0 to 100 percent")
        for longer, shorter in pairwise(self.tiers):
            if longer.days_before <= shorter.days_before or longer.basis_points < shorter.basis_points:
                raise ValueError("cancellation: the tier with most days comes first, and gives most back")

    def tier(self, now: datetime, starts_at: datetime, zone: ZoneInfo) -> Tier | None:
        """The one that holds at `now`. None where nothing goes back.

        Days are counted from date to date in the activity's `zone`: whoever cancels on the fifth for the fifteenth is ten days
        early at any hour. Once it has begun, nothing goes back.
        """
        if now >= starts_at:
            return None
        days = (starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
        return next((one for one in self.tiers if days >= one.days_before), None)

    def refund(self, paid: Money, now: datetime, starts_at: datetime, zone: ZoneInfo) -> Money:
        """What goes back of `paid`."""
        tier = self.tier(now, starts_at, zone)
        return paid.share(tier.basis_points) if tier is not None else Money.zero(paid.currency)
