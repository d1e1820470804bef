"""The HTTP side, put together and run inside the gateway's own event loop."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import Final

import uvicorn
from prometheus_client import CollectorRegistry, Gauge

from relay.app import deciding, renewing
from relay.app.booking import defaults
from relay.app.figures import Figures, Refreshed, TableFigures
from relay.app.gateway import Gateway
from relay.app.operation import operator_ports
from relay.app.readiness import checks
from relay.app.secret_files import oidc_secret
from relay.app.transport_policy import own_transport_policy
from relay.desk.access import AccessDesk
from relay.desk.alerts import AlertDesk
from relay.desk.archive import ArchiveDesk
from relay.desk.audit import AuditDesk
from relay.desk.cases import CaseDesk
from relay.desk.conversations import ConversationDesk
from relay.desk.disputes import DisputeDesk
from relay.desk.finder import FinderDesk
from relay.desk.house_door import HouseDoorDesk
from relay.desk.orders import OrderDesk
from relay.desk.queue import QueueDesk
from relay.desk.repeats import RepeatDesk
from relay.desk.sessions import Doors
from relay.desk.showcase import ShowcaseDesk
from relay.desk.sign_in import SignInDesk
from relay.desk.team import TeamDesk
from relay.desk.threads import ThreadDesk
from relay.desk.visitors import VisitorDesk
from relay.desk.webhooks import WebhookDesk
from relay.machine import clock, secret
from relay.outbound.oidc import Client, Oidc
from relay.settings import OrderedBy
from relay.settings.quantities import day_range_text
from relay.store import kept_orders
from relay.store.sign_in_links import Rates
from relay.web.application import BookingPorts, Ports, web_app
from relay.web.site.assembly import SitePorts
from relay.web.site.demo.pages import Demonstration

_graceful_s: Final = 10
"""What requests under way are given at the end."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the gateway is told to stop, and tells everybody."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(gateway: Gateway, demonstration: Demonstration | None = None) -> uvicorn.Server:
    """A server that `serve(sockets)`s until its `should_exit` is set."""
    settings = gateway.settings
    registry = _figures(gateway)
    app = web_app(
        Ports(
            access=AccessDesk(gateway.store, clock),
            conversations=_conversations(gateway),
            archive=_archive(gateway),
            queue=_queue(gateway),
            alerts=AlertDesk(gateway.store),
            questions=gateway.questions,
            brand=settings.relay.brand,
            support_url=str(settings.relay.support_url),
            registry=registry,
            refresh=Refreshed(gateway.mirror, TableFigures(gateway.store, registry)),
            clock=clock,
            names=settings.policy.names,
            domain=settings.relay.domain,
            payments=gateway.core.payments,
            links=gateway.core.links,
            mail_answers=gateway.answers,
            checks=checks(gateway),
            warnings=lambda: (*settings.warnings(), *renewing.warnings(gateway.certificate, clock())),
            mta_sts=None if (policy := own_transport_policy(settings)) is None else policy.text,
            booking=_booking(gateway),
            site=_site(gateway, demonstration),
        )
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_graceful_s,
    )
    return _Server(config)


def _booking(gateway: Gateway) -> BookingPorts:
    core, settings = gateway.core, gateway.settings
    return BookingPorts(
        bookings=core.bookings,
        batches=core.batches,
        catalogue=core.catalogue,
        webhooks=WebhookDesk(gateway.store, gateway.new_id, clock, secrets.token_bytes, settings.webhooks.anywhere),
        repeats=RepeatDesk(gateway.store),
        new_id=gateway.new_id,
        refund_days=day_range_text(settings.booking.refund_days),
        refunds=core.refunds,
    )


