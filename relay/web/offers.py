"""Offers over HTTP, with their variants and slots: what can be booked, how, and how much room there is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from relay.web.catalogue_ports import Catalogue
from relay.web.changing import replaced
from relay.web.guard import Guard, by
from relay.web.offer_models import (
    NewOffer,
    NewVariant,
    OfferChange,
    ShownOffer,
    ShownVariant,
    VariantChange,
)
from relay.web.partners import NO_SUCH, STEP, After, InPath, page_max
from relay.web.ports import Bearer
from relay.web.scopes import Scope
from relay.web.slots import InVariantPath, listing_of
from relay.web.terms import Id

Limit = Annotated[int, Query(ge=1, le=page_max)]


class Offers(BaseModel):
    """Offers, in the order of their ids."""

    items: list[ShownOffer]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


class Variants(BaseModel):
    """The variants of an offer, in the order of their ids."""

    items: list[ShownVariant]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


def router(catalogue: Catalogue, guard: Guard) -> APIRouter:
    """`/offers`."""
    routes = APIRouter(prefix="/offers", tags=["catalogue"])
    reads = Depends(guard.needs(Scope.CATALOGUE_READ))
    writes = Depends(guard.needs(Scope.CATALOGUE_WRITE))

    @routes.post("", status_code=HTTPStatus.CREATED.value, summary="Add an offer", responses=STEP)
    async def add(new: NewOffer, writer: Bearer = writes) -> ShownOffer:
        """With its variants, all of it or nothing. What the partner lacks for a mode is a 409 that names it (SL-2)."""
        offer = new.offer()
        await catalogue.add(offer, *new.parts(), by=by(writer))
        return ShownOffer.of(offer)

    @routes.get("", summary="List offers", dependencies=[reads])
    async def page(
        partner: Annotated[Id | None, Query(description="Only theirs.")] = None, limit: Limit = 50, after: After = None
    ) -> Offers:
        found = await catalogue.offers.page(partner, limit, after)
        return Offers(items=[ShownOffer.of(one) for one in found], next=found[-1].id if len(found) == limit else None)

    @routes.get("/{id}", summary="Look at an offer", dependencies=[reads], responses=NO_SUCH)
    async def one(id_: InPath) -> ShownOffer:
        return ShownOffer.of(await catalogue.offers.one(id_))

    @routes.patch("/{id}", summary="Change an offer, close or open it", responses=STEP)
    async def change(id_: InPath, changed: OfferChange, writer: Bearer = writes) -> ShownOffer:
        return ShownOffer.of(await catalogue.offers.change(id_, replaced(changed.changes()), by(writer)))

    @routes.post("/{id}/variants", status_code=HTTPStatus.CREATED.value, summary="Add a variant", responses=STEP)
    async def add_variant(id_: InPath, new: NewVariant, writer: Bearer = writes) -> ShownVariant:
        await catalogue.add(new.variant(id_), by=by(writer))
        return ShownVariant.of(await listing_of(catalogue, id_, new.id))

    @routes.get("/{id}/variants", summary="List the variants of an offer", dependencies=[reads], responses=NO_SUCH)
    async def variants(id_: InPath, limit: Limit = 50, after: After = None) -> Variants:
        await catalogue.offers.one(id_)
        found = await catalogue.variants.page(id_, limit, after)
        listed = [await catalogue.listing(one.id) for one in found]
        return Variants(items=[ShownVariant.of(one) for one in listed], next=found[-1].id if len(found) == limit else None)

    @routes.get("/{id}/variants/{variant}", summary="Look at a variant", dependencies=[reads], responses=NO_SUCH)
    async def variant(id_: InPath, variant: InVariantPath) -> ShownVariant:
        """With the rules that hold for it, and what its partner lacks."""
        return ShownVariant.of(await listing_of(catalogue, id_, variant))

    @routes.patch("/{id}/variants/{variant}", summary="Change a variant, close or open it", responses=STEP)
    async def change_variant(
        id_: InPath, variant: InVariantPath, changed: VariantChange, writer: Bearer = writes
    ) -> ShownVariant:
        await listing_of(catalogue, id_, variant)
        await catalogue.variants.change(variant, replaced(changed.changes()), by(writer))
        return ShownVariant.of(await listing_of(catalogue, id_, variant))

    return routes
