"""Slots over HTTP: at which times how much room there is of a variant, and how much of it is taken (ST-4)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from relay.booking.catalogue import Listing, Stock
from relay.errors import NotFound
from relay.values import NewId
from relay.web.catalogue_ports import Catalogue
from relay.web.guard import Guard, by
from relay.web.offer_models import NewSlots, ShownSlot, SlotChange
from relay.web.partners import NO_SUCH, STEP, After, InPath, page_max
from relay.web.ports import Bearer
from relay.web.scopes import Scope
from relay.web.terms import Instant

InVariantPath = Annotated[str, Path(alias="variant", min_length=1, max_length=100)]


class Slots(BaseModel):
    """The slots of a variant, the first to start first."""

    items: list[ShownSlot]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


async def listing_of(catalogue: Catalogue, offer: str, variant: str) -> Listing:
    """A variant with all that stands above it. Raises NotFound where that offer has none of that id."""
    found = await catalogue.listing(variant)
    if found.offer.id != offer:
        raise NotFound(f"offer {offer} has no variant {variant}")
    return found


def router(catalogue: Catalogue, guard: Guard, new_id: NewId) -> APIRouter:
    """`/offers/{id}/variants/{variant}/slots`."""
    routes = APIRouter(prefix="/offers/{id}/variants/{variant}/slots", tags=["catalogue"])
    reads = Depends(guard.needs(Scope.CATALOGUE_READ))
    writes = Depends(guard.needs(Scope.CATALOGUE_WRITE))

    @routes.post("", status_code=HTTPStatus.CREATED.value, summary="Add slots", responses=STEP)
    async def add_slots(id_: InPath, variant: InVariantPath, new: NewSlots, writer: Bearer = writes) -> Slots:
        """All of them or none."""
        await listing_of(catalogue, id_, variant)
        slots = [one.slot(variant, new_id) for one in new.slots]
        await catalogue.add(*slots, by=by(writer))
        return Slots(items=[ShownSlot.of(Stock(one, 0)) for one in slots], next=None)

    @routes.get("", summary="List slots", dependencies=[reads], responses=NO_SUCH)
    async def slots(
        id_: InPath,
        variant: InVariantPath,
        starts_from: Annotated[Instant | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=page_max)] = 50,
        after: After = None,
    ) -> Slots:
        """With how much of each is taken (ST-4)."""
        await listing_of(catalogue, id_, variant)
        found = await catalogue.slots(variant, starts_from, limit, after)
        return Slots(items=[ShownSlot.of(one) for one in found], next=found[-1].slot.id if len(found) == limit else None)

    @routes.patch("/{slot}", summary="Change a slot, close or open it", responses=STEP)
    async def change_slot(
        id_: InPath,
        variant: InVariantPath,
        slot: Annotated[str, Path(min_length=1, max_length=100)],
        changed: SlotChange,
        writer: Bearer = writes,
    ) -> ShownSlot:
        """Less room than is taken is a 409: nobody is thrown out by it."""
        await listing_of(catalogue, id_, variant)
        return ShownSlot.of(await catalogue.change_slot(slot, changed.capacity, changed.is_closed, by(writer)))

    return routes
