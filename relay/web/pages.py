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

_KEPT: Final = {"Cache-Control": "public, max-age=300"}
"""Long enough for a visit, and short enough for a new version."""


def page(template: str, policy: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Response:
    """`template` with `values`, under that Content-Security-Policy. No search engine keeps it."""
    headers = {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex"}
    return HTMLResponse(_pages.get_template(template).render(values), status, headers)


def router() -> APIRouter:
    """`/style.css` and `/site.js`."""
    routes = APIRouter(include_in_schema=False)
    style_sheet, script = (_TEMPLATES / "style.css").read_text(), (_TEMPLATES / "site.js").read_text()

    @routes.get("/style.css")
    async def style() -> Response:
        return Response(style_sheet, media_type="text/css", headers=_KEPT)

    @routes.get("/site.js")
    async def site_script() -> Response:
        return Response(script, media_type="text/javascript", headers=_KEPT)

    return routes
