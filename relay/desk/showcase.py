"""What is offered, as anybody may look at it: offers with their variants, and of their partner what the house shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from relay.booking.catalogue import Listing, Offer, OfferId, Variant
from relay.booking.offer import Rules
from relay.booking.partner import Partner
from relay.conversation import shown_name
from relay.store.bookings import catalogue
from relay.store.bookings.catalogue import OFFERS, PARTNERS, VARIANTS
from relay.store.store import Store
from relay.values import NameShown
from relay.web.site.offers.ports import Display

variants_max: Final = 100
"""Of one offer, on a page."""


@dataclass(frozen=True, slots=True)
class ShowcaseDesk:
    """relay.web.site.offers.ports.Showcase over the store. `house`: the organisation's defaults."""

    store: Store
    house: Rules
    names: NameShown

    async def offers(self, limit: int, after: OfferId | None) -> Sequence[Display]:
        def question(connection: Connection) -> Sequence[Display]:
            found = OFFERS.page(connection, limit=limit, after=after)
            partners = PARTNERS.several(connection, [one.partner for one in found])
            below = VARIANTS.below(connection, [one.id for one in found])
            return [self._display(one, partners[one.partner], below.get(one.id, ())) for one in found]

        return await self.store.read(question)

    async def offer(self, id_: str) -> Display:
        def question(connection: Connection) -> Display:
            offer = OFFERS.one(connection, id_)
            variants = VARIANTS.page(connection, above=offer.id, limit=variants_max)
            display = self._display(offer, PARTNERS.one(connection, offer.partner), variants)
            return replace(display, profiles=catalogue.profiles_about(connection, [one.id for one in variants]))

        return await self.store.read(question)

    def _display(self, offer: Offer, partner: Partner, variants: Sequence[Variant]) -> Display:
        listings = tuple(Listing(partner, offer, one, self.house) for one in variants)
        staff = {one.id: shown_name(one.name, self.names) for one in partner.staff}
        return Display(offer, shown_name(partner.name, self.names), listings, staff)
