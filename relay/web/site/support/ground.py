"""On what the pages of search and cases stand: who may see them, the way about them, and the trace that they leave (AR-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from relay.transit.casework import Looked
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.support.audit_ports import Audit
from relay.web.site.support.case_ports import Cases
from relay.web.site.support.search_ports import Finder
from relay.web.site.support.ways import support_ways
from relay.web.site.viewer import Account, Office, Viewer

UTC: Final = ZoneInfo("UTC")
rows_max: Final = 50
READERS: Final = (Office.SUPPORT, Office.SENIOR, Office.LEGAL)
"""Who searches, and works on cases."""


@dataclass(frozen=True, slots=True)
class SupportGround:
    """What these pages share."""

    site: Site
    finder: Finder
    cases: Cases
    audit: Audit

    def routes(self) -> APIRouter:
        """A router whose answers are pages."""
        return APIRouter(include_in_schema=False, route_class=PageRoute)

    async def note(self, viewer: Viewer, what: Looked, object_: str, *, case: int | None = None) -> None:
        """`viewer` is about to look."""
        await self.audit.note(account_of(viewer), what, object_, case=case)

    def page(
        self,
        request: Request,
        template: str,
        viewer: Viewer,
        here: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        told: Mapping[str, str] | None = None,
        **values: Any,  # whatever its template names
    ) -> Response:
        ways = support_ways(viewer, here)
        return self.site.page(
            request,
            f"support/{template}",
            viewer,
            status=status,
            ways=ways,
            told=told,
            utc=UTC,
            booking_href=booking_href,
            message_href=message_href,
            **values,
        )


def account_of(viewer: Viewer) -> Account:
    """Of the house, as everybody is who gets here."""
    if viewer.account is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return viewer.account


def booking_href(reference: str) -> str:
    """The page of a dispute about that booking."""
    return f"/support/bookings/{quote(reference, safe='')}"


def message_href(reference: str, message: str) -> str:
    """Where a message stands in its conversation."""
    return f"{booking_href(reference)}?message={quote(message, safe='')}"
