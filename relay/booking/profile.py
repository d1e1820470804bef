"""Profiles: which variants may be reserved, by whom, where, and on which days (ST-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NewType

from relay.booking.catalogue import VariantId
from relay.booking.offer import EVERYBODY, Reach
from relay.booking.texts import checked_line
from relay.errors import Conflict

ProfileId = NewType("ProfileId", str)

variants_max: Final = 1000


@dataclass(frozen=True, slots=True)
class Profile:
    """On the days from `first` to `last`, both of them with it, its variants may be reserved as `reservable` says.

    Days are those on which somebody reserves, in the zone of the activity. `last` None: without end.
    """

    id: ProfileId
    name: str
    variants: frozenset[VariantId]
    first: date
    last: date | None = None
    reservable: tuple[Reach, ...] = EVERYBODY

    def __post_init__(self) -> None:
        checked_line("profile", self.name)
        if not 1 <= len(self.variants) <= variants_max:
            raise ValueError(f"profile: 1 to {variants_max} variants are needed")
        if self.last is not None and self.last < self.first:
            raise ValueError("profile: it has to end after it begins")

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def checked_profile(new: Profile, others: Iterable[Profile]) -> Profile:
    """`new`, if no other of `others` has one of its variants on one of its days; of its own id it takes the place (ST-8).

    Raises Conflict that names both, a variant and a day: which of two held would be anybody's guess.
    """
    for other in others:
        shared = sorted(new.variants & other.variants)
        day = max(new.first, other.first)
        if other.id != new.id and shared and new.holds_on(day) and other.holds_on(day):
            raise Conflict(f"profile: {new.name!r} and {other.name!r} both have the variant {shared[0]} on {day.isoformat()}")
    return new


def may_be_reserved(profiles: Iterable[Profile], variant: VariantId, reach: Reach, day: date) -> bool:
    """Whether the profiles let `reach` reserve `variant` on `day`. A variant of which none speaks, they leave to its switches."""
    own = [one for one in profiles if variant in one.variants]
    return not own or any(one.holds_on(day) and reach in one.reservable for one in own)
