"""The voucher, printed or on a telephone: its code, and what is to be done before (SV-11, SV-13, SV-18, SV-19)."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Final

import segno
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from relay.booking.booking import Stage
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBooking, OwnBookings
from relay.web.site.customer.ways import ways
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute

GOOD: Final = frozenset({Stage.CONFIRMED, Stage.COMPLETED})
"""Before, there is nothing to show at the door; what was cancelled lets nobody in."""


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}/voucher`, its code as a picture, and how it stands for a page that is open."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/my/bookings/{reference}/voucher")
    async def voucher(reference: Reference, request: Request) -> Response:
        viewer = await site.customer(request)
        found = await own.one(viewer.address, viewer.language, reference)
        return site.page(
            request,
            "customer/voucher.html",
            viewer,
            ways=ways(viewer, "bookings"),
            page=shape(found, site),
            is_good=found.shown.booking.stage in GOOD,
            state=state(found),
        )

    @routes.get("/my/bookings/{reference}/voucher.svg")
    async def code(reference: Reference, request: Request) -> Response:
        """The reference: whoever redeems it looks the booking up by it (SV-B1)."""
        viewer = await site.customer(request)
        found = await own.one(viewer.address, viewer.language, reference)
        if found.shown.booking.stage not in GOOD:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(picture(found.matter.voucher), media_type="image/svg+xml")

    @routes.get("/my/bookings/{reference}/voucher/state")
    async def how_it_stands(reference: Reference, request: Request) -> Response:
        """For the page that is open: where it differs, the page is loaded anew (SV-18)."""
        viewer = await site.customer(request)
        return Response(state(await own.one(viewer.address, viewer.language, reference)), media_type="text/plain")

    return routes


def state(found: OwnBooking) -> str:
    """What the voucher shows, in short."""
    booking = found.shown.booking
    return f"{booking.version} {booking.stage.value} {booking.action.value}"


def picture(code: str) -> bytes:
    """`code` as a QR code: black on white in whatever theme, for cameras want it so."""
    written = BytesIO()
    segno.make(code, error="m", micro=False).save(
        written, kind="svg", scale=6, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return written.getvalue()
