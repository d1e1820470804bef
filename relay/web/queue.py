"""The queue over HTTP: what is under way, what waits for a decision, and deciding."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from relay.web.findings import Finding
from relay.web.guard import Guard, by
from relay.web.ports import Bearer, Queue
from relay.web.problems import described
from relay.web.scopes import Scope


class Entry(BaseModel):
    """Something under way, or waiting for a decision. Times are in UTC."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="Names it in every step.")
    message: str | None = Field(description="Our id of the message that caused it; null for mail about a booking.")
    carries: str = Field(
        description="rendition, notice, question, operator, notification, sign_in, or nothing where no delivery was made yet."
    )
    state: str = Field(description="due or held.")
    accepted_at: datetime = Field(description="When the delivery began, or when the held message came.")
    attempts: int
    next_at: datetime | None = Field(description="When it is tried next; null while it is held.")
    reason: str | None = Field(description="Why it is held, where we held it: leak or fault.")
    detail: str = Field(description="For a fault: what was raised, and where in our code.")
    findings: list[Finding] = Field(description="For a leak: what the second reading found.")
    can_be_released: bool = Field(description="Whether there is something to let out as it is.")
    last_code: int | None = Field(description="The receiver's last SMTP code.")


class Page(BaseModel):
    """What is under way, the oldest first."""

    items: list[Entry]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


class Because(BaseModel):
    """Why something is given up; it stands in the timeline for ever, so no address may stand in it."""

    model_config = ConfigDict(extra="forbid")

    because: str = Field(min_length=1, max_length=500)


class Release(BaseModel):
    """How something is let out."""

    model_config = ConfigDict(extra="forbid")

    without_attachments: bool = Field(
        default=False,
        description="Made anew without its files, a mark in place of each, and let out only when nothing is found in it.",
    )


class Retry(BaseModel):
    """How a held message is decided anew."""

    model_config = ConfigDict(extra="forbid")

    confirmed: bool = Field(
        default=False,
        description="Somebody made sure, by other means than the mail itself, that the party whose address is in From wrote it.",
    )


class Return(BaseModel):
    """Why something is returned, for the timeline; its writer does not see it. No address may stand in it."""

    model_config = ConfigDict(extra="forbid")

    because: str = Field(default="", max_length=500)


class Stepped(BaseModel):
    """What was done."""

    id: str
    done: str


Id = Annotated[str, Path(alias="id", max_length=60)]
_STEP = described(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def router(queue: Queue, guard: Guard) -> APIRouter:
    """`/queue`."""
    routes = APIRouter(prefix="/queue", tags=["queue"])
    writes = Depends(guard.needs(Scope.QUEUE_WRITE))

    @routes.get("", summary="List what is under way", dependencies=[Depends(guard.needs(Scope.QUEUE_READ))])
    async def page(
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=60)] = None,
    ) -> Page:
        """What waits for a decision and has no delivery yet stands before everything else."""
        found = await queue.page(limit, after)
        return Page(items=[Entry.model_validate(one) for one in found.items], next=found.next)

    @routes.get(
        "/{id}",
        summary="Show one thing under way or held",
        dependencies=[Depends(guard.needs(Scope.QUEUE_READ))],
        responses=described(HTTPStatus.NOT_FOUND),
    )
    async def one(id_: Id) -> Entry:
        return Entry.model_validate(await queue.one(id_))

    @routes.post("/{id}/retry", summary="Try a delivery at once, or decide a held message anew", responses=_STEP)
    async def retry(id_: Id, how: Retry | None = None, writer: Bearer = writes) -> Stepped:
        """A held message becomes whatever is decided now: it may pass, be refused with a notice, or be held again."""
        await queue.retry(id_, by(writer), confirmed=how is not None and how.confirmed)
        return Stepped(id=id_, done="retry")

    @routes.post("/{id}/hold", summary="Stop a delivery until it is released", responses=_STEP)
    async def hold(id_: Id, writer: Bearer = writes) -> Stepped:
        await queue.hold(id_, by(writer))
        return Stepped(id=id_, done="hold")

    @routes.post("/{id}/release", summary="Let what is held go out, as it is or without its attachments", responses=_STEP)
    async def release(id_: Id, how: Release | None = None, writer: Bearer = writes) -> Stepped:
        """As it is unless the body says otherwise. A 409 tells what is still found without the attachments."""
        await queue.release(id_, by(writer), without_attachments=how is not None and how.without_attachments)
        return Stepped(id=id_, done="release")

    @routes.post("/{id}/return", summary="Refuse a held message after all, and tell its writer", responses=_STEP)
    async def return_(id_: Id, why: Return | None = None, writer: Bearer = writes) -> Stepped:
        """The notice says that it could not be forwarded and what to do, never what was found. Automatic mail gets none."""
        await queue.return_(id_, by(writer), why.because if why is not None else "")
        return Stepped(id=id_, done="return")

    @routes.post("/{id}/drop", summary="Give something up; its writer is not told", responses=_STEP)
    async def drop(id_: Id, why: Because, writer: Bearer = writes) -> Stepped:
        await queue.drop(id_, by(writer), why.because)
        return Stepped(id=id_, done="drop")

    return routes
