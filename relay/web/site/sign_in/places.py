"""Where somebody is signed in: each place can be ended, or all others at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.correspondence.languages import marked
from relay.errors import NotDone, NotFound
from relay.values import Language
from relay.web.site.forms import entered
from relay.web.site.layout import Site
from relay.web.site.route import PageRoute
from relay.web.site.sign_in.agents import BETWEEN
from relay.web.site.sign_in.ports import SignIn
from relay.web.site.words import LANGUAGES

TOLD: Final = {
    "ended": marked("Nobody is signed in there any more."),
    "others": marked("You are signed in here alone."),
    "language": marked("From now on the pages are in this language."),
}
_UTC: Final = ZoneInfo("UTC")


def router(site: Site, sign_in: SignIn) -> APIRouter:
    """`/sessions`, and what is done there."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/sessions")
    async def places(request: Request) -> Response:
        viewer = await site.viewer(request)
        shown = [(one, one.agent.partition(BETWEEN)) for one in await sign_in.places(viewer)]
        return site.page(
            request,
            "sign_in/places.html",
            viewer,
            told=TOLD,
            places=shown,
            address=viewer.address.reveal(),
            languages=[(one.value, name) for one, name in LANGUAGES.items()],
            zone=_UTC,
        )

    @routes.post("/sessions/end-others")
    async def end_others(request: Request) -> Response:
        await sign_in.end_others(await site.viewer(request))
        return RedirectResponse("/sessions?told=others", HTTPStatus.SEE_OTHER)

    @routes.post("/sessions/language")
    async def language(request: Request) -> Response:
        viewer, chosen = await site.viewer(request), (await entered(request)).line("language")
        if chosen not in {one.value for one in Language}:
            raise NotDone("no language of ours")
        await sign_in.speak(viewer, Language(chosen))
        return RedirectResponse("/sessions?told=language", HTTPStatus.SEE_OTHER)

    @routes.post("/sessions/{session}/end")
    async def end(request: Request, session: str) -> Response:
        viewer = await site.viewer(request)
        if session == viewer.session:
            raise NotFound("that is signing out")
        await sign_in.end(viewer, session)
        return RedirectResponse("/sessions?told=ended", HTTPStatus.SEE_OTHER)

    return routes
