"""The catalogue as people keep it: what is added or changed is looked at beside what is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from relay.booking.catalogue import Listing, Offer, Slot, Stock, Variant
from relay.booking.offer import Rules
from relay.booking.partner import Partner
from relay.booking.profile import Profile, checked_profile
from relay.errors import Conflict, NotDone
from relay.store.bookings import catalogue
from relay.store.bookings.catalogue import OFFERS, PARTNERS, PROFILES, SLOTS, VARIANTS
from relay.store.store import Store
from relay.values import Clock
from relay.web.catalogue_ports import Catalogued, Dated, Offered

T = TypeVar("T", Partner, Offer, Variant, Profile, Slot)

variants_looked_at_max: Final = 500
"""Of one offer, when its switches change."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Adds and changes, each in the transaction that it is given. `house`: the organisation's defaults."""

    house: Rules

    def add(self, connection: Connection, new: Catalogued, *, now: datetime, by: str) -> None:
        """One more, if it goes with what is there. Raises NotFound, Conflict, which names what (SL-2, ST-8, SV-B5), and NotDone
        for prices in another currency than the offer's."""
        match new:
            case Partner():
                PARTNERS.add(connection, new, now=now, by=by)
            case Offer():
                OFFERS.add(connection, new, now=now, by=by)
            case Variant():
                VARIANTS.add(connection, new, now=now, by=by)
                self._refuse_unready(connection, new, before=None)
            case Profile():
                PROFILES.add(connection, checked_profile(new, catalogue.profiles_beside(connection, new)), now=now, by=by)
            case Slot():
                self._refuse_near(connection, new)
                SLOTS.add(connection, new, now=now, by=by)

    def change(
        self, connection: Connection, shelf: catalogue.Shelf[T], id_: str, change: Callable[[T], T], *, now: datetime, by: str
    ) -> T:
        """The one of `id_` as `change` makes it, which may be as it was. Raises as `add` does, and what `change` raises.

        What a partner loses takes nothing away from what is offered: no new request comes in (SL-2).
        """
        before = shelf.locked(connection, id_)
        after = change(before)
        if after == before:
            return before
        if after.id != before.id:
            raise Conflict("an id stays what it is")
        match after:
            case Profile():
                checked_profile(after, catalogue.profiles_beside(connection, after))
            case Variant() if isinstance(before, Variant):
                self._refuse_unready(connection, after, before)
            case Offer() if isinstance(before, Offer):
                self._refuse_unready_offer(connection, before, after)
            case Slot():
                self._refuse_near(connection, after)
            case _:
                pass
        shelf.put(connection, after, now=now, by=by)
        return after

    def _refuse_unready(self, connection: Connection, variant: Variant, before: Variant | None) -> None:
        offer = OFFERS.one(connection, variant.offer)
        partner = PARTNERS.one(connection, offer.partner)
        mode = Listing(partner, offer, before, self.house).rules.mode if before is not None else None
        try:
            listing = Listing(partner, offer, variant, self.house)
        except ValueError as wrong:
            raise NotDone(str(wrong)) from None
        _refuse(listing, mode)

    def _refuse_unready_offer(self, connection: Connection, before: Offer, after: Offer) -> None:
        partner = PARTNERS.one(connection, after.partner)
        for variant in VARIANTS.page(connection, above=after.id, limit=variants_looked_at_max):
            _refuse(Listing(partner, after, variant, self.house), Listing(partner, before, variant, self.house).rules.mode)

    def _refuse_near(self, connection: Connection, slot: Slot) -> None:
        """SV-B5"""
        rules = catalogue.listing(connection, slot.variant, self.house).rules
        if rules.pause and (near := catalogue.slots_near(connection, slot, rules)):
            raise Conflict(f"slot: too near to {near[0].id}; between two there have to be {rules.pause}")


def _refuse(listing: Listing, mode: object) -> None:
    """SL-2: a switch is not turned on while something is missing. One that was on stays, whatever goes missing later."""
    if listing.rules.mode is not mode and listing.missing is not None:
        raise Conflict(f"{listing.rules.mode.value}: the partner lacks {listing.missing}")


