"""What is known of a booking beside where it stands: its history, its money, and what comes next."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from relay.booking.booking import Actor
from relay.web.booking_ports import Bookings
from relay.web.booking_shown import (
    Forecast,
    History,
    Ledger,
    Refunds,
    ShownEntry,
    ShownLetter,
    ShownRefund,
    ShownStep,
)
from relay.web.bookings import NO_SUCH, Reference
from relay.web.guard import Guard
from relay.web.scopes import Scope
from relay.web.terms import ShownTerms
from relay.web.words import PersonWord


def router(bookings: Bookings, guard: Guard, refund_days: str) -> APIRouter:
    """`/bookings/{reference}/…`, for looking. `refund_days`: in how many working days a refund arrives, such as "5-10"."""
    reads = Depends(guard.needs(Scope.BOOKINGS_READ))
    routes = APIRouter(prefix="/bookings/{reference}", tags=["bookings"], dependencies=[reads], responses=NO_SUCH)

    @routes.get("/history", summary="What happened to a booking")
    async def history(reference: Reference) -> History:
        """Its steps, and every version of its terms."""
        steps = await bookings.history(reference)
        terms = await bookings.terms(reference)
        return History(steps=[ShownStep.of(one) for one in steps], terms=[ShownTerms.of(one) for one in terms])

    @routes.get("/forecast", summary="What comes next by itself")
    async def forecast(reference: Reference) -> Forecast:
        """When, and why: reminders, expiry, release, completion, the end of the conversation."""
        return Forecast.of(*await bookings.forecast(reference))

    @routes.get("/ledger", summary="What was paid and given back")
    async def ledger(reference: Reference) -> Ledger:
        return Ledger(items=[ShownEntry.of(one) for one in await bookings.ledger(reference)])

    @routes.get("/refunds", summary="Refunds, as they stand at the payment provider")
    async def refunds(reference: Reference) -> Refunds:
        """One that failed says why, and when it is tried again (SL-B4)."""
        return Refunds(items=[ShownRefund.of(one) for one in await bookings.refunds(reference)], days=refund_days)

    @routes.get("/letter", summary="What a contact form is filled with")
    async def letter(
        reference: Reference, actor: Annotated[PersonWord, Query(description="Who writes.")] = Actor.PARTNER
    ) -> ShownLetter:
        """Recipient, subject, greeting and details (OR-24), and for declining advice and other times (SL-24)."""
        return ShownLetter.of(await bookings.letter(reference, actor))

    return routes
