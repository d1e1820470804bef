"""Liveness, readiness, figures (faults.md 4.5)."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry, Counter
from structlog.testing import capture_logs
from support.web import Web

from relay.errors import Unavailable
from relay.web import health
from relay.web.scopes import Scope


async def works() -> None:
    return


async def fails() -> None:
    raise Unavailable("clamd cannot be reached")


async def breaks() -> None:
    raise RuntimeError("never mind")


async def test_liveness_asks_nobody() -> None:
    async with Web(checks={"database": fails}).client(token=None) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_means_that_everything_works() -> None:
    async with Web(checks={"database": works, "antivirus": works}).client(token=None) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("token", [None, "of-nobody", "x" * 5000, "without-the-scope"])
async def test_strangers_hear_whether_it_is_ready_and_no_more(token: str | None) -> None:
    web = Web(checks={"database": works, "antivirus": fails}, warnings=("antivirus is off",))
    web.access.tokens["without-the-scope"] = frozenset({Scope.ARCHIVE_READ})
    async with web.client(token=token) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


async def test_what_fails_is_named_to_those_who_may_read_the_queue() -> None:
    async with Web(checks={"database": works, "antivirus": fails, "spool": breaks}).client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "failing": ["antivirus", "spool"], "warnings": []}


async def test_a_part_that_fails_is_logged_once_with_why_and_once_when_it_works_again() -> None:
    """However often a balancer asks."""
    state = [fails]

    async def part() -> None:
        await state[-1]()

    with capture_logs() as lines:
        async with Web(checks={"antivirus": part, "database": works}).client(token=None) as client:
            for now in (works, fails, fails, breaks, works, works, fails):
                state.append(now)
                await client.get("/readyz")
    assert [(line["event"], line["part"], line.get("why")) for line in lines] == [
        ("readiness.lost", "antivirus", "clamd cannot be reached"),
        ("readiness.regained", "antivirus", None),
        ("readiness.lost", "antivirus", "clamd cannot be reached"),
    ]


async def test_while_tokens_cannot_be_looked_up_it_still_says_that_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable(self: object, secret: str) -> None:
        raise Unavailable("database: gone")

    monkeypatch.setattr("support.web.FakeAccess.bearer", unavailable)
    async with Web(checks={"database": fails}).client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


async def test_a_part_that_does_not_answer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "check_s", 0.0)

    async def hangs() -> None:
        await asyncio.Event().wait()

    async with Web(checks={"antivirus": hangs}).client() as client:
        answer = await client.get("/readyz")
    assert answer.json()["failing"] == ["antivirus"]


async def test_what_is_switched_off_is_a_warning_and_not_a_failure() -> None:
    async with Web(warnings=("antivirus is off", "authentication is off")).client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["warnings"] == ["antivirus is off", "authentication is off"]


async def test_figures_are_those_of_the_registry_that_was_handed_in() -> None:
    registry = CollectorRegistry()
    Counter("relay_accepted", "Messages taken over", registry=registry).inc(3)
    async with Web(registry=registry).client(token=None) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "relay_accepted_total 3.0" in answer.text