@dataclass(frozen=True, slots=True)
class ShelfDesk(Generic[T]):
    """relay.web.catalogue_ports.Shelf over the store."""

    store: Store
    shelf: catalogue.Shelf[T]
    keeper: Keeper
    clock: Clock

    async def one(self, id_: str) -> T:
        return await self.store.read(lambda connection: self.shelf.one(connection, id_))

    async def page(self, of: str | None, limit: int, after: str | None) -> Sequence[T]:
        return await self.store.read(lambda connection: self.shelf.page(connection, limit=limit, above=of, after=after))

    async def change(self, id_: str, change: Callable[[T], T], by: str) -> T:
        return await self.store.write(
            lambda connection: self.keeper.change(connection, self.shelf, id_, change, now=self.clock(), by=by)
        )


@dataclass(frozen=True, slots=True)
class CatalogueDesk:
    """relay.web.catalogue_ports.Catalogue over the store."""

    store: Store
    keeper: Keeper
    clock: Clock

    @property
    def partners(self) -> ShelfDesk[Partner]:
        return ShelfDesk(self.store, PARTNERS, self.keeper, self.clock)

    @property
    def offers(self) -> ShelfDesk[Offer]:
        return ShelfDesk(self.store, OFFERS, self.keeper, self.clock)

    @property
    def variants(self) -> ShelfDesk[Variant]:
        return ShelfDesk(self.store, VARIANTS, self.keeper, self.clock)

    @property
    def profiles(self) -> ShelfDesk[Profile]:
        return ShelfDesk(self.store, PROFILES, self.keeper, self.clock)

    async def add(self, *new: Catalogued, by: str) -> None:
        def work(connection: Connection) -> None:
            for one in new:
                self.keeper.add(connection, one, now=self.clock(), by=by)

        await self.store.write(work)

    async def listing(self, variant: str) -> Listing:
        return await self.store.read(lambda connection: catalogue.listing(connection, variant, self.keeper.house))

    @property
    def house(self) -> Rules:
        return self.keeper.house

    async def offered(self, partner: str, limit: int, after: str | None) -> Sequence[Offered]:
        def question(connection: Connection) -> Sequence[Offered]:
            whose = PARTNERS.one(connection, partner)
            offers = OFFERS.page(connection, limit=limit, above=partner, after=after)
            of: dict[str, list[Listing]] = {one.id: [] for one in offers}
            above = {one.id: one for one in offers}
            for variant in catalogue.variants_of(connection, list(of)):
                of[variant.offer].append(Listing(whose, above[variant.offer], variant, self.keeper.house))
            return [Offered(one, tuple(of[one.id])) for one in offers]

        return await self.store.read(question)

    async def slots(self, variant: str, starts_from: datetime | None, limit: int, after: str | None) -> Sequence[Stock]:
        def question(connection: Connection) -> Sequence[Stock]:
            VARIANTS.one(connection, variant)
            return catalogue.stocks(connection, [variant], starts_from=starts_from, limit=limit, after=after)

        return await self.store.read(question)

    async def slots_of(self, partner: str, starts_before: datetime, ends_after: datetime, limit: int) -> Sequence[Dated]:
        found = await self.store.read(
            lambda connection: catalogue.stocks_of_partner(connection, partner, starts_before, ends_after, limit)
        )
        return [Dated(stock, variant, offer) for stock, variant, offer in found]

    async def change_slot(self, id_: str, capacity: int | None, is_closed: bool | None, by: str) -> Stock:
        def changed(slot: Slot) -> Slot:
            capacity_then = slot.capacity if capacity is None else capacity
            return replace(slot, capacity=capacity_then, is_closed=slot.is_closed if is_closed is None else is_closed)

        def work(connection: Connection) -> Stock:
            self.keeper.change(connection, SLOTS, id_, changed, now=self.clock(), by=by)
            return catalogue.stock(connection, id_)

        return await self.store.write(work)
