"""Who of the house looked at what, for auditors alone; reading it is a look too (AR-1 access audit)."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.correspondence.languages import marked as _
from relay.transit.casework import Looked, object_characters_max
from relay.web.site.support.ground import SupportGround, rows_max
from relay.web.site.viewer import Office, Viewer

LOOKS: Final = {
    Looked.LIST: _("listed"),
    Looked.SEARCH: _("searched"),
    Looked.VIEW: _("viewed"),
    Looked.REVEAL: _("revealed"),
    Looked.DOWNLOAD: _("downloaded"),
    Looked.EXPORT: _("exported"),
}


def router(ground: SupportGround) -> APIRouter:
    """`/support/audit`."""
    routes = ground.routes()
    audits = Depends(ground.site.needs(Office.AUDITOR))

    @routes.get("/support/audit")
    async def audit(
        request: Request,
        account: Annotated[str, Query(max_length=100)] = "",
        object_: Annotated[str, Query(alias="object", max_length=object_characters_max)] = "",
        day: Annotated[str, Query(max_length=10)] = "",
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        viewer: Viewer = audits,
    ) -> Response:
        narrowed = {"account": account.strip(), "object": object_.strip(), "day": day.strip()}
        kept = {name: value for name, value in narrowed.items() if value}
        wrong, wanted = "", None
        try:
            wanted = date.fromisoformat(narrowed["day"]) if narrowed["day"] else None
        except ValueError:
            wrong = _("A day is needed, such as 2026-06-30.")
        said = ", ".join(f"{name} {value}" for name, value in kept.items())
        await ground.note(viewer, Looked.LIST, f"accesses{': ' if said else ''}{said}")
        found = await ground.audit.page(
            account=narrowed["account"], object_=narrowed["object"], day=wanted, before=before, limit=rows_max + 1
        )
        items = found[:rows_max] if not wrong else []
        return ground.page(
            request,
            "audit.html",
            viewer,
            "accesses",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
            items=items,
            narrowed=narrowed,
            is_narrowed=bool(kept),
            wrong=wrong,
            looks=LOOKS,
            href=_href,
            next=_href({**kept, "before": str(items[-1].number)}) if items and len(found) > rows_max else "",
            first=_href(kept) if before is not None else "",
        )

    return routes


def _href(asked: dict[str, str]) -> str:
    return f"/support/audit?{urlencode(asked)}" if asked else "/support/audit"
