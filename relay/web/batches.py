"""Many bookings at once over HTTP: a release screen, a cancelled period, a word to everybody on a date.

Each is looked at before it is done, and each booking steps by itself: what one is refused does not keep the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, model_validator

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.selection import Filter
from relay.booking.texts import line_characters_max, text_characters_max
from relay.values import Clock
from relay.web.batch_ports import Announcement, Batch, Batches, Outcome, Release, batch_max
from relay.web.booking_shown import ShownBooking
from relay.web.bookings import HOUSE, NO_SUCH
from relay.web.guard import Guard, by, insist
from relay.web.once import Repeats
from relay.web.ports import Bearer
from relay.web.repeating import Repeatable, repeatable
from relay.web.scopes import Scope
from relay.web.terms import Given, Id, Instant
from relay.web.words import HoldWord, PersonWord

Ticks = Annotated[list[str], Field(max_length=batch_max)]


class Screen(Given):
    """What a release screen shows (ST-B3)."""

    hold: HoldWord = Field(description="Options, or reservations.")
    deadline_before: Instant = Field(description="Those whose deadline is earlier.")
    offer: Id | None = None
    partner: Id | None = Field(default=None, description="An offer or a partner is needed.")

    @model_validator(mode="after")
    def _is_narrow(self) -> Self:
        if self.offer is None and self.partner is None:
            raise ValueError("an offer or a partner is needed")
        return self


class Kept(Given):
    """One that keeps its place for longer (ST-22)."""

    reference: str
    until: Instant


class ToRelease(Given):
    """The ticks of a release screen: which lose their place, which keep it until when, whose customers are reminded."""

    release: Ticks = Field(default=[])
    keep: list[Kept] = Field(default=[], max_length=batch_max)
    remind: Ticks = Field(default=[])


class Period(Given):
    """The bookings of an offer, or of one variant, that start in a time; the interval is half-open."""

    offer: Id
    variant: Id | None = None
    starts_from: Instant
    starts_before: Instant

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.starts_before <= self.starts_from:
            raise ValueError("starts_before: later than starts_from is needed")
        return self


class PeriodOf(Period):
    """A period, and who looks at it."""

    actor: PersonWord = Field(default=Actor.PARTNER, description="Who would cancel.")


class ToCancel(PeriodOf):
    """Those of a period that are ticked are cancelled, for one reason that their customers read (GY-B4)."""

    references: Annotated[list[str], Field(min_length=1, max_length=batch_max)]
    reason: str = Field(min_length=1, max_length=reason_characters_max)
    stop_selling: bool = Field(default=False, description="Nothing more is sold of that period.")


class ToAnnounce(PeriodOf):
    """A one-way message to everybody who takes part (SL-B5)."""

    subject: str = Field(min_length=1, max_length=line_characters_max)
    text: str = Field(min_length=1, max_length=text_characters_max)


class ShownOutcome(BaseModel):
    """What became of one booking of a batch."""

    reference: str
    done: bool
    why: str = Field(description="Why nothing was done.")


class Done(BaseModel):
    """What became of each."""

    items: list[ShownOutcome]


class Preview(BaseModel):
    """What a batch is about, at most a hundred."""

    items: list[ShownBooking]


def router(batches: Batches, repeats: Repeats, guard: Guard, clock: Clock) -> APIRouter:
    """`/releases`, `/cancellations`, `/announcements`."""
    routes = APIRouter(tags=["batches"], responses=NO_SUCH)
    operates = guard.needs(Scope.BOOKINGS_OPERATE)
    releases = Depends(repeatable(guard, Scope.BOOKINGS_OPERATE, repeats))
    reads = Depends(guard.needs(Scope.BOOKINGS_READ))
    writes = Depends(repeatable(guard, Scope.BOOKINGS_WRITE, repeats))

    def allow(bearer: Bearer, actor: Actor) -> None:
        if actor in HOUSE:
            insist(bearer, Scope.BOOKINGS_OPERATE)

    @routes.get("/releases", summary="What may be released", dependencies=[Depends(operates)])
    async def releasable(screen: Annotated[Screen, Query()]) -> Preview:
        """Those whose deadline is nearest first (ST-22, ST-B3)."""
        wanted = Filter(hold=screen.hold, deadline_before=screen.deadline_before, offer=screen.offer, partner=screen.partner)
        return Preview(items=[ShownBooking.of(one, clock()) for one in await batches.releasable(wanted)])

    @routes.post("/releases", response_model=Done, summary="Release, keep and remind what is ticked")
    async def release(ticks: ToRelease, request: Repeatable = releases) -> Response:
        """What is blocked, or being paid, stays, and its outcome says so (ST-B4)."""
        wanted = Release(tuple(ticks.release), tuple((one.reference, one.until) for one in ticks.keep), tuple(ticks.remind))
        return await request.answered(lambda once: batches.release(wanted, by(request.bearer), once), _told)

    @routes.get("/cancellations", summary="What a period's cancellation would cancel", dependencies=[reads])
    async def cancellable(period: Annotated[PeriodOf, Query()]) -> Preview:
        found = await batches.cancellable(_batch(period), period.actor)
        return Preview(items=[ShownBooking.of(one, clock()) for one in found])

    @routes.post("/cancellations", response_model=Done, summary="Cancel what is ticked of a period")
    async def cancel(to_cancel: ToCancel, request: Repeatable = writes) -> Response:
        allow(request.bearer, to_cancel.actor)
        batch, ticked = _batch(to_cancel, stop_selling=to_cancel.stop_selling), tuple(to_cancel.references)
        who = by(request.bearer)
        return await request.answered(
            lambda once: batches.cancel_all(batch, ticked, to_cancel.actor, who, to_cancel.reason, once), _told
        )

    @routes.post("/announcements", response_model=Done, summary="Write to everybody who takes part on a date")
    async def announce(to_announce: ToAnnounce, request: Repeatable = writes) -> Response:
        """One mail for each booking; answers to it are not taken (SL-B5)."""
        allow(request.bearer, to_announce.actor)
        one = Announcement(
            offer=to_announce.offer,
            starts_from=to_announce.starts_from,
            starts_before=to_announce.starts_before,
            subject=to_announce.subject,
            text=to_announce.text,
            variant=to_announce.variant,
        )
        return await request.answered(lambda once: batches.announce(one, to_announce.actor, by(request.bearer), once), _told)

    return routes


def _batch(period: Period, *, stop_selling: bool = False) -> Batch:
    return Batch(period.offer, period.variant, period.starts_from, period.starts_before, stop_selling)


def _told(outcomes: Sequence[Outcome]) -> str:
    items = [ShownOutcome(reference=one.reference, done=one.done, why=one.why) for one in outcomes]
    return Done(items=items).model_dump_json()
