"""All pages of operators."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from relay.web.batch_ports import Batches
from relay.web.booking_ports import Bookings
from relay.web.catalogue_ports import Catalogue
from relay.web.operator_ports import OperatorPorts
from relay.web.ports import Queue
from relay.web.site.layout import Site
from relay.web.site.operator import (
    accounts,
    dead_letters,
    destinations,
    overview,
    partners,
    profiles,
    queue,
    releases,
    settings,
    tokens,
    traffic,
    webhooks,
)
from relay.web.site.operator.ground import Ground


def routers(
    site: Site,
    ports: OperatorPorts,
    waiting: Queue,
    bookings: Bookings | None,
    batches: Batches | None,
    catalogue: Catalogue | None,
) -> Iterator[APIRouter]:
    """Their routers, in the order in which their addresses are tried."""
    ground = Ground(site, ports, bookings is not None)
    yield overview.router(ground, bookings)
    yield dead_letters.router(ground)
    yield destinations.router(ground)
    # Whatever else stands behind /operator/queue/ names something in it.
    yield queue.router(ground, waiting)
    yield traffic.router(ground)
    yield tokens.router(ground)
    yield accounts.router(ground)
    yield settings.router(ground)
    if ports.webhooks is not None:
        yield webhooks.router(ground, ports.webhooks)
    if bookings is not None and batches is not None and catalogue is not None:
        yield partners.router(ground, catalogue)
        yield profiles.router(ground, catalogue)
        yield releases.router(ground, bookings, batches, catalogue)
