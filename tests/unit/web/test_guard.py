"""Who may do what (RFC 6750): every route under /api/v1 asks for a token with its scope."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute
from support.web import FakeAccess, Web

from relay.web.scopes import Scope

NEEDED = {
    ("POST", "/api/v1/conversations"): Scope.CONVERSATIONS_WRITE,
    ("GET", "/api/v1/conversations"): Scope.CONVERSATIONS_READ,
    ("GET", "/api/v1/conversations/{reference}"): Scope.CONVERSATIONS_READ,
    ("POST", "/api/v1/conversations/{reference}/confirm"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/close"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/extend"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/move"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/reopen"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/addresses"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/addresses/remove"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/domains"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/domains/remove"): Scope.CONVERSATIONS_WRITE,
    ("POST", "/api/v1/conversations/{reference}/resume"): Scope.CONVERSATIONS_WRITE,
    ("GET", "/api/v1/alerts"): Scope.CONVERSATIONS_READ,
    ("GET", "/api/v1/archive/search"): Scope.ARCHIVE_READ,
    ("GET", "/api/v1/archive/messages/{id}"): Scope.ARCHIVE_READ,
    ("GET", "/api/v1/queue"): Scope.QUEUE_READ,
    ("GET", "/api/v1/queue/{id}"): Scope.QUEUE_READ,
    ("POST", "/api/v1/queue/{id}/retry"): Scope.QUEUE_WRITE,
    ("POST", "/api/v1/queue/{id}/hold"): Scope.QUEUE_WRITE,
    ("POST", "/api/v1/queue/{id}/release"): Scope.QUEUE_WRITE,
    ("POST", "/api/v1/queue/{id}/return"): Scope.QUEUE_WRITE,
    ("POST", "/api/v1/queue/{id}/drop"): Scope.QUEUE_WRITE,
    **{
        (method, f"/api/v1{path}"): scope
        for scope, operations in {
            Scope.CATALOGUE_READ: (
                ("GET", "/partners"),
                ("GET", "/partners/{id}"),
                ("GET", "/offers"),
                ("GET", "/offers/{id}"),
                ("GET", "/offers/{id}/variants"),
                ("GET", "/offers/{id}/variants/{variant}"),
                ("GET", "/offers/{id}/variants/{variant}/slots"),
                ("GET", "/profiles"),
                ("GET", "/profiles/{id}"),
            ),
            Scope.CATALOGUE_WRITE: (
                ("POST", "/partners"),
                ("PATCH", "/partners/{id}"),
                ("POST", "/partners/{id}/staff"),
                ("DELETE", "/partners/{id}/staff/{staff}"),
                ("POST", "/offers"),
                ("PATCH", "/offers/{id}"),
                ("POST", "/offers/{id}/variants"),
                ("PATCH", "/offers/{id}/variants/{variant}"),
                ("POST", "/offers/{id}/variants/{variant}/slots"),
                ("PATCH", "/offers/{id}/variants/{variant}/slots/{slot}"),
                ("POST", "/profiles"),
                ("PATCH", "/profiles/{id}"),
            ),
            Scope.BOOKINGS_READ: (
                ("GET", "/bookings"),
                ("POST", "/bookings/of-customer"),
                ("GET", "/bookings/counts"),
                ("GET", "/bookings.csv"),
                ("GET", "/bookings/{reference}"),
                ("GET", "/bookings/{reference}/history"),
                ("GET", "/bookings/{reference}/forecast"),
                ("GET", "/bookings/{reference}/ledger"),
                ("GET", "/bookings/{reference}/refunds"),
                ("GET", "/bookings/{reference}/letter"),
                ("GET", "/cancellations"),
            ),
            Scope.BOOKINGS_WRITE: (
                ("POST", "/bookings"),
                ("POST", "/bookings/{reference}/acts"),
                ("POST", "/bookings/{reference}/refunds"),
                ("POST", "/bookings/{reference}/ask-again"),
                ("POST", "/cancellations"),
                ("POST", "/announcements"),
            ),
            Scope.BOOKINGS_OPERATE: (("GET", "/releases"), ("POST", "/releases")),
            Scope.WEBHOOKS_READ: (("GET", "/webhooks"), ("GET", "/webhooks/{id}"), ("GET", "/webhooks/{id}/log")),
            Scope.WEBHOOKS_WRITE: (
                ("POST", "/webhooks"),
                ("PATCH", "/webhooks/{id}"),
                ("DELETE", "/webhooks/{id}"),
                ("POST", "/webhooks/{id}/rotate"),
                ("POST", "/webhooks/{id}/log/{sent}/redeliver"),
            ),
        }.items()
        for method, path in operations
    },
}


def filled(path: str) -> str:
    return re.sub(r"\{[a-z]+\}", "none", path)


def test_the_table_names_every_operation_of_the_api() -> None:
    paths = Web().app().openapi()["paths"]
    operations = {(method.upper(), path) for path, item in paths.items() for method in item if path.startswith("/api/")}
    assert operations == set(NEEDED)


@pytest.mark.parametrize(("method", "path"), NEEDED)
async def test_without_a_token_that_counts_the_answer_is_401(method: str, path: str) -> None:
    async with Web().client(token=None) as client:
        answer = await client.request(method, filled(path))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="relay"'
        assert answer.headers["content-type"] == "application/problem+json"
        for wrong in ("Bearer nobodys", "Bearer ", "Basic YWxsOg==", f"Bearer {'x' * 201}", "Bearer all all", "all"):
            answer = await client.request(method, filled(path), headers={"Authorization": wrong})
            assert answer.status_code == 401, wrong


@pytest.mark.parametrize(("operation", "scope"), NEEDED.items())
async def test_every_other_scope_is_not_enough(operation: tuple[str, str], scope: Scope) -> None:
    method, path = operation
    access = FakeAccess({"others": frozenset(Scope) - {scope}, "right": frozenset({scope})})
    async with Web(access=access).client(token="others") as client:
        answer = await client.request(method, filled(path))
        assert answer.status_code == 403
        assert f'error="insufficient_scope", scope="{scope.value}"' in answer.headers["www-authenticate"]
        assert scope.value in answer.json()["detail"]
        answer = await client.request(method, filled(path), headers={"Authorization": "Bearer right"})
        assert answer.status_code not in {401, 403}


async def test_a_token_that_is_too_long_is_not_even_looked_up() -> None:
    class Never(FakeAccess):
        async def bearer(self, secret: str) -> None:
            raise AssertionError("looked up")

    async with Web(access=Never()).client(token="x" * 201) as client:
        assert (await client.get("/api/v1/queue")).status_code == 401


def test_what_needs_no_token_is_health_and_figures_alone() -> None:
    open_to_all = {route.path for route in Web().app().routes if isinstance(route, APIRoute) and "/api/" not in route.path}
    assert open_to_all <= {"/healthz", "/readyz", "/metrics"}


def test_no_booking_can_be_deleted() -> None:
    """SV-B3: what is cancelled stays, and says so."""
    assert not [path for method, path in NEEDED if method == "DELETE" and "/bookings" in path]
