"""The pages of a partner beside the list of bookings, put together."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from relay.values import Clock
from relay.web.booking_ports import Bookings
from relay.web.catalogue_ports import Catalogue
from relay.web.party_ports import Parties
from relay.web.ports import Conversations
from relay.web.site.layout import Site
from relay.web.site.partner import calendar, messages, offers, slots, team, variants
from relay.web.site.partner.team_ports import Teams
from relay.web.site.thread_ports import Threads


def routers(
    site: Site,
    clock: Clock,
    bookings: Bookings,
    parties: Parties,
    catalogue: Catalogue,
    conversations: Conversations,
    threads: Threads | None,
    teams: Teams | None,
) -> Iterator[APIRouter]:
    """Calendar, offers with what belongs to them, and where conversations are kept, messages."""
    yield calendar.router(site, clock, bookings, catalogue)
    yield offers.router(site, catalogue)
    yield variants.router(site, catalogue)
    yield slots.router(site, clock, catalogue)
    if teams is not None:
        yield team.router(site, catalogue, teams)
    if threads is not None:
        yield messages.router(site, clock, bookings, parties, threads, conversations)
