"""Refunds that people make: who has given cash back, or transferred it, says so (OR-B2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Protocol

from fastapi import APIRouter, Depends

from relay.web.bookings import Reference
from relay.web.guard import Guard, by
from relay.web.ports import Bearer
from relay.web.problems import described
from relay.web.scopes import Scope
from relay.web.terms import Id


class RefundsByHand(Protocol):
    """Refunds for which people have to do something."""

    async def done(self, reference: str, refund: str, by: str) -> None:
        """It has gone back. Raises NotFound, and Conflict for one that the payment provider makes, or that has ended."""
        ...


def router(refunds: RefundsByHand, guard: Guard) -> APIRouter:
    """`/bookings/{reference}/refunds/{refund}/done`."""
    operates = Depends(guard.needs(Scope.BOOKINGS_OPERATE))
    problems = described(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
    routes = APIRouter(prefix="/bookings/{reference}/refunds", tags=["bookings"], responses=problems)

    @routes.post("/{refund}/done", summary="Say that a refund by hand was made", status_code=HTTPStatus.NO_CONTENT)
    async def done(reference: Reference, refund: Id, bearer: Bearer = operates) -> None:
        """What was paid in cash or by transfer goes back so, and customer and partner are told (N21)."""
        await refunds.done(reference, refund, by(bearer))

    return routes