def _site(gateway: Gateway, demonstration: Demonstration | None) -> SitePorts:
    core, settings = gateway.core, gateway.settings
    return SitePorts(
        house=deciding.house(settings),
        clock=clock,
        visitors=VisitorDesk(gateway.store, clock),
        sign_in=sign_in(gateway),
        house_door=_house_door(gateway),
        conversations=_conversations(gateway),
        archive=_archive(gateway),
        queue=_queue(gateway),
        bookings=core.bookings,
        batches=core.batches,
        catalogue=core.catalogue,
        own=core.own,
        showcase=ShowcaseDesk(gateway.store, defaults(settings), settings.policy.names),
        orders=_orders(gateway),
        operator=operator_ports(gateway),
        parties=core.parties,
        threads=ThreadDesk(gateway.store, settings.relay.domain),
        teams=_teams(gateway),
        refund_days=day_range_text(settings.booking.refund_days),
        finder=FinderDesk(gateway.store, clock, settings.relay.domain),
        cases=CaseDesk(gateway.store, clock),
        audit=AuditDesk(gateway.store, clock, settings.relay.domain),
        disputes=DisputeDesk(gateway.store, settings.relay.domain, settings.policy.names, clock),
        message_octets_max=settings.smtp.message_max,
        help_url=str(settings.booking.help_url),
        base_url=str(settings.web.base_url),
        demonstration=demonstration,
    )


def _orders(gateway: Gateway) -> OrderDesk:
    settings, section = gateway.settings, gateway.settings.booking
    return OrderDesk(
        store=gateway.store,
        core=gateway.core.bookings,
        checkouts=gateway.core.own.checkouts,
        repeats=RepeatDesk(gateway.store),
        house=deciding.house(settings),
        pages=str(settings.web.base_url).rstrip("/") + "/",
        rates=kept_orders.Rates(section.orders_per_address, section.orders_per_network),
        lasts=section.order_link,
        needs_sign_in=section.ordered_by is OrderedBy.SIGN_IN,
        sign=gateway.signing,
        new_id=gateway.new_id,
        new_secret=secret,
        clock=clock,
        sent=gateway.courier.wake,
    )


def _teams(gateway: Gateway) -> TeamDesk:
    inviting = gateway.inviting
    return TeamDesk(
        gateway.store,
        gateway.core.catalogue.keeper,
        inviting.house,
        inviting.pages,
        inviting.sign,
        gateway.new_id,
        clock,
        inviting.sent,
    )


def doors(gateway: Gateway) -> Doors:
    """Through which people are let in."""
    section = gateway.settings.sign_in
    return Doors(gateway.new_id, secret, section.session, section.account_session)


def sign_in(gateway: Gateway) -> SignInDesk:
    section = gateway.settings.sign_in
    return SignInDesk(
        store=gateway.store,
        doors=doors(gateway),
        visitors=VisitorDesk(gateway.store, clock),
        rates=Rates(section.links_per_address, section.links_per_network),
        new_id=gateway.new_id,
        clock=clock,
        asked=gateway.inviting.wake,
        as_account=section.accounts_by_link,
    )


def _house_door(gateway: Gateway) -> HouseDoorDesk | None:
    section = gateway.settings.sign_in
    if not section.oidc_issuer:
        return None
    back = f"{str(gateway.settings.web.base_url).rstrip('/')}/sign-in/house/back"
    client = Client(section.oidc_issuer, section.oidc_client_id, oidc_secret(gateway.settings), back)
    return HouseDoorDesk(Oidc(client), sign_in(gateway))


def _conversations(gateway: Gateway) -> ConversationDesk:
    return ConversationDesk(gateway.store, gateway.mint, gateway.settings.policy.window_after_activity, clock)


def _archive(gateway: Gateway) -> ArchiveDesk:
    return ArchiveDesk(gateway.store, gateway.settings.relay.domain, clock)


def _queue(gateway: Gateway) -> QueueDesk:
    return QueueDesk(gateway.store, gateway.return_paths, gateway.new_id, clock, lambda: gateway.anew)


def _figures(gateway: Gateway) -> CollectorRegistry:
    """What an operator watches, read when somebody asks (faults.md 4.5). What only one process has to tell is told here."""
    registry = CollectorRegistry()
    registry.register(Figures())

    def gauge(name: str, told: str, value: object) -> None:
        Gauge(name, told, registry=registry).set_function(value)  # type: ignore[arg-type] # a plain callable, as documented

    if (certificate := gateway.certificate) is not None:
        ends = "When the certificate in use ends, in seconds since 1970"
        gauge("relay_certificate_expires_seconds", ends, lambda: certificate.expires_at.timestamp())  # noqa: PLW0108  it is renewed
        refused = "1 while the files of the certificate have changed and cannot be used"
        gauge("relay_certificate_refused", refused, lambda: int(certificate.fault != ""))
    return registry
