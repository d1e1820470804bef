"""Alerts over HTTP: what a booking system may want to act on, such as an address that is dead (GW-54, FAULT-75)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from relay.transit.alarm import Alarm, Alert
from relay.values import Role
from relay.web.guard import Guard
from relay.web.ports import Alerts
from relay.web.scopes import Scope

page_max = 100


class ShownAlert(BaseModel):
    """One alert. Times are in UTC."""

    number: int = Field(description="Grows with each: give the last one as `after` to learn what is new.")
    at: datetime
    alarm: Alarm
    reference: str = Field(description="Of the booking in whose conversation it happened.")
    party: Role | None = Field(
        description="Whose address it is, who complained, or who could not be told; null for the operators themselves."
    )
    message: str | None = Field(description="Our id of the message that it came with; null where that was mail about a booking.")
    notification: str | None = Field(
        description="Our id of the mail about the booking that it came with; null where it was none."
    )
    detail: str = Field(description="The kind of the complaint, or why the mail failed.")
    told_at: datetime | None = Field(description="When the operators were told by mail; null while they are not.")

    @classmethod
    def of(cls, alert: Alert) -> ShownAlert:
        return cls(
            number=alert.number,
            at=alert.at,
            alarm=alert.alarm,
            reference=alert.reference,
            party=alert.party,
            message=alert.message,
            notification=alert.notification,
            detail=alert.detail,
            told_at=alert.told_at,
        )


class Page(BaseModel):
    """Alerts, the oldest first."""

    items: list[ShownAlert]


def router(alerts: Alerts, guard: Guard) -> APIRouter:
    """`/alerts`."""
    routes = APIRouter(prefix="/alerts", tags=["alerts"])
    reads = Depends(guard.needs(Scope.CONVERSATIONS_READ))

    @routes.get("", summary="What somebody at the house has to hear of", dependencies=[reads])
    async def page(
        limit: Annotated[int, Query(ge=1, le=page_max)] = 50,
        after: Annotated[int, Query(ge=0, le=2**62, description="Only those with a higher number.")] = 0,
    ) -> Page:
        """Dead addresses, complaints, notices that could not be delivered. Who asks from time to time misses none."""
        return Page(items=[ShownAlert.of(one) for one in await alerts.page(limit, after)])

    return routes
