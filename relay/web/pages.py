"""Pages for people: templates, escaped, with their style sheet. They work without JavaScript and load nothing from elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES: Final = Path(__file__).parent / "templates"
_pages: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="6" width="28" height="20" rx="4" fill="#0a5a83"/>'
    '<path d="M5 10l11 8 11-8" fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round"/></svg>'
)
"""An envelope."""
_KEPT: Final = {"Cache-Control": "public, max-age=300"}
"""Long enough for a visit, and short enough for a new version."""


def page(template: str, policy: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Response:
    """`template` with `values`, under that Content-Security-Policy. No search engine keeps it."""
    headers = {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex"}
    return HTMLResponse(_pages.get_template(template).render(values), status, headers)


def router() -> APIRouter:
    """`/style.css`, `/site.js`, and the sign that browsers show beside a page's name."""
    routes = APIRouter(include_in_schema=False)
    style_sheet, script = (_TEMPLATES / "style.css").read_text(), (_TEMPLATES / "site.js").read_text()

    @routes.get("/style.css")
    async def style() -> Response:
        return Response(style_sheet, media_type="text/css", headers=_KEPT)

    @routes.get("/site.js")
    async def site_script() -> Response:
        return Response(script, media_type="text/javascript", headers=_KEPT)

    @routes.get("/favicon.ico")
    async def icon() -> Response:
        return Response(_ICON, media_type="image/svg+xml", headers=_KEPT)

    return routes
