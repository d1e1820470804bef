"""Who of the house may sign in, with which offices. No address is shown; making accounts is for the command line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from relay.correspondence.languages import marked
from relay.web.site.operator.ground import Ground
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer

HERE: Final = "/operator/accounts"
TOLD: Final = {
    "disabled": marked("Nobody signs in with it any more, and whoever did is signed out."),
    "enabled": marked("It may be signed in with again."),
}
OFFICES: Final = {
    Office.SUPPORT: marked("support"),
    Office.SENIOR: marked("senior support"),
    Office.LEGAL: marked("legal"),
    Office.OPERATOR: marked("operator"),
    Office.AUDITOR: marked("auditor"),
}
OWN: Final = marked("Your own account stays: another operator has to disable it.")


def router(ground: Ground) -> APIRouter:
    """`/operator/accounts`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    accounts = ground.ports.accounts

    async def listed(request: Request, viewer: Viewer, status: HTTPStatus = HTTPStatus.OK, problem: str = "") -> Response:
        return ground.page(
            request,
            "accounts.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            items=await accounts.all(),
            offices={one.value: told for one, told in OFFICES.items()},
            own=viewer.account.id if viewer.account is not None else "",
            problem=problem,
        )

    @routes.get(HERE)
    async def page(request: Request, viewer: Viewer = operates) -> Response:
        return await listed(request, viewer)

    @routes.post(f"{HERE}/{{id}}/disable")
    async def disable(request: Request, viewer: Viewer = operates) -> Response:
        id_ = request.path_params["id"]
        if viewer.account is not None and viewer.account.id == id_:
            return await listed(request, viewer, HTTPStatus.CONFLICT, OWN)
        await accounts.disable(id_, viewer.by)
        return back(HERE, "disabled")

    @routes.post(f"{HERE}/{{id}}/enable")
    async def enable(request: Request, viewer: Viewer = operates) -> Response:
        await accounts.enable(request.path_params["id"], viewer.by)
        return back(HERE, "enabled")

    return routes
