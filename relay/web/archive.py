"""The archive over HTTP: what was written, and what came of it. Addresses are masked, contents stay out (GY-30)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from relay.message.treatment import Treatment
from relay.values import Role
from relay.web.findings import Finding
from relay.web.guard import Guard
from relay.web.ports import Archive, ShownMessage
from relay.web.problems import described
from relay.web.scopes import Scope


class _Copied(BaseModel):
    """A model that is filled from the attributes of the port's value of the same shape."""

    model_config = ConfigDict(from_attributes=True)


class Share(_Copied):
    """To whom a message went, and what became of it."""

    reference: str = Field(description="The booking's reference.")
    writer: Role
    fate: str = Field(description="passed, refused, held, duplicate, taken or absorbed.")
    reason: str | None = Field(description="Why, unless it passed.")


class Found(_Copied):
    """A message that was found."""

    message: str = Field(description="Our id of the message.")
    received_at: datetime
    shares: list[Share]
    subject: str
    snippet: str = Field(description="A piece of the text around what was looked for.")
    files: list[str] = Field(description="Names of attachments.")


class Findings(BaseModel):
    """The newest messages that the query describes."""

    items: list[Found]


class Removed(BaseModel):
    """Something that was taken out of a rendition, or was seen in it and left; never what it was."""

    kind: str
    place: str
    treatment: Treatment = Field(description="mask: taken out; mark: left and recorded; hold: an operator was to look at it.")
    count: int = Field(description="How often, in that place.")


class MessageShare(BaseModel):
    """One recipient's share of a message."""

    number: int
    writer: Role
    fate: str
    reason: str | None
    findings: list[Finding] = Field(description="What the second reading found, where that holds or held it.")
    removed: list[Removed]


class Attempt(_Copied):
    """One attempt to deliver."""

    at: datetime
    outcome: str = Field(description="delivered, deferred, failed or bounced.")
    cause: str | None
    code: int | None = Field(description="The receiver's SMTP code.")


class MessageDelivery(_Copied):
    """A rendition or a notice on its way, or done."""

    id: str
    carries: str = Field(description="rendition, notice, question or operator.")
    state: str = Field(description="due, held, delivered, failed or dropped.")
    attempts: list[Attempt]


class Message(BaseModel):
    """A message with what came of it. Times are in UTC."""

    message: str
    received_at: datetime
    size: int = Field(description="Octets, as received.")
    aliases: list[str] = Field(description="To whom it was written.")
    troubles: list[str] = Field(description="Octets of it that are not what was written, or cannot be had now; mostly none.")
    recipients: list[MessageShare]
    deliveries: list[MessageDelivery]

    @classmethod
    def of(cls, shown: ShownMessage) -> Self:
        return cls(
            message=shown.message,
            received_at=shown.received_at,
            size=shown.size,
            aliases=[str(alias) for alias in shown.aliases],
            troubles=list(shown.troubles),
            recipients=[
                MessageShare(
                    number=one.number,
                    writer=one.writer,
                    fate=one.fate,
                    reason=one.reason,
                    findings=[Finding.model_validate(found) for found in one.findings],
                    removed=[
                        Removed(kind=each.kind, place=each.place, treatment=each.treatment, count=times)
                        for each, times in one.removed
                    ],
                )
                for one in shown.shares
            ],
            deliveries=[MessageDelivery.model_validate(one) for one in shown.deliveries],
        )


_LANGUAGE: Final = 'Words, "phrases", word*, -word, and booking: by: fate: has: before: after:'


def router(archive: Archive, guard: Guard) -> APIRouter:
    """`/archive`."""
    routes = APIRouter(prefix="/archive", tags=["archive"], dependencies=[Depends(guard.needs(Scope.ARCHIVE_READ))])

    @routes.get("/search", summary="Search the archive")
    async def search(
        q: Annotated[str, Query(description=_LANGUAGE, max_length=1000)],
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> Findings:
        """The newest messages first. What cannot be read is a 422 with a suggestion, never a search for something else."""
        return Findings(items=[Found.model_validate(one) for one in await archive.search(q, limit)])

    @routes.get("/messages/{id}", summary="Look at a message", responses=described(HTTPStatus.NOT_FOUND))
    async def message(id_: Annotated[str, Path(alias="id", max_length=40)]) -> Message:
        return Message.of(await archive.message(id_))

    return routes
