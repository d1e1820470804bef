"""Where the payment provider sends people back to. The pages know nobody, and nothing follows from looking at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from relay.correspondence.link_page import LinkPage
from relay.correspondence.paid_page import left_page, paid_page
from relay.values import Language
from relay.web.language import asked_language
from relay.web.pages import page
from relay.web.ports import left_path, paid_path

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def router(brand: str, support_url: str) -> APIRouter:
    """`/payments/made` and `/payments/left`."""
    routes = APIRouter(include_in_schema=False)

    def shown(request: Request, of: Callable[[Language], LinkPage]) -> Response:
        return page("link.html", _POLICY, page=of(asked_language(request)), brand=brand, support_url=support_url)

    @routes.get(paid_path, response_class=HTMLResponse)
    async def paid(request: Request) -> Response:
        return shown(request, paid_page)

    @routes.get(left_path, response_class=HTMLResponse)
    async def left(request: Request) -> Response:
        return shown(request, left_page)

    return routes
