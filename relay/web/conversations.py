"""Conversations over HTTP: open, look, confirm, close, extend, move, reopen, resume (GW-1 to GW-4).

Answers show aliases, and names as the other side sees them; never an address of a party (LEAK-86).
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from relay.conversation import (
    Conversation,
    Opening,
    Party,
    Standing,
    activity_end,
    addresses_max,
    checked_instant,
    reference_characters_max,
)
from relay.values import Clock, ConversationId, Language, NameShown, RealAddress, Role, address_octets_max
from relay.web.guard import Guard, by
from relay.web.ports import Bearer, Conversations
from relay.web.problems import described
from relay.web.scopes import Scope

page_max = 100


class PartyToOpen(BaseModel):
    """One of the two parties."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="As the booking has it; the other side sees as much as the configuration says.", max_length=200)
    addresses: list[Annotated[str, Field(max_length=address_octets_max)]] = Field(
        description="Known mail addresses. Mail goes to the first; the party may write from each of them.",
        min_length=1,
        max_length=addresses_max,
    )
    language: Language = Field(default=Language.EN, description="In which we write to them.")


class ToOpen(BaseModel):
    """A conversation to open."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reference": "GYG4K7Q2X9ABC",
                    "partner": {"name": "Marco Bellini", "addresses": ["marco@tours.example"], "language": "it"},
                    "customer": {"name": "Zofia Kowalska", "addresses": ["zofia@mail.example"], "language": "pl"},
                    "activity_end": "2026-06-10T18:00:00+02:00",
                }
            ]
        },
    )

    reference: str = Field(description="The booking's reference.", min_length=1, max_length=reference_characters_max)
    partner: PartyToOpen
    customer: PartyToOpen
    activity_end: str = Field(description="ISO 8601. A date alone ends at midnight after it, in `time_zone`.", max_length=40)
    time_zone: str = Field(default="UTC", description="Of a date, or of a time without an offset.", max_length=60)
    pending: bool = Field(default=False, description="The booking is not confirmed yet, so nobody may write.")

    @model_validator(mode="after")
    def _can_be_opened(self) -> Self:
        self.opening()
        return self

    def opening(self) -> Opening:
        """What is to be opened. Raises ValueError with a sentence that repeats no address."""
        try:
            zone = ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("time_zone: there is no such time zone; write for example Europe/Rome") from None
        return Opening(
            reference=self.reference,
            partner_name=self.partner.name,
            partner_addresses=_addresses("partner", self.partner),
            customer_name=self.customer.name,
            customer_addresses=_addresses("customer", self.customer),
            activity_end=activity_end(self.activity_end, zone),
            pending=self.pending,
            partner_language=self.partner.language,
            customer_language=self.customer.language,
        )


def _within_our_years(at: datetime, info: ValidationInfo) -> datetime:
    return checked_instant(at, info.field_name or "time")


_AnInstant = Annotated[AwareDatetime, AfterValidator(_within_our_years)]


class NewEnd(BaseModel):
    """A new end of the window."""

    model_config = ConfigDict(extra="forbid")

    closes_at: _AnInstant = Field(description="ISO 8601 with an offset.")


class NewTime(BaseModel):
    """When an activity that was moved ends."""

    model_config = ConfigDict(extra="forbid")

    activity_end: _AnInstant = Field(description="ISO 8601 with an offset.")


class ToResume(BaseModel):
    """To whom mail is to go again."""

    model_config = ConfigDict(extra="forbid")

    party: Role


class ShownParty(BaseModel):
    """A party, as the other side may know them."""

    alias: str = Field(description="Where the other party writes to.")
    name: str = Field(description="What the other side sees of the name.")
    language: Language
    known_addresses: int = Field(description="How many addresses are known of this party.")
    known_domains: int = Field(description="From how many domains any address counts as theirs.")
    dead_addresses: int = Field(description="How many of them mail does not go to any more, because it came back for good.")
    suspended_at: datetime | None = Field(description="When mail to this party was stopped, because they reported it as abuse.")


class ShownConversation(BaseModel):
    """A conversation. Times are in UTC."""

    reference: str
    partner_alias: str
    customer_alias: str
    opens_at: datetime | None = Field(description="Null until the booking is confirmed.")
    closes_at: datetime = Field(description="From then on nobody may write; the interval is half-open.")
    standing: Standing = Field(description="Whether mail passes now, and if not, why.")
    activity_end: datetime
    closed_at: datetime | None = Field(description="When it was closed before its time.")
    partner: ShownParty
    customer: ShownParty

    @classmethod
    def of(cls, conversation: Conversation, names: NameShown, now: datetime) -> Self:
        return cls(
            reference=conversation.reference,
            partner_alias=str(conversation.partner.alias),
            customer_alias=str(conversation.customer.alias),
            opens_at=conversation.window.opens_at,
            closes_at=conversation.window.closes_at,
            standing=conversation.standing(now),
            activity_end=conversation.activity_end,
            closed_at=conversation.closed_at,
            partner=_shown(conversation.partner, names),
            customer=_shown(conversation.customer, names),
        )


class Page(BaseModel):
    """Conversations, the newest first."""

    items: list[ShownConversation]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


Reference = Annotated[str, Path(description="The booking's reference.", min_length=1, max_length=reference_characters_max)]
_NO_SUCH = described(HTTPStatus.NOT_FOUND)
STEP = described(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def router(conversations: Conversations, guard: Guard, names: NameShown, clock: Clock) -> APIRouter:
    """`/conversations`. `names` is the setting of that name."""
    routes = APIRouter(prefix="/conversations", tags=["conversations"])
    reads = Depends(guard.needs(Scope.CONVERSATIONS_READ))
    writes = Depends(guard.needs(Scope.CONVERSATIONS_WRITE))

    def shown(conversation: Conversation) -> ShownConversation:
        return ShownConversation.of(conversation, names, clock())

    @routes.post(
        "",
        status_code=HTTPStatus.CREATED.value,
        summary="Open a conversation",
        responses={
            HTTPStatus.OK.value: {"model": ShownConversation, "description": "It was opened before, with the same data."},
            **described(HTTPStatus.CONFLICT),
        },
    )
    async def open_(to_open: ToOpen, response: Response, writer: Bearer = writes) -> ShownConversation:
        """Sending the same again is safe: it answers 200 with what there is. Other data for the same booking is a 409."""
        opened = await conversations.open(to_open.opening(), by(writer))
        if not opened.new:
            response.status_code = HTTPStatus.OK.value
        return shown(opened.conversation)

    @routes.get("", summary="List conversations", dependencies=[reads])
    async def page(
        standing: Annotated[Standing | None, Query(description="Only these.")] = None,
        limit: Annotated[int, Query(ge=1, le=page_max)] = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=40)] = None,
    ) -> Page:
        """The newest first, a page at a time."""
        found = await conversations.page(standing, limit, ConversationId(after) if after is not None else None)
        return Page(items=[shown(one) for one in found], next=found[-1].id if len(found) == limit else None)

    @routes.get("/{reference:path}", summary="Look at a conversation", dependencies=[reads], responses=_NO_SUCH)
    async def one(reference: Reference) -> ShownConversation:
        return shown(await conversations.one(reference))

    @routes.post("/{reference:path}/confirm", summary="The booking is confirmed", responses=STEP)
    async def confirm(reference: Reference, writer: Bearer = writes) -> ShownConversation:
        """Opens the conversation, now."""
        return shown(await conversations.confirm(reference, by(writer)))

    @routes.post("/{reference:path}/close", summary="Close a conversation before its time", responses=STEP)
    async def close(reference: Reference, writer: Bearer = writes) -> ShownConversation:
        return shown(await conversations.close(reference, by(writer)))

    @routes.post("/{reference:path}/extend", summary="Let the parties write for longer", responses=STEP)
    async def extend(reference: Reference, until: NewEnd, writer: Bearer = writes) -> ShownConversation:
        return shown(await conversations.extend(reference, until.closes_at, by(writer)))

    @routes.post("/{reference:path}/move", summary="The activity ends at another time", responses=_NO_SUCH)
    async def move(reference: Reference, to: NewTime, writer: Bearer = writes) -> ShownConversation:
        """The window follows it and the aliases stay. What waits for its confirmation, or was closed, stays so."""
        return shown(await conversations.move(reference, to.activity_end, by(writer)))

    @routes.post("/{reference:path}/reopen", summary="Let the parties write again", responses=STEP)
    async def reopen(reference: Reference, until: NewEnd, writer: Bearer = writes) -> ShownConversation:
        """After it was closed, or its window was over."""
        return shown(await conversations.reopen(reference, until.closes_at, by(writer)))

    @routes.post("/{reference:path}/resume", summary="Let mail go to a party again", responses=STEP)
    async def resume(reference: Reference, to_resume: ToResume, writer: Bearer = writes) -> ShownConversation:
        """After they reported mail as abuse, or after their addresses were found dead. All of their addresses are tried again."""
        return shown(await conversations.resume(reference, to_resume.party, by(writer)))

    return routes


def _addresses(side: str, party: PartyToOpen) -> tuple[RealAddress, ...]:
    try:
        return tuple(RealAddress(text.strip()) for text in party.addresses)
    except ValueError:
        raise ValueError(f"{side}: one of the addresses is no mail address") from None


def _shown(party: Party, names: NameShown) -> ShownParty:
    return ShownParty(
        alias=str(party.alias),
        name=party.shown_name(names),
        language=party.language,
        known_addresses=len(party.addresses),
        known_domains=len(party.domains),
        dead_addresses=len(party.dead),
        suspended_at=party.suspended_at,
    )
