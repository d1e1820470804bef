"""A customer's own space: what waits for them, the nearest deadline first, and all that they have (ST-11, ST-18, ST-19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from relay.booking.booking import Actor
from relay.booking.selection import Counts, Filter, Order, Tab
from relay.correspondence.languages import marked as _
from relay.web.catalogue_ports import Catalogue
from relay.web.site.customer import again, answers, booking, leaving, messages, ordered, other_terms, voucher
from relay.web.site.customer.checkout import TO_CHECKOUT
from relay.web.site.customer.ports import OwnBookings, OwnRow
from relay.web.site.customer.standing import standing
from relay.web.site.customer.ways import ways
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.thread_ports import Threads

listed_max: Final = 50
waiting_max: Final = 200
"""Bookings that are put in the order of whatever has to be done next; what lies beyond has its payment later still."""
overview_max: Final = 5
"""Of each list on the first page, but for what waits for the customer."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Section:
    """One of the lists. `count` is None where it is not counted."""

    key: str
    title: str
    empty: str
    wanted: Filter
    order: Order

    def count(self, of: Counts) -> int | None:
        if self.key == "waiting":
            return of.waits_for.get(Actor.CUSTOMER, 0)
        return sum(of.tabs[tab] for tab in self.wanted.tabs) if self.wanted.waits_for is None else None


SECTIONS: Final = (
    Section(
        "waiting",
        _("Waiting for you"),
        _("Nothing waits for you."),
        Filter(waits_for=Actor.CUSTOMER),
        Order.DEADLINE,
    ),
    Section("booked", _("Booked"), _("Nothing is booked."), Filter(tabs=frozenset({Tab.BOOKED})), Order.START),
    Section(
        "asked",
        _("Waiting for the provider"),
        _("No provider has to answer you."),
        Filter(tabs=frozenset({Tab.REQUESTS}), waits_for=Actor.PARTNER),
        Order.NEWEST,
    ),
    Section(
        "past",
        _("Past and closed"),
        _("Nothing is past."),
        Filter(tabs=frozenset({Tab.PAST, Tab.EXPIRED, Tab.ENDED})),
        Order.NEWEST,
    ),
)


def routers(site: Site, own: OwnBookings, catalogue: Catalogue, threads: Threads) -> Iterator[APIRouter]:
    """Everything below `/my`."""
    yield router(site, own)
    yield booking.router(site, own)
    yield answers.router(site, own)
    yield leaving.router(site, own)
    yield other_terms.router(site, own)
    yield again.router(site, own, catalogue)
    yield voucher.router(site, own)
    yield ordered.router(site, own)
    yield messages.router(site, own, threads)


def router(site: Site, own: OwnBookings) -> APIRouter:
    """`/my`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/my")
    async def overview(request: Request) -> Response:
        """Sections beside one another, or the one that `?list=` names, in pages."""
        viewer = await site.customer(request)
        counts = await own.counts(viewer.address)
        chosen = next((one for one in SECTIONS if one.key == request.query_params.get("list")), None)
        after = request.query_params.get("after")

        async def rows(of: Section, most: int) -> tuple[tuple[OwnRow, ...], str | None]:
            begins = int(after) if after is not None and after.isascii() and after.isdigit() and len(after) < 5 else 0
            if of.order is not Order.DEADLINE or (after is not None and not begins):
                page = await own.page(viewer.address, viewer.language, of.wanted, of.order, most, after)
                return page.items, page.next
            page = await own.page(viewer.address, viewer.language, of.wanted, of.order, waiting_max, None)
            nearest = sorted(page.items, key=lambda one: one.acts_by or _NEVER)
            ends = begins + most
            return tuple(nearest[begins:ends]), str(ends) if ends < len(nearest) else page.next

        lists = []
        for one in SECTIONS if chosen is None else (chosen,):
            most = listed_max if chosen is not None or one.key == "waiting" else overview_max
            items, following = await rows(one, most)
            lists.append({"section": one, "rows": items, "next": following, "count": one.count(counts)})
        return site.page(
            request,
            "customer/space.html",
            viewer,
            ways=ways(viewer, "bookings", counts.waits_for.get(Actor.CUSTOMER, 0)),
            policy=TO_CHECKOUT,
            sections=SECTIONS,
            counts=counts,
            chosen=chosen,
            lists=lists,
            after=after or "",
            standing=lambda row: standing(row.booking, row.payment, site.clock()),
        )

    return routes
