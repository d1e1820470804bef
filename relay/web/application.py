"""The HTTP side put together: health, figures, the API, the page for questions to parties, and in a demonstration the
sandbox's pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from prometheus_client import CollectorRegistry

from relay.values import Clock, NameShown
from relay.web import (
    alerts,
    archive,
    conversations,
    health,
    known,
    mta_sts,
    pages,
    payment_messages,
    problems,
    questions,
    queue,
    sandbox,
)
from relay.web.bounds import BoundedBody, SecurityHeaders
from relay.web.guard import Guard
from relay.web.ports import Access, Alerts, Archive, Check, Conversations, PaymentMessages, Questions, Queue

api_path: Final = "/api/v1"
_ALWAYS: Final = problems.described(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
)


async def _as_they_are() -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the HTTP side is given. What `warnings` says is shown with readiness; `refresh` brings the figures of `registry` up to
    date, and never fails; `mta_sts` is the text of the policy that senders look for; `payments` takes what payment providers
    tell; `demonstration` makes the sandbox's pages appear.
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
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Callable[[], Sequence[str]] = tuple
    refresh: Check = _as_they_are
    mta_sts: str | None = None
    payments: PaymentMessages | None = None
    demonstration: sandbox.Demonstration | None = None


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
    )
    problems.install(app)
    guard = Guard(ports.access)
    api = APIRouter(prefix=api_path, responses=_ALWAYS)
    api.include_router(conversations.router(ports.conversations, guard, ports.names, ports.clock))
    api.include_router(known.router(ports.conversations, guard, ports.names, ports.clock))
    api.include_router(archive.router(ports.archive, guard))
    api.include_router(queue.router(ports.queue, guard))
    api.include_router(alerts.router(ports.alerts, guard))
    app.include_router(health.router(ports.checks, ports.warnings, ports.registry, ports.refresh, guard))
    app.include_router(api)
    if ports.mta_sts is not None:
        app.include_router(mta_sts.router(ports.mta_sts))
    if ports.payments is not None:
        app.include_router(payment_messages.router(ports.payments))
    app.include_router(pages.router())
    app.include_router(questions.router(ports.questions, ports.brand, ports.support_url))
    if ports.demonstration is not None:
        app.include_router(sandbox.router(ports.demonstration))
    app.add_middleware(BoundedBody)
    app.add_middleware(SecurityHeaders)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


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
    return bool(content.get("schema", {}).get("$ref", "").endswith("/Problem"))
