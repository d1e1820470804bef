"""The page behind the link by which somebody says that an order is theirs: to look changes nothing, a button does (SL-B1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotDone, NotFound
from relay.web.site.layout import Site
from relay.web.site.offers.ports import Kept, Orders
from relay.web.site.route import PageRoute

Secret = Annotated[str, Path(min_length=1, max_length=100)]
GONE: Final = _("It is not possible any more: sold out, or its time is over. Nothing was sent; please choose anew.")


def router(site: Site, orders: Orders) -> APIRouter:
    """`/orders/{secret}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    def shown(request: Request, kept: Kept, status: HTTPStatus = HTTPStatus.OK, alert: str = "") -> Response:
        template = "offers/confirm.html" if kept.reference is None else "offers/sent.html"
        return site.page(
            request,
            template,
            None,
            status=status,
            kept=kept,
            way=kept.way.value,
            reference=kept.reference,
            home="/my",
            asked=kept.asked,
            alert=alert,
            pay_by=None,
            zone=ZoneInfo("UTC"),
            to_pay=False,
        )

    @routes.get("/orders/{secret}")
    async def look(secret: Secret, request: Request) -> Response:
        return shown(request, await orders.kept(secret))

    @routes.post("/orders/{secret}")
    async def confirm(secret: Secret, request: Request) -> Response:
        try:
            await orders.confirm(secret)
        except NotFound:
            raise
        except (Conflict, NotDone):
            return shown(request, await orders.kept(secret), HTTPStatus.CONFLICT, GONE)
        return RedirectResponse(request.url.path, HTTPStatus.SEE_OTHER)

    return routes
