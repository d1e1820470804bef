"""Whether this process lives, whether it can do its work, and its figures (faults.md 4.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final, Literal

import structlog
from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import BaseModel, Field

from relay.web.guard import Guard
from relay.web.ports import Check
from relay.web.scopes import Scope

log = structlog.get_logger("relay.web")

check_s: Final = 5.0
"""What a part is given to answer; one that takes longer fails."""


class Alive(BaseModel):
    """This process answers."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether mail can be taken over and handed on. The details are for those with a token that may read the queue."""

    status: Literal["ready", "not ready"] = Field(description="`not ready` when anything fails.")
    failing: list[str] | None = Field(default=None, description="The parts that do not work, by name.")
    warnings: list[str] | None = Field(
        default=None, description="What works and should not stay so, such as scanning that is switched off."
    )


def router(
    checks: Mapping[str, Check],
    warnings: Callable[[], Sequence[str]],
    registry: CollectorRegistry,
    refresh: Check,
    guard: Guard,
) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`, for which `refresh` is called before.

    That scanning is off, or which part is down, tells a stranger when to try; and behind a proxy on this machine everybody comes
    from the loopback interface. So details take a token.
    """
    routes = APIRouter(tags=["health"])
    told: set[str] = set()
    trusts = Depends(guard.knows(Scope.QUEUE_READ))

    @routes.get("/healthz", summary="Whether this process answers")
    async def healthz() -> Alive:
        return Alive()

    @routes.get(
        "/readyz",
        summary="Whether mail can be taken over and handed on",
        response_model_exclude_none=True,
        responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Readiness, "description": "Something does not work."}},
    )
    async def readyz(response: Response, trusted: bool = trusts) -> Readiness:
        failing = await failing_of(checks)
        for name in sorted(failing.keys() - told):
            log.warning("readiness.lost", part=name, why=failing[name])
        for name in sorted(told - failing.keys()):
            log.info("readiness.regained", part=name)
        told.clear()
        told.update(failing)
        if failing:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE.value
        status: Literal["ready", "not ready"] = "not ready" if failing else "ready"
        return Readiness(status=status, failing=list(failing), warnings=list(warnings())) if trusted else Readiness(status=status)

    @routes.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses={HTTPStatus.OK.value: {"content": {"text/plain": {}}, "description": "In Prometheus' text format."}},
    )
    async def metrics() -> Response:
        await refresh()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


async def failing_of(checks: Mapping[str, Check]) -> dict[str, str]:
    """The parts that do not work, each with why; all are asked at once."""
    found = await asyncio.gather(*(_trouble(check) for check in checks.values()))
    return {name: why for name, why in zip(checks, found, strict=True) if why}


async def _trouble(check: Check) -> str:
    """Why a part does not work; empty when it does."""
    try:
        async with asyncio.timeout(check_s):
            await check()
    except Exception as failure:  # noqa: BLE001 -- whatever it is, the part does not work, and the others are still to be told of
        return str(failure) or type(failure).__name__
    return ""
