"""What the HTTP side needs of the catalogue: partners, offers, their variants and slots, and profiles.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC. `by`
stands in the history: a word, never an address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from relay.booking.catalogue import Listing, Offer, Slot, Stock, Variant
from relay.booking.offer import Rules
from relay.booking.partner import Partner
from relay.booking.profile import Profile

T = TypeVar("T")

Catalogued = Partner | Offer | Variant | Slot | Profile


class Shelf(Protocol[T]):
    """All of one kind, by their id. Those of one id raise NotFound."""

    async def one(self, id_: str) -> T: ...

    async def page(self, of: str | None, limit: int, after: str | None) -> Sequence[T]:
        """At most `limit`, in the order of their ids, those after `after`; `of` narrows to what belongs to that one: offers of
        a partner, variants of an offer, profiles that have a variant."""
        ...

    async def change(self, id_: str, change: Callable[[T], T], by: str) -> T:
        """It, as `change` makes it of what it is in that transaction. Raises what `change` raises, and Conflict as `add` does."""
        ...


@dataclass(frozen=True, slots=True)
class Dated:
    """A slot with what it is of."""

    stock: Stock
    variant: Variant
    offer: Offer


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer with its variants, each with all that stands above it."""

    offer: Offer
    listings: tuple[Listing, ...]


class Catalogue(Protocol):
    """What can be booked. What becomes of it later changes no booking that was made before (SV-12)."""

    @property
    def partners(self) -> Shelf[Partner]: ...
    @property
    def offers(self) -> Shelf[Offer]: ...
    @property
    def variants(self) -> Shelf[Variant]: ...
    @property
    def profiles(self) -> Shelf[Profile]: ...

    async def add(self, *new: Catalogued, by: str) -> None:
        """All of them, or none. Raises NotFound for an offer's partner, a variant's offer or a slot's variant that is not there.

        Raises Conflict, which names what: an id that is there already, what the partner lacks for a mode (SL-2), a profile that
        overlaps another (ST-8), a slot that is too near to another (SV-B5).
        """
        ...

    async def listing(self, variant: str) -> Listing:
        """A variant with all that stands above it. Raises NotFound."""
        ...

    @property
    def house(self) -> Rules:
        """What holds where neither offer nor variant says anything: the organisation's defaults."""
        ...

    async def offered(self, partner: str, limit: int, after: str | None) -> Sequence[Offered]:
        """At most `limit` offers of a partner with their variants, in the order of their ids, those after `after`: for lists.
        Raises NotFound."""
        ...

    async def slots(self, variant: str, starts_from: datetime | None, limit: int, after: str | None) -> Sequence[Stock]:
        """At most `limit` of a variant, those that start first, after the one of the id `after`. Raises NotFound."""
        ...

    async def slots_of(self, partner: str, starts_before: datetime, ends_after: datetime, limit: int) -> Sequence[Dated]:
        """At most `limit` slots of a partner that lie in that time at least in part, those that start first: for a calendar."""
        ...

    async def change_slot(self, id_: str, capacity: int | None, is_closed: bool | None, by: str) -> Stock:
        """Raises NotFound, and Conflict for less room than is taken (invariant 10)."""
        ...
