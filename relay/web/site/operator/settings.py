"""The configuration as it counts in this process, each key with where it comes from; of secrets, whether they are set."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.correspondence.languages import marked
from relay.web.site.operator.ground import GRAVE, Ground
from relay.web.site.viewer import Office, Viewer

HERE: Final = "/operator/settings"
ORIGINS: Final = {"environment": marked("environment"), "file": marked("file"), "default": marked("default")}


def router(ground: Ground) -> APIRouter:
    """`/operator/settings`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))

    @routes.get(HERE)
    async def settings(
        request: Request, viewer: Viewer = operates, changed: Annotated[str, Query(max_length=3)] = ""
    ) -> Response:
        shown = [one for one in ground.ports.settings if not changed or one.origin != "default"]
        warnings = ground.ports.warnings()
        return ground.page(
            request,
            "settings.html",
            viewer,
            HERE,
            sections=[(name, list(keys)) for name, keys in groupby(shown, lambda one: one.section)],
            origin_words=ORIGINS,
            only_changed=bool(changed),
            warnings=warnings,
            grave=[one for one in warnings if one.startswith(GRAVE)],
        )

    return routes
