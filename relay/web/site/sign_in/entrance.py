"""The way in and out. A link in a mail leads to a page with one button: programs that look at the links of a mail sign nobody in.

Whoever asks for a link is told the same, known or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked
from relay.errors import NotFound
from relay.transit.network import neighbourhood
from relay.values import RealAddress
from relay.web.language import asked_language
from relay.web.site.forms import entered
from relay.web.site.home import first_page
from relay.web.site.layout import SECURE_COOKIE, Site, cookie_name
from relay.web.site.route import PageRoute
from relay.web.site.sign_in.agents import agent_words
from relay.web.site.sign_in.ports import Entered, SignIn, Wish
from relay.web.site.sign_in.ways import ours
from relay.web.site.viewer import session_characters_max

TOLD: Final = {"out": marked("You are signed out.")}
NO_ADDRESS: Final = marked("This is no mail address. Write it as name@example.com.")
cookie_s_max: Final = 400 * 24 * 3_600
"""No browser keeps one longer (RFC 6265bis §5.5). When the session ends is known here, and not by the cookie."""


def router(site: Site, sign_in: SignIn, *, has_house_door: bool = False) -> APIRouter:
    """`/sign-in`, the page behind a link, and `/sign-out`. `has_house_door`: there is relay.web.site.sign_in.house, too."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    pages = _Entrance(site, sign_in, has_house_door)
    routes.get("/sign-in")(pages.ask)
    routes.post("/sign-in")(pages.asked)
    routes.get("/sign-in/sent")(pages.sent)
    routes.get("/sign-in/{secret}")(pages.link)
    routes.post("/sign-in/{secret}")(pages.enter)
    routes.post("/sign-out")(pages.out)
    return routes


@dataclass(frozen=True, slots=True)
class _Entrance:
    """The pages themselves."""

    site: Site
    sign_in: SignIn
    has_house_door: bool

    async def ask(self, request: Request) -> Response:
        wanted = ours(request.query_params.get("next", ""))
        viewer = await self.site.anybody(request)
        if viewer is not None:
            return RedirectResponse(wanted or first_page(viewer), HTTPStatus.SEE_OTHER)
        return self._form(request, next=wanted)

    async def asked(self, request: Request) -> Response:
        sent = await entered(request)
        written, wanted = sent.line("address"), ours(sent.line("next"))
        try:
            address = RealAddress(written)
        except ValueError:
            return self._form(request, HTTPStatus.UNPROCESSABLE_ENTITY, address=written, next=wanted, wrong=NO_ADDRESS)
        client = request.client.host if request.client is not None else ""
        if not await self.sign_in.ask(Wish(address, wanted, neighbourhood(client), asked_language(request))):
            return self._form(request, HTTPStatus.TOO_MANY_REQUESTS, address=written, next=wanted, too_often=True)
        return RedirectResponse("/sign-in/sent", HTTPStatus.SEE_OTHER)

    async def sent(self, request: Request) -> Response:
        return self.site.page(request, "sign_in/sent.html", None)

    async def link(self, request: Request, secret: str) -> Response:
        address = await self.sign_in.invited(_checked(secret))
        if address is None:
            return self._dead(request)
        return self.site.page(request, "sign_in/enter.html", None, secret=secret, address=hinted(address))

    async def enter(self, request: Request, secret: str) -> Response:
        inside = await self.sign_in.enter(_checked(secret), agent_words(request.headers.get("user-agent", "")))
        if inside is None:
            return self._dead(request)
        return await let_in(request, self.sign_in, inside)

    async def out(self, request: Request) -> Response:
        await _leave(request, self.sign_in)
        answer = RedirectResponse("/sign-in?told=out", HTTPStatus.SEE_OTHER)
        name = cookie_name(request)
        answer.delete_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="lax")
        return answer

    def _form(self, request: Request, status: HTTPStatus = HTTPStatus.OK, **shown: object) -> Response:
        whole = {"address": "", "next": "", "wrong": "", "too_often": False, **shown}
        whole["house"] = f"/sign-in/house?{urlencode({'next': whole['next']})}" if self.has_house_door else ""
        return self.site.page(request, "sign_in/ask.html", None, status=status, told=TOLD, asked=whole)

    def _dead(self, request: Request) -> Response:
        return self.site.page(request, "sign_in/dead.html", None, status=HTTPStatus.GONE)


async def let_in(request: Request, sign_in: SignIn, inside: Entered) -> Response:
    """To where somebody wanted to go, signed in. Whoever was signed in with this browser before is not any more."""
    await _leave(request, sign_in)
    name = cookie_name(request)
    answer = RedirectResponse(ours(inside.next) or first_page(inside.viewer), HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        name, inside.secret, max_age=cookie_s_max, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="lax"
    )
    return answer


async def _leave(request: Request, sign_in: SignIn) -> None:
    secret = request.cookies.get(cookie_name(request), "")
    if 0 < len(secret) <= session_characters_max:
        await sign_in.leave(secret)


def hinted(address: RealAddress) -> str:
    """So much of an address that its owner knows it."""
    return f"{address.reveal()[0]}…@{address.domain}"


def _checked(secret: str) -> str:
    """Raises NotFound for what is no secret of ours."""
    if len(secret) > session_characters_max:
        raise NotFound("no such link")
    return secret
