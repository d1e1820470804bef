"""The pages put together: one router for each kind of people, all with the same routes and the same layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import APIRouter

from relay.correspondence.house import House
from relay.values import Clock
from relay.web.batch_ports import Batches
from relay.web.booking_ports import Bookings
from relay.web.bounds import body_octets_max
from relay.web.catalogue_ports import Catalogue
from relay.web.operator_ports import OperatorPorts
from relay.web.party_ports import Parties
from relay.web.ports import Archive, Conversations, Queue
from relay.web.site import home
from relay.web.site.customer import space
from relay.web.site.customer.ports import OwnBookings
from relay.web.site.demo import pages as demo
from relay.web.site.layout import Site
from relay.web.site.offers import shop
from relay.web.site.offers.ports import Orders, Showcase
from relay.web.site.operator import assembly as operator
from relay.web.site.partner import acts as partner_acts
from relay.web.site.partner import announce
from relay.web.site.partner import assembly as partner_pages
from relay.web.site.partner import booking as partner_booking
from relay.web.site.partner import bookings as partner_bookings
from relay.web.site.partner.context import PartnerGround
from relay.web.site.partner.team_ports import Teams
from relay.web.site.sign_in import entrance, house, places
from relay.web.site.sign_in.ports import HouseDoor, SignIn
from relay.web.site.support import assembly as support_pages
from relay.web.site.support import disputing, genuine
from relay.web.site.support.audit_ports import Audit
from relay.web.site.support.case_ports import Cases
from relay.web.site.support.context import DisputeGround
from relay.web.site.support.dispute_ports import Disputes
from relay.web.site.support.search_ports import Finder
from relay.web.site.thread_ports import Threads
from relay.web.site.viewer import Visitors


@dataclass(frozen=True, slots=True)
class SitePorts:
    """What the pages are given."""

    house: House
    clock: Clock
    visitors: Visitors
    conversations: Conversations
    archive: Archive
    queue: Queue
    bookings: Bookings | None = None
    """None where the gateway is used alone, as the two after it."""
    batches: Batches | None = None
    catalogue: Catalogue | None = None
    parties: Parties | None = None
    """By which parties act on their bookings and read them."""
    own: OwnBookings | None = None
    """The bookings of whoever looks, as their customer."""
    showcase: Showcase | None = None
    orders: Orders | None = None
    """By which people order on the public pages."""
    refund_days: str = "5-10"
    """In how many working days a refund arrives (SL-29)."""
    teams: Teams | None = None
    """Who acts for partners."""
    threads: Threads | None = None
    """Conversations as their parties see them."""
    operator: OperatorPorts | None = None
    """What the pages of operators are given beside; None where there are none."""
    finder: Finder | None = None
    """The archive as support searches it; None, as the two after it, where support has no pages."""
    cases: Cases | None = None
    audit: Audit | None = None
    """Who of the house looked at what."""
    disputes: Disputes | None = None
    """What happened, for who decides a dispute."""
    message_octets_max: int = 25 * 1024 * 1024
    """Of a message that is taken over, and of one that somebody shows us."""
    help_url: str = field(default="")
    base_url: str = ""
    """How people reach the pages."""
    sign_in: SignIn | None = None
    """None where nobody signs in by these pages."""
    house_door: HouseDoor | None = None
    """None where the house has no provider of its own (OpenID Connect)."""
    demonstration: demo.Demonstration | None = None
    """Makes the pages of the demonstration appear."""


def routers(ports: SitePorts) -> tuple[APIRouter, ...]:
    """Every router of the pages, in the order in which their addresses are tried."""
    site = Site(ports.house, ports.visitors, ports.clock, ports.help_url, ports.demonstration is not None)
    return tuple(_routers(site, ports))


def _routers(site: Site, ports: SitePorts) -> Iterator[APIRouter]:
    # Each kind of people has routers of its own.
    if (ground := _partner_ground(site, ports)) is not None:
        yield partner_bookings.router(ground)
        yield partner_booking.router(ground)
        yield partner_acts.router(ground)
        yield announce.router(ground)
    if ports.bookings is not None and ports.parties is not None and ports.catalogue is not None:
        core = ports.bookings, ports.parties, ports.catalogue
        yield from partner_pages.routers(site, ports.clock, *core, ports.conversations, ports.threads, ports.teams)
    if ports.own is not None and ports.catalogue is not None and ports.threads is not None:
        yield from space.routers(site, ports.own, ports.catalogue, ports.threads)
    if ports.disputes is not None and ports.audit is not None:
        yield from disputing.routers(_dispute_ground(site, ports, ports.disputes, ports.audit))
    if ports.showcase is not None and ports.orders is not None and ports.catalogue is not None:
        yield from shop.routers(site, ports.showcase, ports.catalogue, ports.orders, ports.clock)
    if ports.operator is not None:
        yield from operator.routers(site, ports.operator, ports.queue, ports.bookings, ports.batches, ports.catalogue)
    if ports.sign_in is not None:
        if ports.house_door is not None:
            yield house.router(site, ports.sign_in, ports.house_door)
        yield entrance.router(site, ports.sign_in, has_house_door=ports.house_door is not None)
        yield places.router(site, ports.sign_in)
    if ports.finder is not None and ports.cases is not None and ports.audit is not None:
        yield from support_pages.routers(site, ports.finder, ports.cases, ports.audit)
    yield demo.router(site, ports.demonstration) if ports.demonstration is not None else home.router(site)


def larger_bodies(ports: SitePorts) -> dict[str, int]:
    """The pages to which more is sent than forms have, and how much: a mail, with what a form puts around it."""
    return {genuine.PATH: ports.message_octets_max + body_octets_max}


def _dispute_ground(site: Site, ports: SitePorts, disputes: Disputes, audit: Audit) -> DisputeGround:
    return DisputeGround(
        site=site,
        disputes=disputes,
        conversations=ports.conversations,
        queue=ports.queue,
        audit=audit,
        cases=ports.cases,
        bookings=ports.bookings,
        message_octets_max=ports.message_octets_max,
    )


def _partner_ground(site: Site, ports: SitePorts) -> PartnerGround | None:
    """None where the gateway is used alone."""
    if ports.bookings is None or ports.batches is None or ports.catalogue is None or ports.parties is None:
        return None
    return PartnerGround(site, ports.bookings, ports.parties, ports.catalogue, ports.batches, ports.refund_days)
