"""Everything in one look: what works, what waits, what somebody has to hear of; and the doctor (faults.md 4.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.booking.selection import Filter
from relay.web.booking_ports import Bookings
from relay.web.health import failing_of
from relay.web.site.operator.ground import GRAVE, Ground, rows_max
from relay.web.site.viewer import Office, Viewer

late_max: Final = timedelta(minutes=5)
"""A delivery that waits for longer beyond its time is nobody's any more."""
renewed_before: Final = timedelta(days=14)


def router(ground: Ground, bookings: Bookings | None) -> APIRouter:
    """`/operator`, `/operator/doctor`, `/operator/alerts`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    ports = ground.ports

    @routes.get("/operator")
    async def overview(request: Request, viewer: Viewer = operates) -> Response:
        failing = await failing_of(ports.checks)
        found = await ports.operation.overview()
        counts = await bookings.counts(Filter(overdue=True)) if bookings is not None else None
        warnings = ports.warnings()
        return ground.page(
            request,
            "overview.html",
            viewer,
            "/operator",
            failing=failing,
            checked=len(ports.checks),
            grave=[one for one in warnings if one.startswith(GRAVE)],
            warnings=[one for one in warnings if not one.startswith(GRAVE)],
            load=found.load,
            late_max=late_max,
            failed=found.failed,
            untold=found.untold,
            suspended=found.suspended,
            alerts=found.alerts,
            audited=found.audited,
            overdue=counts.overdue if counts is not None else None,
            certificate=ports.certificate(),
            renewed_before=renewed_before,
            examined=ports.doctor.last,
        )

    @routes.get("/operator/doctor")
    async def doctor(request: Request, viewer: Viewer = operates) -> Response:
        return ground.page(request, "doctor.html", viewer, "/operator", examined=ports.doctor.last)

    @routes.post("/operator/doctor")
    async def examine(request: Request, viewer: Viewer = operates) -> Response:
        """The answer is the page itself: another process, which a redirect may lead to, has not examined anything."""
        return ground.page(request, "doctor.html", viewer, "/operator", examined=await ports.doctor.examine())

    @routes.get("/operator/alerts")
    async def alerts(
        request: Request, viewer: Viewer = operates, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
    ) -> Response:
        found = await ports.operation.alerts(rows_max + 1, before)
        items = found[:rows_max]
        return ground.page(
            request,
            "alerts.html",
            viewer,
            "/operator",
            items=items,
            next=f"/operator/alerts?before={items[-1].number}" if len(found) > rows_max else "",
            first="/operator/alerts" if before is not None else "",
        )

    return routes
