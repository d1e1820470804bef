"""What a customer does about a booking at once: answer an offer, pay, write (SL-5, SL-16, ST-12).

Each form carries the version that was looked at. Where somebody was faster, the page comes again, says so, and nothing is done.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.situation import Act
from relay.correspondence.link_wording import WRITE_SOMETHING
from relay.web.site.customer.booking import Reference, booking_page
from relay.web.site.customer.ports import OwnBookings, Told
from relay.web.site.customer.tried import TOO_LONG, Wrong, back, number_in, tried
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}/…`: answer, pay, message."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    async def again(request: Request, viewer: Viewer, reference: str, wrong: Wrong, sent: Entered) -> Response:
        """The booking's page, with what went wrong."""
        found = await own.one(viewer.address, viewer.language, reference)
        kept = {"text": sent.text("text")}
        return booking_page(site, request, viewer, found, status=wrong.status, alert=wrong.sentence, entered=kept)

    @routes.post("/my/bookings/{reference}/answer")
    async def answer(reference: Reference, request: Request) -> Response:
        """Exactly the terms that were read are accepted or refused (SL-5)."""
        viewer, sent = await site.customer(request), await entered(request)
        found = await own.one(viewer.address, viewer.language, reference)
        possible = found.shown.possible[Actor.CUSTOMER]
        accepts = sent.line("does") == "accept"
        refusing = Act.REFUSE if Act.REFUSE in possible else Act.WITHDRAW
        told = Told(
            Act.ACCEPT if accepts else refusing,
            number_in(sent, "version"),
            terms_version=number_in(sent, "terms") if accepts else None,
        )
        wrong = await tried(lambda: own.act(viewer.address, reference, told))
        if wrong is not None:
            return await again(request, viewer, reference, wrong, sent)
        return back(reference, "accepted" if accepts else "refused")

    @routes.post("/my/bookings/{reference}/pay")
    async def pay(reference: Reference, request: Request) -> Response:
        """One click to the checkout of this booking, the sum filled in (SL-16, SL-17, ST-12)."""
        viewer, sent = await site.customer(request), await entered(request)
        leads: list[str] = []

        async def checkout() -> None:
            leads.append(await own.pay(viewer.address, reference, number_in(sent, "version")))

        wrong = await tried(checkout)
        if wrong is not None:
            return await again(request, viewer, reference, wrong, sent)
        return RedirectResponse(leads[0], HTTPStatus.SEE_OTHER)

    @routes.post("/my/bookings/{reference}/message")
    async def write(reference: Reference, request: Request) -> Response:
        """To the partner, while no alias carries it (GY-6)."""
        viewer, sent = await site.customer(request), await entered(request)
        text = sent.text("text")
        if not text or len(text) > reason_characters_max:
            wrong: Wrong | None = Wrong(TOO_LONG if text else WRITE_SOMETHING, HTTPStatus.UNPROCESSABLE_ENTITY)
        else:
            wrong = await tried(lambda: own.write(viewer.address, reference, text))
        if wrong is not None:
            return await again(request, viewer, reference, wrong, sent)
        return back(reference, "sent")

    return routes
