"""The page after an order: what was sent, under which reference, and what comes next (OR-13, ST-2)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from relay.booking.booking import Stage
from relay.booking.situation import Act
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBookings
from relay.web.site.customer.ways import ways
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}/sent`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/my/bookings/{reference}/sent")
    async def sent(reference: Reference, request: Request) -> Response:
        viewer = await site.customer(request)
        page = shape(await own.one(viewer.address, viewer.language, reference), site)
        booking = page.own.shown.booking
        way = Act.REQUEST if booking.stage in {Stage.REQUESTED, Stage.COUNTERED} else Act.CHECK_OUT
        if page.own.matter.vocabulary.value == "reservation":
            way = Act.RESERVE
        return site.page(
            request,
            "offers/sent.html",
            viewer,
            ways=ways(viewer, "bookings"),
            way=way.value,
            reference=reference,
            home=f"/my/bookings/{reference}",
            alert="",
            pay_by=booking.deadline if page.to_pay else None,
            to_pay=page.to_pay,
            asked=None,
            zone=booking.zone,
        )

    return routes
