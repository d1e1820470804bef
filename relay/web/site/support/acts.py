"""Stepping in: each act has a page that says what it will do, and happens on what was looked at or not at all (SV-5, GY-26, T25).

What there is and what is possible: `relay.web.site.support.deeds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.booking import Actor, reason_characters_max
from relay.booking.lifecycle import NotAllowed
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotFound
from relay.values import Role
from relay.web.booking_ports import Doing, Shown, Stale
from relay.web.link_terms import amount_of
from relay.web.site.forms import Entered, entered
from relay.web.site.route import PageRoute
from relay.web.site.support import words
from relay.web.site.support.context import DisputeGround, address_of, found_in
from relay.web.site.support.deeds import BY_WORD, Deed, is_possible
from relay.web.site.support.dispute_ports import Dispute
from relay.web.site.viewer import Office, Viewer

extended_by: Final = timedelta(days=7)
"""What the form proposes."""
longest: Final = timedelta(days=366)
"""How far from now a window may end."""

Reference = Annotated[str, Path(max_length=100)]


def router(ground: DisputeGround) -> APIRouter:
    """`/support/bookings/{reference}/act/{word}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    acts = Depends(ground.site.needs(Office.SUPPORT))

    @routes.get("/support/bookings/{reference}/act/{word}")
    async def look(request: Request, reference: Reference, word: str, viewer: Viewer = acts) -> Response:
        return await _Form(ground, request, viewer, reference, found_in(BY_WORD, word)).shown()

    @routes.post("/support/bookings/{reference}/act/{word}")
    async def act(request: Request, reference: Reference, word: str, viewer: Viewer = acts) -> Response:
        return await _Form(ground, request, viewer, reference, found_in(BY_WORD, word)).done(await entered(request))

    return routes


@dataclass(frozen=True, slots=True)
class _Form:
    """One act on one booking, its page and its doing."""

    ground: DisputeGround
    request: Request
    viewer: Viewer
    reference: str
    deed: Deed

    async def shown(
        self,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        form: Entered | None = None,
        wrong: dict[str, str] | None = None,
        refused: str = "",
        is_stale: bool = False,
    ) -> Response:
        found, booking = await self._looked_at()
        now = self.ground.site.clock()
        zone = booking.booking.zone if booking is not None else ZoneInfo("UTC")
        until = max(now, found.closes_at) + extended_by
        refer = booking is not None and Act.REFER in booking.possible.get(Actor.SUPPORT, ())
        was_tried = bool(refused)
        if self.deed.word == "cancel" and booking is not None and Act.CANCEL not in booking.possible.get(Actor.SUPPORT, ()):
            # SV-5: the page says why before anybody has filled anything in.
            refused = refused or _("The required action is done: what the customer signed binds them to the provider.")
            status = HTTPStatus.CONFLICT
        return self.ground.page(
            self.request,
            "support/act.html",
            self.viewer,
            status=status,
            here="search",
            deed=self.deed,
            dispute=found,
            shown=booking,
            zone=zone,
            utc=ZoneInfo("UTC"),
            address=address_of(self.reference),
            until=form.line("until") if form is not None else f"{until.astimezone(zone):%Y-%m-%dT%H:%M}",
            reason=form.text("reason") if form is not None else "",
            amount=form.line("amount") if form is not None else _refundable(booking),
            reason_characters_max=reason_characters_max,
            wrong=wrong or {},
            refused=refused,
            was_tried=was_tried,
            refer=refer and (self.deed.word == "cancel"),
            is_possible=is_possible(self.deed, found, booking),
            is_stale=is_stale,
            words=words,
        )

    async def done(self, form: Entered) -> Response:
        found, booking = await self._looked_at()
        if form.line("version") != (str(booking.booking.version) if booking is not None else ""):
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        if self.deed.act is None and form.line("looked_at") != found.looked_at:
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        zone = booking.booking.zone if booking is not None else ZoneInfo("UTC")
        until = _instant(form.line("until"), zone) if "until" in self.deed.needs else None
        amount = _amount(form.line("amount"), booking) if "amount" in self.deed.needs else None
        wrong: dict[str, str] = {}
        now = self.ground.site.clock()
        if "until" in self.deed.needs and (until is None or not now < until <= now + longest):
            wrong["until"] = _("A date and a time that is to come is needed, at most a year away.")
        if "amount" in self.deed.needs and amount is None:
            wrong["amount"] = _("An amount is needed, such as 12.50.")
        if len(form.text("reason")) > reason_characters_max:
            wrong["reason"] = _("That is too long.")
        if wrong:
            return await self.shown(HTTPStatus.UNPROCESSABLE_ENTITY, form=form, wrong=wrong)
        try:
            await self._do(booking, form.text("reason"), until, amount)
        except Stale:
            return await self.shown(HTTPStatus.CONFLICT, form=form, is_stale=True)
        except NotAllowed as no:
            return await self.shown(HTTPStatus.CONFLICT, form=form, refused=no.why)
        except NotFound:
            raise
        except Conflict as no:
            return await self.shown(HTTPStatus.CONFLICT, form=form, refused=str(no))
        return RedirectResponse(f"{address_of(self.reference)}?told={self.deed.word}", HTTPStatus.SEE_OTHER)

    async def _looked_at(self) -> tuple[Dispute, Shown | None]:
        return await self.ground.disputes.one(self.reference, before=0), await self.ground.booking(self.reference)

    async def _do(self, booking: Shown | None, reason: str, until: datetime | None, amount: Money | None) -> None:
        by, conversations = self.viewer.by, self.ground.conversations
        if self.deed.act is not None and booking is not None and self.ground.bookings is not None:
            doing = Doing(self.deed.act, Actor.SUPPORT, by, booking.booking.version, reason=reason, until=until, amount=amount)
            await self.ground.bookings.act(self.reference, doing, None)
            return
        match self.deed.word:
            case "extend" if until is not None:
                await conversations.extend(self.reference, until, by)
            case "reopen" if until is not None:
                await conversations.reopen(self.reference, until, by)
            case "close":
                await conversations.close(self.reference, by)
            case "resume-partner":
                await conversations.resume(self.reference, Role.PARTNER, by)
            case "resume-customer":
                await conversations.resume(self.reference, Role.CUSTOMER, by)
            case _:
                raise HTTPException(HTTPStatus.NOT_FOUND)


def _instant(written: str, zone: ZoneInfo) -> datetime | None:
    """As a form writes it, in the activity's zone; None for anything else."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def _amount(written: str, booking: Shown | None) -> Money | None:
    if booking is None:
        return None
    try:
        found = amount_of(written, booking.booking.terms.currency)
    except ValueError:
        return None
    return found if found.minor > 0 else None


def _refundable(booking: Shown | None) -> str:
    if booking is None:
        return ""
    return str(booking.account.refundable).partition(" ")[0]
