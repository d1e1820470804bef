"""What failed for good, and of what nobody could be told (GW-51, GW-53)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.web.site.operator.ground import Ground, rows_max
from relay.web.site.operator.queue_parts import HERE, queue_page
from relay.web.site.viewer import Office, Viewer


def router(ground: Ground) -> APIRouter:
    """`/operator/queue/dead`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))

    @routes.get(f"{HERE}/dead")
    async def dead(
        request: Request,
        viewer: Viewer = operates,
        after: Annotated[str | None, Query(max_length=60)] = None,
        untold: Annotated[str, Query(max_length=3)] = "",
    ) -> Response:
        found = await ground.ports.operation.dead_letters(rows_max + 1, after, untold=bool(untold))
        items = found[:rows_max]
        narrowed = {"untold": "yes"} if untold else {}
        return queue_page(
            ground,
            request,
            "dead.html",
            viewer,
            "dead",
            items=items,
            only_untold=bool(untold),
            next=f"{HERE}/dead?{urlencode({**narrowed, 'after': items[-1].id})}" if len(found) > rows_max else "",
            first=f"{HERE}/dead?{urlencode(narrowed)}" if after else "",
        )

    return routes
