"""Where payment providers tell what happened: a 200 means that it is stored, and until then they tell it again (T12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from relay.web.ports import PaymentMessages

Provider = Annotated[str, Path(max_length=40)]


def router(payments: PaymentMessages) -> APIRouter:
    """`/webhooks/{provider}`. Whoever sends there is known by their signature and by nothing else."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/webhooks/{provider}")
    async def told(provider: Provider, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        await payments.take(provider, await request.body(), headers)
        return Response()

    return routes
