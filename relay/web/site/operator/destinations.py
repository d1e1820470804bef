"""Where mail goes, and destinations to which an operator lets nothing be sent (GW-50)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from relay.correspondence.languages import marked
from relay.errors import Conflict, NotDone
from relay.web.site.forms import entered
from relay.web.site.operator.ground import Ground
from relay.web.site.operator.queue_parts import HERE, because_characters_max, queue_page
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer

TOLD: Final = {
    "suspended": marked("Nothing is sent there until you resume it."),
    "resumed": marked("Mail goes there again, and what waited is due at once."),
}
_DESTINATIONS: Final = f"{HERE}/destinations"


def router(ground: Ground) -> APIRouter:
    """`/operator/queue/destinations`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    operation = ground.ports.operation

    async def page(
        request: Request,
        viewer: Viewer,
        status: HTTPStatus = HTTPStatus.OK,
        given: Mapping[str, str] | None = None,
        wrong: str = "",
    ) -> Response:
        return queue_page(
            ground,
            request,
            "destinations.html",
            viewer,
            "destinations",
            status=status,
            told=TOLD,
            suspended=await operation.suspended(),
            bound=await operation.bound(),
            given=given or {},
            wrong=wrong,
        )

    @routes.get(_DESTINATIONS)
    async def destinations(request: Request, viewer: Viewer = operates) -> Response:
        return await page(request, viewer)

    @routes.post(f"{_DESTINATIONS}/suspend")
    async def suspend(request: Request, viewer: Viewer = operates) -> Response:
        form = await entered(request)
        domain, because = form.line("domain"), form.line("because")[:because_characters_max]
        try:
            await operation.suspend(domain, viewer.by, because)
        except NotDone as why:
            given = {"domain": domain, "because": because}
            status = HTTPStatus.CONFLICT if isinstance(why, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
            return await page(request, viewer, status, given, str(why))
        return back(_DESTINATIONS, "suspended")

    @routes.post(f"{_DESTINATIONS}/resume")
    async def resume(request: Request, viewer: Viewer = operates) -> Response:
        await operation.resume((await entered(request)).line("domain"), viewer.by)
        return back(_DESTINATIONS, "resumed")

    return routes
