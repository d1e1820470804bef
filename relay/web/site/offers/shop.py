"""The public pages: what is offered, each offer with its variants, and how each is booked (OR-9, OR-11, OR-12, ST-9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from relay.booking.catalogue import OfferId
from relay.values import Clock
from relay.web.catalogue_ports import Catalogue
from relay.web.site.customer import ways as own
from relay.web.site.layout import Site, Way
from relay.web.site.offers import confirming, ordering
from relay.web.site.offers.ports import Orders, Showcase
from relay.web.site.offers.wording import says, why_not
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer

listed_max: Final = 50
Id = Annotated[str, Path(min_length=1, max_length=100)]


def routers(site: Site, showcase: Showcase, catalogue: Catalogue, orders: Orders, clock: Clock) -> Iterator[APIRouter]:
    """`/offers`, `/offers/{offer}`, `/offers/{offer}/{variant}`, `/orders/{secret}`."""
    yield router(site, showcase, clock)
    yield ordering.router(site, showcase, catalogue, orders, clock)
    yield confirming.router(site, orders)


def router(site: Site, showcase: Showcase, clock: Clock) -> APIRouter:
    """What can be looked at by anybody."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/offers")
    async def shelf(request: Request) -> Response:
        viewer, after = await site.anybody(request), request.query_params.get("after", "")[:100]
        found = await showcase.offers(listed_max + 1, OfferId(after) if after else None)
        shown = found[:listed_max]
        return site.page(
            request,
            "offers/shelf.html",
            viewer,
            ways=ways(viewer),
            displays=shown,
            says=says,
            next_href=f"/offers?after={shown[-1].offer.id}" if len(found) > listed_max else "",
            first_href="/offers" if after else "",
        )

    @routes.get("/offers/{offer}")
    async def one(offer: Id, request: Request) -> Response:
        viewer = await site.anybody(request)
        display = await showcase.offer(offer)
        now = clock()
        return site.page(
            request,
            "offers/offer.html",
            viewer,
            ways=ways(viewer),
            display=display,
            says=says,
            why_not=lambda listing: why_not(listing, now, display.profiles),
        )

    return routes


def ways(viewer: Viewer | None) -> tuple[Way, ...]:
    """Their own pages for whoever has signed in; nobody else needs any."""
    return own.ways(viewer, "offers") if viewer is not None else ()
