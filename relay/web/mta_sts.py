"""The MTA-STS policy, where senders look for it (RFC 8461 §3.3)."""

from __future__ import annotations

from fastapi import APIRouter, Response


def router(policy: str) -> APIRouter:
    """`/.well-known/mta-sts.txt` with `policy`, under whatever name the host is asked: the proxy in front has the certificate."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/.well-known/mta-sts.txt")
    async def mta_sts() -> Response:
        return Response(policy, media_type="text/plain")

    return routes
