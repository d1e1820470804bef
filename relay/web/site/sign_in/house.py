"""The way in for people of the house, by their house's own provider (OpenID Connect)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.web.site.layout import SECURE_COOKIE, Site, cookie_name
from relay.web.site.route import PageRoute
from relay.web.site.sign_in.agents import agent_words
from relay.web.site.sign_in.entrance import let_in
from relay.web.site.sign_in.ports import HouseDoor, SignIn
from relay.web.site.sign_in.ways import ours

away_s_max: Final = 600
"""How long somebody may take at the provider."""
_text_characters_max: Final = 4_000


def router(site: Site, sign_in: SignIn, door: HouseDoor) -> APIRouter:
    """`/sign-in/house` leads to the provider, who leads back."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    pages = _House(site, sign_in, door)
    routes.get("/sign-in/house")(pages.begin)
    routes.get("/sign-in/house/back")(pages.back)
    return routes


@dataclass(frozen=True, slots=True)
class _House:
    site: Site
    sign_in: SignIn
    door: HouseDoor

    async def begin(self, request: Request) -> Response:
        """What comes back counts for this browser alone: it holds a secret of which the provider sees a hash."""
        secret, wanted = secrets.token_urlsafe(32), ours(request.query_params.get("next", ""))
        answer = RedirectResponse(await self.door.begin(secret), HTTPStatus.SEE_OTHER)
        name = _cookie(request)
        answer.set_cookie(
            name,
            f"{secret}.{quote(wanted, safe='')}",
            max_age=away_s_max,
            path="/",
            secure=name.startswith("__Host-"),
            httponly=True,
            samesite="lax",
        )
        return answer

    async def back(self, request: Request) -> Response:
        name, asked = _cookie(request), request.query_params
        secret, _, wanted = request.cookies.get(name, "")[:_text_characters_max].partition(".")
        state, code = (asked.get(one, "")[:_text_characters_max] for one in ("state", "code"))
        agent = agent_words(request.headers.get("user-agent", ""))
        inside = await self.door.enter(secret, state, code, agent) if secret and code else None
        if inside is None:
            answer = self.site.page(request, "sign_in/refused.html", None, status=HTTPStatus.FORBIDDEN)
        else:
            answer = await let_in(request, self.sign_in, replace(inside, next=unquote(wanted)))
        answer.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
        return answer


def _cookie(request: Request) -> str:
    """What the cookie of somebody is called who is away at the provider."""
    return "__Host-relay-away" if cookie_name(request) == SECURE_COOKIE else "relay-away"
