"""The pages of a dispute put together."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from relay.web.site.support import acts, dispute, genuine, messages
from relay.web.site.support.context import DisputeGround


def routers(desk: DisputeGround) -> Iterator[APIRouter]:
    """The screen, the message, stepping in, and "is this genuine?"."""
    yield dispute.router(desk)
    yield acts.router(desk)
    yield messages.router(desk)
    yield genuine.router(desk)
