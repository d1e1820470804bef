"""Profiles: which variants may be reserved, by whom, where and on which days (ST-6, ST-8)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.web.catalogue_ports import Catalogue
from relay.web.site.operator import words
from relay.web.site.operator.ground import Ground, rows_max
from relay.web.site.viewer import Office, Viewer


def router(ground: Ground, catalogue: Catalogue) -> APIRouter:
    """`/operator/releases/profiles`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))

    @routes.get("/operator/releases/profiles")
    async def profiles(
        request: Request, viewer: Viewer = operates, after: Annotated[str | None, Query(max_length=100)] = None
    ) -> Response:
        found = await catalogue.profiles.page(None, rows_max + 1, after)
        items = found[:rows_max]
        return ground.page(
            request,
            "profiles.html",
            viewer,
            "/operator/releases",
            items=items,
            audience_words=words.AUDIENCES,
            channel_words=words.CHANNELS,
            next=f"/operator/releases/profiles?after={quote(items[-1].id, safe='')}" if len(found) > rows_max else "",
            first="/operator/releases/profiles" if after is not None else "",
        )

    return routes
