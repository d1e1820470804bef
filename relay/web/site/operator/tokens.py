"""Who may use the API: tokens are listed, made, and made worthless. A secret is shown once, on the answer to the form."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from relay.correspondence.languages import marked
from relay.errors import NotDone
from relay.web.operator_ports import ShownToken
from relay.web.scopes import Scope
from relay.web.site.forms import entered
from relay.web.site.operator.ground import Ground
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer

HERE: Final = "/operator/tokens"
TOLD: Final = {"revoked": marked("The token is worth nothing any more.")}
NO_NAME: Final = marked("Say who or what will use it.")
NO_SCOPE: Final = marked("Tick what it may do.")
name_characters_max: Final = 200
SCOPES: Final = {
    Scope.CONVERSATIONS_READ: marked("See conversations; no address"),
    Scope.CONVERSATIONS_WRITE: marked("Open, change and close conversations"),
    Scope.ARCHIVE_READ: marked("Search the archive"),
    Scope.QUEUE_READ: marked("See what is under way"),
    Scope.QUEUE_WRITE: marked("Retry, hold, release and drop deliveries"),
    Scope.CATALOGUE_READ: marked("See partners and offers; no address"),
    Scope.CATALOGUE_WRITE: marked("Add and change partners and offers"),
    Scope.BOOKINGS_READ: marked("See bookings; no address"),
    Scope.BOOKINGS_WRITE: marked("Book, and act for customers and partners"),
    Scope.BOOKINGS_OPERATE: marked("Act on bookings as support or an operator"),
    Scope.WEBHOOKS_READ: marked("See where events go"),
    Scope.WEBHOOKS_WRITE: marked("Say where events go"),
}
"""What each scope lets somebody do."""


def router(ground: Ground) -> APIRouter:
    """`/operator/tokens`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    tokens = ground.ports.tokens

    async def listed(
        request: Request,
        viewer: Viewer,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        name: str = "",
        scopes: Sequence[str] = (),
        wrong: str = "",
        wrong_scopes: str = "",
        made: tuple[ShownToken, str] | None = None,
    ) -> Response:
        found = await tokens.all()
        return ground.page(
            request,
            "tokens.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            live=[one for one in found if one.revoked_at is None],
            revoked=[one for one in found if one.revoked_at is not None],
            scopes={one.value: told for one, told in SCOPES.items()},
            name=name,
            ticked=scopes,
            wrong=wrong,
            wrong_scopes=wrong_scopes,
            made=made,
            name_characters_max=name_characters_max,
        )

    @routes.get(HERE)
    async def page(request: Request, viewer: Viewer = operates) -> Response:
        return await listed(request, viewer)

    @routes.post(HERE)
    async def create(request: Request, viewer: Viewer = operates) -> Response:
        """The answer is the page itself: the secret stands nowhere else, and in no address."""
        form = await entered(request)
        name, scopes = form.line("name"), [one for one in form.all("scope") if one in {scope.value for scope in Scope}]
        if not name or not scopes:
            wrong, wrong_scopes = "" if name else NO_NAME, "" if scopes else NO_SCOPE
            refused = HTTPStatus.UNPROCESSABLE_ENTITY
            return await listed(request, viewer, refused, name=name, scopes=scopes, wrong=wrong, wrong_scopes=wrong_scopes)
        try:
            made = await tokens.create(name, scopes, viewer.by)
        except NotDone as why:
            return await listed(request, viewer, HTTPStatus.UNPROCESSABLE_ENTITY, name=name, scopes=scopes, wrong=str(why))
        return await listed(request, viewer, made=made)

    @routes.post(f"{HERE}/{{id}}/revoke")
    async def revoke(request: Request, viewer: Viewer = operates) -> Response:
        await tokens.revoke(request.path_params["id"], viewer.by)
        return back(HERE, "revoked")

    return routes
