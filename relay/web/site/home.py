"""The first page: it leads everybody to theirs."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Office, Viewer


def router(site: Site) -> APIRouter:
    """`/`; the demonstration has a page of its own there."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/")
    async def home(request: Request) -> Response:
        return RedirectResponse(first_page(await site.viewer(request)), HTTPStatus.SEE_OTHER)

    return routes


def first_page(viewer: Viewer) -> str:
    """Where `viewer` begins: at what waits for them."""
    if viewer.account is not None:
        reads_mail = viewer.account.offices & {Office.SUPPORT, Office.SENIOR, Office.LEGAL}
        return "/operator" if viewer.holds(Office.OPERATOR) and not reads_mail else "/support"
    return f"/partner/{viewer.partners[0].partner}" if viewer.partners else "/my"
