"""A one-way message to everybody who takes part on a date (SL-B5): one mail for each booking, and answers are not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.booking import Actor, Stage
from relay.booking.catalogue import Offer
from relay.booking.selection import Filter
from relay.booking.texts import line_characters_max, text_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.link_wording import PLEASE_CHECK, TELLS_YOU
from relay.correspondence.passed_on import CannotCross
from relay.errors import Conflict, NotDone
from relay.web.batch_ports import Announcement, Outcome
from relay.web.site.forms import Entered, entered
from relay.web.site.partner.access import by
from relay.web.site.partner.booking import may_assign
from relay.web.site.partner.context import PartnerGround, PartnerName
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer

offers_max: Final = 100
_earliest, _latest = 2000, 2999
_FIELDS: Final = ("offer", "date", "subject", "text")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page says beside its form."""

    wrong: dict[str, str]
    alert: str = ""
    outcomes: Sequence[Outcome] = ()
    reached: int | None = None
    """How many take part, where a date is chosen."""


def router(ground: PartnerGround) -> APIRouter:
    """`/partner/{partner}/announce`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    async def allowed(request: Request, partner: str) -> tuple[Viewer, Membership, Sequence[Offer]]:
        """Whoever sees the team's bookings writes to all who take part."""
        viewer, membership = await ground.site.at_partner(request, partner)
        if not may_assign(membership):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return viewer, membership, await ground.catalogue.offers.page(partner, offers_max, None)

    def page(
        request: Request,
        viewer: Viewer,
        membership: Membership,
        offers: Sequence[Offer],
        values: dict[str, str],
        shown: _Shown,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        return ground.page(
            request,
            "partner/announce.html",
            viewer,
            status=status,
            ways=ways(viewer, membership, "bookings"),
            home=f"/partner/{membership.partner}",
            offers=[(one.id, one.title.read_in(viewer.language)) for one in offers],
            values=values,
            wrong=shown.wrong,
            alert=shown.alert,
            outcomes=shown.outcomes,
            reached=shown.reached,
            subject_max=line_characters_max,
            text_max=text_characters_max,
        )

    @routes.get("/partner/{partner}/announce")
    async def form(request: Request, partner: PartnerName) -> Response:
        viewer, membership, offers = await allowed(request, partner)
        asked = {name: request.query_params.get(name, "")[:100] for name in ("offer", "date")}
        return page(request, viewer, membership, offers, asked, _Shown({}))

    @routes.post("/partner/{partner}/announce")
    async def announce(request: Request, partner: PartnerName) -> Response:
        viewer, membership, offers = await allowed(request, partner)
        sent = await entered(request)
        values = {name: sent.text(name) if name == "text" else sent.line(name) for name in _FIELDS}
        announcement, wrong = _announcement(sent, offers)
        if announcement is None:
            return page(request, viewer, membership, offers, values, _Shown(wrong), HTTPStatus.UNPROCESSABLE_ENTITY)
        if sent.line("does") == "count":
            return page(
                request, viewer, membership, offers, values, _Shown({}, reached=await _taking_part(ground, partner, announcement))
            )
        try:
            outcomes = await ground.batches.announce(announcement, Actor.PARTNER, by(membership), None)
        except CannotCross:
            return page(request, viewer, membership, offers, values, _Shown({}, TELLS_YOU), HTTPStatus.UNPROCESSABLE_ENTITY)
        except (Conflict, NotDone):
            return page(request, viewer, membership, offers, values, _Shown({}, PLEASE_CHECK), HTTPStatus.UNPROCESSABLE_ENTITY)
        if not outcomes:
            nobody = _Shown({"date": _("Nobody takes part on that day.")}, reached=0)
            return page(request, viewer, membership, offers, values, nobody, HTTPStatus.UNPROCESSABLE_ENTITY)
        missed = [one for one in outcomes if not one.done]
        if missed:
            told = _Shown({}, _("Not everybody could be written to."), missed)
            return page(request, viewer, membership, offers, values, told, HTTPStatus.CONFLICT)
        return RedirectResponse(f"/partner/{partner}?tab=booked&told=announced", HTTPStatus.SEE_OTHER)

    return routes


def _announcement(sent: Entered, offers: Sequence[Offer]) -> tuple[Announcement | None, dict[str, str]]:
    """What was entered, for the day as the offer's place has it; or which fields are wrong, and why."""
    offer = next((one for one in offers if one.id == sent.line("offer")), None)
    day, subject, text = _day(sent.line("date")), sent.line("subject"), sent.text("text")
    wrong = {
        "offer": "" if offer is not None else _("Please choose an offer."),
        "date": "" if day is not None else _("A date is needed."),
        "subject": "" if 0 < len(subject) <= line_characters_max else _("A subject is needed."),
        "text": "" if 0 < len(text) <= text_characters_max else _("Please write something."),
    }
    if sent.line("does") == "count":
        wrong = {name: wrong[name] for name in ("offer", "date")}
    wrong = {name: why for name, why in wrong.items() if why}
    if wrong or offer is None or day is None:
        return None, wrong
    begins, ends = (datetime.combine(one, time(), offer.zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return Announcement(offer.id, begins, ends, subject, text), {}


async def _taking_part(ground: PartnerGround, partner: str, announcement: Announcement) -> int:
    wanted = Filter(
        partner=partner,
        offer=announcement.offer,
        starts_from=announcement.starts_from,
        starts_before=announcement.starts_before,
    )
    return (await ground.bookings.counts(wanted)).stages[Stage.CONFIRMED]


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if _earliest <= day.year <= _latest else None
