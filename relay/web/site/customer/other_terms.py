"""To offer other terms: instead of those that were offered, or for what is booked already (SL-5, T5, T20)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from relay.booking.booking import Actor
from relay.booking.link import Allows, Link
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.correspondence.link_form import form
from relay.correspondence.notifications.known import known
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.voice import Voice
from relay.errors import NotDone
from relay.web.booking_ports import Stale
from relay.web.link_terms import offered_terms
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBooking, OwnBookings, Told
from relay.web.site.customer.tried import Wrong, back, number_in, tried
from relay.web.site.customer.ways import ways
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my/bookings/{reference}/terms`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    def terms_page(
        request: Request, viewer: Viewer, found: OwnBooking, wrong: Wrong | None = None, sent: Entered | None = None
    ) -> Response:
        now, matter, booking = site.clock(), found.matter, found.shown.booking
        act = _offering(found)
        fields = {name: sent.text(name) for name in sent.fields} if sent is not None else {}
        voice = Voice(matter, known(matter, site.house, now))
        link = Link(booking.id, To.CUSTOMER, "", Allows.COUNTER, None, now, None)
        in_question = _in_question(found)
        return site.page(
            request,
            "customer/terms.html",
            viewer,
            status=wrong.status if wrong is not None else HTTPStatus.OK,
            ways=ways(viewer, "bookings"),
            page=shape(found, site),
            act=act.value if act is not None else "",
            form=form(link, act, in_question, voice, "", None, fields) if act is not None else None,
            alert=wrong.sentence if wrong is not None else "",
        )

    @routes.get("/my/bookings/{reference}/terms")
    async def before_offering(reference: Reference, request: Request) -> Response:
        viewer = await site.customer(request)
        return terms_page(request, viewer, await own.one(viewer.address, viewer.language, reference))

    @routes.post("/my/bookings/{reference}/terms")
    async def offer(reference: Reference, request: Request) -> Response:
        viewer, sent = await site.customer(request), await entered(request)
        found = await own.one(viewer.address, viewer.language, reference)
        act, booking = _offering(found), found.shown.booking
        version = number_in(sent, "version")

        async def offered() -> None:
            if act is None or version != booking.version:
                raise Stale(reference, booking.version)
            fields = {name: sent.text(name) for name in sent.fields}
            try:
                terms = offered_terms(fields, booking.terms_in_question, booking.zone)
            except ValueError as why:
                raise NotDone(str(why)) from None
            await own.act(viewer.address, reference, Told(act, version, terms=terms))

        wrong = await tried(offered)
        if wrong is not None:
            return terms_page(request, viewer, await own.one(viewer.address, viewer.language, reference), wrong, sent)
        return back(reference, "offered")

    return routes


def _offering(found: OwnBooking) -> Act | None:
    """What offering other terms is now (T5, T20)."""
    possible = found.shown.possible[Actor.CUSTOMER]
    return next((one for one in (Act.COUNTER, Act.PROPOSE) if one in possible), None)


def _in_question(found: OwnBooking) -> Matter:
    """With the terms that somebody has to answer in the place of the others, for a form that is filled with them."""
    booking = found.shown.booking
    return replace(found.matter, booking=replace(booking, terms=booking.terms_in_question, proposal=None), before=None)
