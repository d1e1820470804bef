"""To cancel a booking, or to withdraw what is only asked for: with a reason or without (ST-13, ST-14, SL-B2)."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.situation import Act
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBooking, OwnBookings, Told
from relay.web.site.customer.tried import TOO_LONG, Wrong, back, number_in, tried
from relay.web.site.customer.ways import ways
from relay.web.site.forms import entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}/cancel`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    def cancel_page(
        request: Request, viewer: Viewer, found: OwnBooking, wrong: Wrong | None = None, reason: str = ""
    ) -> Response:
        possible = found.shown.possible[Actor.CUSTOMER]
        return site.page(
            request,
            "customer/cancel.html",
            viewer,
            status=wrong.status if wrong is not None else HTTPStatus.OK,
            ways=ways(viewer, "bookings"),
            page=shape(found, site),
            act=next((one.value for one in (Act.CANCEL, Act.WITHDRAW) if one in possible), ""),
            goes_back=found.matter.amount,
            was_paid=found.shown.account.captured.minor > 0,
            alert=wrong.sentence if wrong is not None else "",
            reason=reason,
            reason_max=reason_characters_max,
        )

    @routes.get("/my/bookings/{reference}/cancel")
    async def before_cancelling(reference: Reference, request: Request) -> Response:
        """What goes back stands here, before anything is done (SL-B2)."""
        viewer = await site.customer(request)
        return cancel_page(request, viewer, await own.one(viewer.address, viewer.language, reference))

    @routes.post("/my/bookings/{reference}/cancel")
    async def cancel(reference: Reference, request: Request) -> Response:
        viewer, sent = await site.customer(request), await entered(request)
        reason, act = sent.text("reason"), Act.WITHDRAW if sent.line("act") == Act.WITHDRAW.value else Act.CANCEL
        if len(reason) > reason_characters_max:
            wrong: Wrong | None = Wrong(TOO_LONG, HTTPStatus.UNPROCESSABLE_ENTITY)
        else:
            wrong = await tried(lambda: own.act(viewer.address, reference, Told(act, number_in(sent, "version"), reason)))
        if wrong is not None:
            return cancel_page(request, viewer, await own.one(viewer.address, viewer.language, reference), wrong, reason)
        return back(reference, "cancelled" if act is Act.CANCEL else "withdrawn")

    return routes
