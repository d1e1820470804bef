"""To ask for something closed again: its data are filled in, and the old booking stays as it is (OR-35)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from relay.booking.booking import CLOSED
from relay.booking.catalogue import OfferKind, Stock
from relay.booking.terms import Occasion
from relay.booking.texts import text_characters_max
from relay.correspondence.link_form import local_text
from relay.errors import NotDone, NotFound
from relay.web.booking_ports import NewTerms
from relay.web.catalogue_ports import Catalogue
from relay.web.link_terms import instant_entered
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBooking, OwnBookings
from relay.web.site.customer.tried import Wrong, back, tried
from relay.web.site.customer.ways import ways
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer

slots_max: Final = 50


def router(site: Site, own: OwnBookings, catalogue: Catalogue) -> APIRouter:
    """`/my/bookings/{reference}/again`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    async def again_page(
        request: Request, viewer: Viewer, found: OwnBooking, wrong: Wrong | None = None, sent: Entered | None = None
    ) -> Response:
        booking, now = found.shown.booking, site.clock()
        try:
            listing = await catalogue.listing(booking.variant)
        except NotFound:
            listing = None
        is_goods = listing is not None and listing.offer.kind is OfferKind.GOODS
        slots = await _free(catalogue, booking.variant, now) if listing is not None and not is_goods else ()
        return site.page(
            request,
            "customer/again.html",
            viewer,
            status=wrong.status if wrong is not None else HTTPStatus.OK,
            ways=ways(viewer, "bookings"),
            page=shape(found, site),
            is_closed=booking.stage in CLOSED,
            is_offered=listing is not None,
            is_goods=is_goods,
            slots=slots,
            zone=booking.zone,
            key=sent.line("key") if sent is not None else f"{viewer.session}.{now.timestamp()}",
            begins=sent.line("begins") if sent is not None else _still_to_come(booking.terms.occasion, booking.zone, now),
            ends=sent.line("ends")
            if sent is not None
            else _still_to_come(booking.terms.occasion, booking.zone, now, is_end=True),
            chosen=sent.line("slot") if sent is not None else "",
            participants=sent.line("participants") if sent is not None else str(booking.terms.participants),
            note=sent.text("note") if sent is not None else booking.terms.note,
            note_max=text_characters_max,
            alert=wrong.sentence if wrong is not None else "",
        )

    @routes.get("/my/bookings/{reference}/again")
    async def before_asking_again(reference: Reference, request: Request) -> Response:
        """What is closed cannot be moved; its data are filled in for a new one (OR-35)."""
        viewer = await site.customer(request)
        return await again_page(request, viewer, await own.one(viewer.address, viewer.language, reference))

    @routes.post("/my/bookings/{reference}/again")
    async def ask_again(reference: Reference, request: Request) -> Response:
        viewer, sent = await site.customer(request), await entered(request)
        found = await own.one(viewer.address, viewer.language, reference)
        made: list[str] = []

        async def asked() -> None:
            try:
                terms = _asked_again(sent, found.shown.booking.zone)
            except ValueError as why:
                raise NotDone(str(why)) from None
            key = f"{viewer.session} {sent.line('key')[:100]}"
            made.append(await own.ask_again(viewer.address, reference, terms, key))

        wrong = await tried(asked)
        if wrong is not None:
            return await again_page(request, viewer, found, wrong, sent)
        return back(made[0], "again")

    return routes


def _asked_again(sent: Entered, zone: ZoneInfo) -> NewTerms:
    """Raises ValueError for what cannot be meant."""
    slot = sent.line("slot")
    begins, ends = instant_entered(sent.line("begins"), zone), instant_entered(sent.line("ends"), zone)
    if not slot and (begins is None) != (ends is None):
        raise ValueError("date: it begins and ends")
    occasion = Occasion(begins, ends, zone) if not slot and begins is not None and ends is not None else None
    return NewTerms(
        occasion=occasion,
        slot=slot or None,
        participants=sent.whole("participants"),
        note=sent.text("note")[:text_characters_max],
    )


async def _free(catalogue: Catalogue, variant: str, now: datetime) -> tuple[Stock, ...]:
    return tuple(one for one in await catalogue.slots(variant, now, slots_max, None) if one.free > 0)


def _still_to_come(occasion: Occasion | None, zone: ZoneInfo, now: datetime, *, is_end: bool = False) -> str:
    """The date that was asked for before, where it lies ahead."""
    if occasion is None or occasion.starts_at <= now:
        return ""
    return local_text(occasion.ends_at if is_end else occasion.starts_at, zone)
