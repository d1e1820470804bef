"""Acting on a booking over HTTP: every step of the lifecycle that a person takes, by one operation (SV-1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final, Self

from fastapi import APIRouter, Body, Depends, Response
from pydantic import Field, model_validator

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.lifecycle import TRANSITIONS
from relay.booking.situation import Act
from relay.masking import masked
from relay.values import Clock
from relay.web.booking_ports import Bookings, Doing, Shown
from relay.web.booking_shown import ShownBooking
from relay.web.bookings import HOUSE, REFUSED, Reference
from relay.web.guard import Guard, by, insist
from relay.web.once import Repeats
from relay.web.repeating import Repeatable, repeatable
from relay.web.scopes import Scope
from relay.web.terms import Given, GivenMoney, GivenTerms, Id, Instant
from relay.web.words import EDGE_ACTORS, WAYS, CauseWord, PersonWord, Spelled

by_characters_max: Final = 100
version_max: Final = 2**31 - 1

BY_PEOPLE: Final = frozenset(one.act for one in TRANSITIONS if one.actors - EDGE_ACTORS) - WAYS
"""Neither those of the clock and of the payment provider alone, nor those by which a booking begins."""
PersonsAct = Annotated[Act, Spelled(Act, frozenset(Act) - BY_PEOPLE)]


class ToDo(Given):
    """What somebody wants done. Which of the fields count depends on the act."""

    act: PersonsAct
    actor: PersonWord = Field(description="In whose name: support and operator take a scope of their own.")
    by: str = Field(
        default="", max_length=by_characters_max, description="Who it is, for the history: a name or ticket, no mail address."
    )
    version: int | None = Field(
        default=None, ge=1, le=version_max, description="The booking's, as it was looked at: a 409 when it has changed since."
    )
    reason: str = Field(
        default="", max_length=reason_characters_max, description="Why, for the other side to read; for contact, the message."
    )
    terms: GivenTerms | None = Field(default=None, description="For counter, book, reschedule.")
    terms_version: int | None = Field(
        default=None, ge=1, le=version_max, description="For accept: the version that was read, and no other (SL-5)."
    )
    until: Instant | None = Field(default=None, description="For extend, reinstate: the new deadline.")
    amount: GivenMoney | None = Field(default=None, description="For take_payment, refund.")
    staff: Id | None = Field(default=None, description="For assign, where null is the team, and book (OR-27).")
    cause: CauseWord | None = Field(default=None, description="For cancel by a partner (GY-B2).")

    @model_validator(mode="after")
    def _names_nobodys_address(self) -> Self:
        if masked(self.by) != self.by or not self.by.isprintable():
            raise ValueError("by: a name or ticket is needed, and no mail address")
        return self

    def doing(self, by: str) -> Doing:
        return Doing(
            act=self.act,
            actor=self.actor,
            by=f"{self.by.strip()} ({by})" if self.by.strip() else by,
            version=self.version,
            reason=self.reason,
            terms=self.terms.terms() if self.terms is not None else None,
            terms_version=self.terms_version,
            until=self.until,
            amount=self.amount.money() if self.amount is not None else None,
            staff=self.staff,
            cause=self.cause,
        )


class ToRefund(Given):
    """How much goes back to where the payment came from; no other destination can be named (SL-30)."""

    amount: GivenMoney
    actor: PersonWord = Actor.PARTNER
    reason: str = Field(default="", max_length=reason_characters_max)


def router(bookings: Bookings, repeats: Repeats, guard: Guard, clock: Clock) -> APIRouter:
    """`/bookings/{reference}/…`, for acting."""
    routes = APIRouter(prefix="/bookings/{reference}", tags=["bookings"], responses=REFUSED)
    writes = Depends(repeatable(guard, Scope.BOOKINGS_WRITE, repeats))

    def rendered(one: Shown) -> str:
        return ShownBooking.of(one, clock()).model_dump_json()

    async def done(reference: str, doing: Doing, request: Repeatable) -> Response:
        if doing.actor in HOUSE:
            insist(request.bearer, Scope.BOOKINGS_OPERATE)
        return await request.answered(lambda once: bookings.act(reference, doing, once), rendered)

    @routes.post("/acts", response_model=ShownBooking, summary="Act on a booking")
    async def act(reference: Reference, to_do: ToDo, request: Repeatable = writes) -> Response:
        """`possible` of a booking tells what each may do. A 409 says why not, and what is possible instead."""
        return await done(reference, to_do.doing(by(request.bearer)), request)

    @routes.post("/refunds", response_model=ShownBooking, summary="Give money back")
    async def refund(reference: Reference, to_refund: ToRefund, request: Repeatable = writes) -> Response:
        """The act `refund`: all or a part of what came in and has not gone back (SL-28, SL-B3)."""
        amount, who = to_refund.amount.money(), by(request.bearer)
        doing = Doing(Act.REFUND, to_refund.actor, who, reason=to_refund.reason, amount=amount)
        return await done(reference, doing, request)

    @routes.post(
        "/ask-again",
        status_code=HTTPStatus.CREATED.value,
        response_model=ShownBooking,
        summary="Ask again for what was not to be had",
    )
    async def ask_again(
        reference: Reference, instead: Annotated[GivenTerms | None, Body()] = None, request: Repeatable = writes
    ) -> Response:
        """A new request with the data of a closed one, and what is given here instead; the old one stays as it is (OR-35)."""
        terms = instead.terms() if instead is not None else None
        return await request.answered(
            lambda once: bookings.ask_again(reference, terms, by(request.bearer), once), rendered, HTTPStatus.CREATED
        )

    return routes
