"""Where events go: endpoints, what became of each event, sending again, another secret (Standard Webhooks)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.correspondence.languages import marked
from relay.errors import NotDone
from relay.web.site.forms import Entered, entered
from relay.web.site.operator.ground import Ground, rows_max
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer
from relay.web.webhook_ports import Endpoint, Sending, Webhooks

HERE: Final = "/operator/webhooks"
TOLD: Final = {
    "enabled": marked("Events go there again. What happened meanwhile is not sent."),
    "disabled": marked("No events go there until it is switched on again."),
    "removed": marked("The endpoint is removed."),
    "changed": marked("It is changed."),
    "again": marked("It is sent again, at once."),
}
SENDINGS: Final = {
    Sending.DUE: marked("under way"),
    Sending.DELIVERED: marked("delivered"),
    Sending.FAILED: marked("given up"),
}
NO_EVENT: Final = marked("Names of events are like booking.accept, with spaces between them.")
url_characters_max: Final = 2000
events_characters_max: Final = 6000
_EVENT: Final = re.compile(r"[a-z_.]{1,60}")


@dataclass(frozen=True, slots=True)
class _Pages:
    """The list, and the page of each."""

    ground: Ground
    webhooks: Webhooks

    async def listed(
        self,
        request: Request,
        viewer: Viewer,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        url: str = "",
        events: str = "",
        wrong: str = "",
        wrong_events: str = "",
    ) -> Response:
        return self.ground.page(
            request,
            "webhooks.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            items=await self.webhooks.all(),
            url=url,
            events=events,
            wrong=wrong,
            wrong_events=wrong_events,
            url_characters_max=url_characters_max,
            events_characters_max=events_characters_max,
        )

    async def one(
        self,
        request: Request,
        viewer: Viewer,
        endpoint: Endpoint,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        state: str = "",
        after: str | None = None,
        secret: str = "",
        wrong: str = "",
    ) -> Response:
        """`secret` is shown where it was just made."""
        wanted = next((one for one in Sending if one.value == state), None)
        found = await self.webhooks.log(endpoint.id, wanted, rows_max + 1, after)
        items = found[:rows_max]
        here, narrowed = f"{HERE}/{endpoint.id}", {"state": state} if wanted is not None else {}
        return self.ground.page(
            request,
            "webhook.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            endpoint=endpoint,
            items=items,
            state=state if wanted is not None else "",
            sending_words=SENDINGS,
            Sending=Sending,
            secret=secret,
            wrong=wrong,
            next=f"{here}?{urlencode({**narrowed, 'after': items[-1].id})}" if len(found) > rows_max else "",
            first=f"{here}?{urlencode(narrowed)}" if after else "",
            events_characters_max=events_characters_max,
        )

    async def add(self, request: Request, viewer: Viewer, form: Entered) -> Response:
        """The page of the new one, with its secret; or the list, with what is wrong."""
        url, written, events = form.line("url"), form.line("events"), _events(form)
        refused = HTTPStatus.UNPROCESSABLE_ENTITY
        if events is None:
            return await self.listed(request, viewer, refused, url=url, events=written, wrong_events=NO_EVENT)
        try:
            endpoint, secret = await self.webhooks.add(url[:url_characters_max], events, viewer.by)
        except NotDone as why:
            return await self.listed(request, viewer, refused, url=url, events=written, wrong=str(why))
        return await self.one(request, viewer, endpoint, secret=secret)

    async def change(self, request: Request, viewer: Viewer, id_: str, form: Entered) -> Response:
        """Other events go there from now on."""
        events, wrong = _events(form), NO_EVENT
        endpoint = await self.webhooks.one(id_)
        if events is not None:
            try:
                await self.webhooks.change(id_, events, None, viewer.by)
            except NotDone as why:
                wrong = str(why)
            else:
                return back(f"{HERE}/{id_}", "changed")
        return await self.one(request, viewer, endpoint, status=HTTPStatus.UNPROCESSABLE_ENTITY, wrong=wrong)


def router(ground: Ground, webhooks: Webhooks) -> APIRouter:
    """`/operator/webhooks`."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    pages = _Pages(ground, webhooks)

    @routes.get(HERE)
    async def listed(request: Request, viewer: Viewer = operates) -> Response:
        return await pages.listed(request, viewer)

    @routes.post(HERE)
    async def add(request: Request, viewer: Viewer = operates) -> Response:
        """The answer shows the secret: this once."""
        return await pages.add(request, viewer, await entered(request))

    @routes.get(f"{HERE}/{{id}}")
    async def one(
        request: Request,
        viewer: Viewer = operates,
        state: Annotated[str, Query(max_length=20)] = "",
        after: Annotated[str | None, Query(max_length=60)] = None,
    ) -> Response:
        return await pages.one(request, viewer, await webhooks.one(_id(request)), state=state, after=after)

    @routes.post(f"{HERE}/{{id}}/rotate")
    async def rotate(request: Request, viewer: Viewer = operates) -> Response:
        """The answer shows the new secret: this once; the old one signs too for a while."""
        endpoint, secret = await webhooks.rotate(_id(request), viewer.by)
        return await pages.one(request, viewer, endpoint, secret=secret)

    @routes.post(f"{HERE}/{{id}}/change")
    async def change(request: Request, viewer: Viewer = operates) -> Response:
        return await pages.change(request, viewer, _id(request), await entered(request))

    @routes.post(f"{HERE}/{{id}}/enable")
    async def enable(request: Request, viewer: Viewer = operates) -> Response:
        await webhooks.change(_id(request), None, True, viewer.by)  # noqa: FBT003  the port's
        return back(f"{HERE}/{_id(request)}", "enabled")

    @routes.post(f"{HERE}/{{id}}/disable")
    async def disable(request: Request, viewer: Viewer = operates) -> Response:
        await webhooks.change(_id(request), None, False, viewer.by)  # noqa: FBT003  the port's
        return back(f"{HERE}/{_id(request)}", "disabled")

    @routes.post(f"{HERE}/{{id}}/remove")
    async def remove(request: Request, viewer: Viewer = operates) -> Response:
        await webhooks.remove(_id(request), viewer.by)
        return back(HERE, "removed")

    @routes.post(f"{HERE}/{{id}}/again/{{sent}}")
    async def again(request: Request, viewer: Viewer = operates) -> Response:
        await webhooks.redeliver(_id(request), request.path_params["sent"], viewer.by)
        return back(f"{HERE}/{_id(request)}", "again")

    return routes


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _events(form: Entered) -> list[str] | None:
    """The names of events; none of them is all. None where one cannot be a name."""
    names = form.text("events")[:events_characters_max].replace(",", " ").split()
    return list(dict.fromkeys(names)) if all(_EVENT.fullmatch(one) for one in names) else None
