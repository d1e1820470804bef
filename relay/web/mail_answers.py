"""The page by which an answer by mail is taken back: looking changes nothing, as on all pages behind links in mails."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from relay.booking.link import form_token, version_of
from relay.correspondence.house import House
from relay.correspondence.link_page import LinkPage, no_such_link
from relay.correspondence.receipt import undo_page
from relay.errors import NotFound
from relay.web.answer_ports import BookingAnswers, OpenAnswer
from relay.web.language import asked_language
from relay.web.pages import page

secret_characters_max: Final = 100
form_octets_max: Final = 400

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_VERSION: Final = 1
"""An answer has no versions."""

Secret = Annotated[str, Path(max_length=secret_characters_max)]


def router(answers: BookingAnswers, house: House) -> APIRouter:
    """`/answers/{secret}`."""
    routes = APIRouter(include_in_schema=False)

    def shown(content: LinkPage, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return page("link.html", _POLICY, status, page=content, brand=house.brand, support_url=house.support_url)

    @routes.get("/answers/{secret}", response_class=HTMLResponse)
    async def look(secret: Secret, request: Request) -> Response:
        try:
            answer = await answers.look(secret)
        except NotFound:
            return shown(no_such_link(asked_language(request)), HTTPStatus.NOT_FOUND)
        return shown(_content(answer, secret))

    @routes.post("/answers/{secret}", response_class=HTMLResponse)
    async def undo(secret: Secret, request: Request) -> Response:
        """Whoever reloads the page afterwards looks."""
        given = parse_qs((await request.body())[:form_octets_max].decode("ascii", "replace"))
        token, version = (given.get(one, [""])[0] for one in ("token", "version"))
        try:
            if version_of(secret, token, version) is not None:
                await answers.undo(secret)
            else:
                await answers.look(secret)
        except NotFound:
            return shown(no_such_link(asked_language(request)), HTTPStatus.NOT_FOUND)
        return RedirectResponse(secret, HTTPStatus.SEE_OTHER)

    return routes


def _content(answer: OpenAnswer, secret: str) -> LinkPage:
    return undo_page(
        answer.act,
        answer.due_at,
        answer.language,
        is_open=answer.is_open,
        is_undone=answer.is_undone,
        token=form_token(secret, _VERSION),
        version=_VERSION,
    )
