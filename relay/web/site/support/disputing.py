"""The pages of a dispute put together."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from relay.web.site.support import acts, dispute, genuine, messages, queue_acts
from relay.web.site.support.context import DisputeGround


def routers(ground: DisputeGround) -> Iterator[APIRouter]:
    """The screen, the message, stepping in, and "is this genuine?"."""
    yield dispute.router(ground)
    yield acts.router(ground)
    yield queue_acts.router(ground)
    yield messages.router(ground)
    yield genuine.router(ground)
