"""Outgoing webhooks over HTTP: where events go, their secrets, and what became of each (Standard Webhooks)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from relay.web.guard import Guard, by
from relay.web.partners import NO_SUCH
from relay.web.ports import Bearer
from relay.web.scopes import Scope
from relay.web.terms import Given
from relay.web.webhook_ports import Endpoint, Sent, Webhooks
from relay.web.words import SendingWord

url_characters_max = 2000
events_max = 100

EventName = Annotated[str, Field(min_length=1, max_length=60, pattern="^[a-z_.]+$")]


class NewEndpoint(Given):
    """Where events are to go."""

    url: str = Field(max_length=url_characters_max, description="https, and on the internet.")
    events: list[EventName] = Field(default=[], max_length=events_max, description="Such as booking.accept; all, where empty.")


class EndpointChange(Given):
    """What becomes of an endpoint; what is left out stays as it is."""

    events: list[EventName] | None = Field(default=None, max_length=events_max)
    is_enabled: bool | None = Field(default=None, description="What happens while it is not is not sent later.")


class ShownEndpoint(BaseModel):
    """Where events go. Times are in UTC."""

    id: str
    url: str
    events: list[str] = Field(description="All, where empty.")
    is_enabled: bool
    created_at: datetime
    rotated_until: datetime | None = Field(description="Until when the secret before this one signs too.")

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            events=list(endpoint.events),
            is_enabled=endpoint.is_enabled,
            created_at=endpoint.created_at,
            rotated_until=endpoint.rotated_until,
        )


class EndpointWithSecret(ShownEndpoint):
    """Where events go, and the secret with which they are signed: this once."""

    secret: str = Field(description="As libraries of Standard Webhooks take it: whsec_…")


class Endpoints(BaseModel):
    """Where events go."""

    items: list[ShownEndpoint]


class ShownTry(BaseModel):
    """One attempt."""

    at: datetime
    code: int | None = Field(description="The receiver's HTTP status.")
    trouble: str = Field(description="What went wrong without one.")


class ShownSent(BaseModel):
    """One event on its way to one endpoint. Times are in UTC."""

    id: str = Field(description="webhook-id of every attempt.")
    type: str
    reference: str
    at: datetime
    state: SendingWord
    next_at: datetime | None
    tries: list[ShownTry]

    @classmethod
    def of(cls, sent: Sent) -> Self:
        return cls(
            id=sent.id,
            type=sent.type,
            reference=sent.reference,
            at=sent.at,
            state=sent.state,
            next_at=sent.next_at,
            tries=[ShownTry(at=one.at, code=one.code, trouble=one.trouble) for one in sent.tries],
        )


class Log(BaseModel):
    """What was sent to an endpoint, the newest first."""

    items: list[ShownSent]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


InPath = Annotated[str, Path(alias="id", min_length=1, max_length=100)]


def router(webhooks: Webhooks, guard: Guard) -> APIRouter:
    """`/webhooks`."""
    routes = APIRouter(prefix="/webhooks", tags=["webhooks"])
    reads = Depends(guard.needs(Scope.WEBHOOKS_READ))
    writes = Depends(guard.needs(Scope.WEBHOOKS_WRITE))

    @routes.post("", status_code=HTTPStatus.CREATED.value, summary="Say where events go")
    async def add(new: NewEndpoint, writer: Bearer = writes) -> EndpointWithSecret:
        """The answer holds the secret, this once."""
        return _with_secret(*await webhooks.add(new.url, new.events, by(writer)))

    @routes.get("", summary="Where events go", dependencies=[reads])
    async def all_() -> Endpoints:
        return Endpoints(items=[ShownEndpoint.of(one) for one in await webhooks.all()])

    @routes.get("/{id}", summary="Look at an endpoint", dependencies=[reads], responses=NO_SUCH)
    async def one(id_: InPath) -> ShownEndpoint:
        return ShownEndpoint.of(await webhooks.one(id_))

    @routes.patch("/{id}", summary="Change an endpoint", responses=NO_SUCH)
    async def change(id_: InPath, changed: EndpointChange, writer: Bearer = writes) -> ShownEndpoint:
        return ShownEndpoint.of(await webhooks.change(id_, changed.events, changed.is_enabled, by(writer)))

    @routes.delete("/{id}", summary="Send it nothing any more", responses=NO_SUCH)
    async def remove(id_: InPath, writer: Bearer = writes) -> ShownEndpoint:
        """What it was. Its log goes with it."""
        removed = await webhooks.one(id_)
        await webhooks.remove(id_, by(writer))
        return ShownEndpoint.of(removed)

    @routes.post("/{id}/rotate", summary="A new secret", responses=NO_SUCH)
    async def rotate(id_: InPath, writer: Bearer = writes) -> EndpointWithSecret:
        """This once. The old one signs too until `rotated_until`, so that no event is lost while the receiver changes over."""
        return _with_secret(*await webhooks.rotate(id_, by(writer)))

    @routes.get("/{id}/log", summary="What became of each event", dependencies=[reads], responses=NO_SUCH)
    async def log(
        id_: InPath,
        state: Annotated[SendingWord | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=100)] = None,
    ) -> Log:
        found = await webhooks.log(id_, state, limit, after)
        return Log(items=[ShownSent.of(one) for one in found], next=found[-1].id if len(found) == limit else None)

    @routes.post("/{id}/log/{sent}/redeliver", summary="Send an event once more", responses=NO_SUCH)
    async def redeliver(
        id_: InPath, sent: Annotated[str, Path(min_length=1, max_length=100)], writer: Bearer = writes
    ) -> ShownSent:
        """Under the same id, so that a receiver that has it already knows."""
        return ShownSent.of(await webhooks.redeliver(id_, sent, by(writer)))

    return routes


def _with_secret(endpoint: Endpoint, secret: str) -> EndpointWithSecret:
    return EndpointWithSecret(**ShownEndpoint.of(endpoint).model_dump(), secret=secret)
