"""The HTTP side put together: health, figures, the API, the page for questions to parties, and the pages for who signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from prometheus_client import CollectorRegistry

from relay.correspondence.house import House
from relay.values import Clock, NameShown, NewId
from relay.web import (
    alerts,
    archive,
    batches,
    booking_acts,
    booking_facts,
    booking_problems,
    bookings,
    conversations,
    health,
    known,
    links,
    mail_answers,
    mta_sts,
    offers,
    pages,
    paid,
    partners,
    payment_messages,
    problems,
    profiles,
    questions,
    queue,
    refunds,
    slots,
    webhooks,
)
from relay.web.answer_ports import BookingAnswers
from relay.web.batch_ports import Batches
from relay.web.booking_ports import Bookings
from relay.web.bounds import BoundedBody, HeadAsGet, SecurityHeaders
from relay.web.catalogue_ports import Catalogue
from relay.web.guard import Guard
from relay.web.link_ports import BookingLinks
from relay.web.once import Repeats
from relay.web.ports import Access, Alerts, Archive, Check, Conversations, PaymentMessages, Questions, Queue
from relay.web.refunds import RefundsByHand
from relay.web.site.assembly import SitePorts, larger_bodies, routers
from relay.web.site.layout import cookie_of
from relay.web.webhook_ports import Webhooks

api_path: Final = "/api/v1"
_ALWAYS: Final = problems.described(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
)


async def _as_they_are() -> None: ...


@dataclass(frozen=True, slots=True)
class BookingPorts:
    """What the HTTP side is given of the booking core. `refund_days`: in how many working days a refund arrives (SL-29)."""

    bookings: Bookings
    batches: Batches
    catalogue: Catalogue
    webhooks: Webhooks
    repeats: Repeats
    new_id: NewId
    refund_days: str = "5-10"
    refunds: RefundsByHand | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """What the HTTP side is given. What `warnings` says is shown with readiness; `refresh` brings the figures of `registry` up to
    date, and never fails; `mta_sts` is the text of the policy that senders look for; `payments` takes what payment providers
    tell.
    """

    access: Access
    conversations: Conversations
    archive: Archive
    queue: Queue
    alerts: Alerts
    questions: Questions
    brand: str
    support_url: str
    registry: CollectorRegistry
    clock: Clock
    names: NameShown = NameShown.FIRST
    domain: str = ""
    """The reply domain."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Callable[[], Sequence[str]] = tuple
    refresh: Check = _as_they_are
    mta_sts: str | None = None
    payments: PaymentMessages | None = None
    links: BookingLinks | None = None
    mail_answers: BookingAnswers | None = None
    booking: BookingPorts | None = None
    """None where the gateway is used alone."""
    site: SitePorts | None = None
    """What the pages are given for people who sign in; None where there are none."""


def web_app(ports: Ports) -> FastAPI:
    """The application. It holds no state of its own."""
    app = FastAPI(
        title="Relay",
        version=version("relay-gateway"),
        description="Conversations between partners and customers who do not learn each other's address.",
        openapi_url=f"{api_path}/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # Its address would be taken from the header Host, which whoever asks may choose.
        redirect_slashes=False,
    )
    app.state.brand = ports.brand
    problems.install(app)
    guard = Guard(ports.access)
    api = APIRouter(prefix=api_path, responses=_ALWAYS)
    api.include_router(conversations.router(ports.conversations, guard, ports.names, ports.clock))
    api.include_router(known.router(ports.conversations, guard, ports.names, ports.clock))
    api.include_router(archive.router(ports.archive, guard))
    api.include_router(queue.router(ports.queue, guard))
    api.include_router(alerts.router(ports.alerts, guard))
    if ports.booking is not None:
        booking_problems.install(app)
        for routes in _booking_routers(ports.booking, guard, ports.clock):
            api.include_router(routes)
    app.include_router(health.router(ports.checks, ports.warnings, ports.registry, ports.refresh, guard))
    app.include_router(api)
    if ports.mta_sts is not None:
        app.include_router(mta_sts.router(ports.mta_sts))
    if ports.payments is not None:
        app.include_router(payment_messages.router(ports.payments))
        app.include_router(paid.router(ports.brand, ports.support_url))
    app.include_router(pages.router())
    app.include_router(questions.router(ports.questions, ports.brand, ports.support_url))
    if ports.links is not None:
        house = House(ports.brand, ports.domain, ports.support_url, ports.names)
        app.include_router(links.router(ports.links, house, ports.clock))
        if ports.mail_answers is not None:
            app.include_router(mail_answers.router(ports.mail_answers, house))
    if ports.site is not None:
        app.state.session_cookie = cookie_of(ports.site.base_url)
        for routes in routers(ports.site):
            app.include_router(routes)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BoundedBody, larger=larger_bodies(ports.site) if ports.site is not None else {})
    app.add_middleware(SecurityHeaders)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _booking_routers(core: BookingPorts, guard: Guard, clock: Clock) -> Iterator[APIRouter]:
    yield partners.router(core.catalogue, guard)
    yield offers.router(core.catalogue, guard)
    yield slots.router(core.catalogue, guard, core.new_id)
    yield profiles.router(core.catalogue, guard)
    yield bookings.router(core.bookings, core.repeats, guard, clock)
    yield booking_facts.router(core.bookings, guard, core.refund_days)
    if core.refunds is not None:
        yield refunds.router(core.refunds, guard)
    yield booking_acts.router(core.bookings, core.repeats, guard, clock)
    yield batches.router(core.batches, core.repeats, guard, clock)
    yield webhooks.router(core.webhooks, guard)


def _described(app: FastAPI) -> dict[str, Any]:  # JSON, as FastAPI types it
    """The description of the API, with problems under their own media type."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if status >= "400" and _is_problem(answer):
                        answer["content"] = {problems.media_type: answer["content"]["application/json"]}
        app.openapi_schema = schema
    return app.openapi_schema


def _is_problem(answer: Mapping[str, Any]) -> bool:
    content = answer.get("content", {}).get("application/json", {})
    return bool(content.get("schema", {}).get("$ref", "").endswith(("/Problem", "/Refused")))
