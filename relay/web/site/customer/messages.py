"""The conversation of a booking as its customer has it, with the partner's alias to write to (GY-17, GY-18).

What the partner wrote is shown as it crossed; their own address is nowhere (invariant 1).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from relay.errors import NotFound
from relay.transit.crossing import Fate
from relay.values import Role
from relay.web.site.customer.booking import Reference, shape
from relay.web.site.customer.ports import OwnBookings
from relay.web.site.customer.ways import ways
from relay.web.site.layout import Site
from relay.web.site.mail_frame import frame
from relay.web.site.partner.messages import FATES, REACHED, download, number_max, said_in
from relay.web.site.route import PageRoute
from relay.web.site.thread_ports import Threads
from relay.web.site.words import site_words

entries_max: Final = 20


def router(site: Site, own: OwnBookings, threads: Threads) -> APIRouter:
    """`/my/bookings/{reference}/messages`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/my/bookings/{reference}/messages")
    async def conversation(reference: Reference, request: Request) -> Response:
        viewer = await site.customer(request)
        page = shape(await own.one(viewer.address, viewer.language, reference), site)
        before = request.query_params.get("before") or None
        thread = await threads.thread(reference, Role.CUSTOMER, entries_max, before)
        older = {"before": thread.next, "at": thread.entries[-1].at.isoformat()} if thread.next is not None else {}
        return site.page(
            request,
            "customer/messages.html",
            viewer,
            ways=ways(viewer, "bookings"),
            page=page,
            said=said_in(thread, page.own.steps, request.query_params.get("at", ""), Role.CUSTOMER),
            fates=FATES,
            reached=REACHED,
            Fate=Fate,
            older=f"?{urlencode(older)}" if older else "",
            is_first=before is None,
        )

    @routes.get("/my/bookings/{reference}/messages/{message}/html")
    async def html(reference: Reference, request: Request, message: str) -> Response:
        viewer = await site.customer(request)
        await own.one(viewer.address, viewer.language, reference)
        content = await threads.page(reference, Role.CUSTOMER, message)
        return await frame(content, site_words(viewer.language).gettext, viewer.language.value)

    @routes.get("/my/bookings/{reference}/messages/{message}/files/{number}")
    async def file(reference: Reference, request: Request, message: str, number: int) -> Response:
        viewer = await site.customer(request)
        await own.one(viewer.address, viewer.language, reference)
        if not 0 <= number <= number_max:
            raise NotFound("no such file")
        return download(await threads.file(reference, Role.CUSTOMER, message, number))

    return routes
