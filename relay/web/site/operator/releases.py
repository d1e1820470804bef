"""The release screen: what waits for payment is released, kept, blocked, or reminded of by people (ST-21 to ST-24, ST-B3, ST-B4).

Nothing is done before a page has said exactly what would be: how many, which, which not and why. Kept until a day is until its
end in UTC.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from relay.booking.booking import Actor, HoldKind, Stage
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act
from relay.correspondence.languages import marked
from relay.errors import Conflict, NotDone
from relay.web.batch_ports import Batches, Outcome, batch_max
from relay.web.booking_ports import Bookings, Doing, Shown
from relay.web.catalogue_ports import Catalogue
from relay.web.once import Once, Repeated
from relay.web.site.forms import entered
from relay.web.site.operator import words
from relay.web.site.operator.ground import Ground
from relay.web.site.operator.ticks import Ticks, end_of
from relay.web.site.route import back
from relay.web.site.viewer import Office, Viewer

HERE: Final = "/operator/releases"
days_max: Final = 366
TOLD: Final = {
    "blocked": marked("Its release is blocked: neither the clock nor a batch takes its place."),
    "unblocked": marked("Its release is not blocked any more."),
    "stale": marked("Nothing was changed: somebody else was faster. Look at it again."),
    "already": marked("This was done already, and was not done a second time."),
}
NO_DAY: Final = marked("Name a day.")
_CONVERSION: Final = (Stage.CONFIRMED, Stage.COMPLETED, Stage.AWAITING_PAYMENT, Stage.CANCELLED, Stage.EXPIRED)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a release screen was asked for, as it was written: the deadline is at most `days` after the day `day`."""

    kind: str
    day: str
    days: int
    offer: str
    promotion: str
    partner: str

    @property
    def is_asked(self) -> bool:
        return bool(self.offer or self.promotion or self.partner)

    def deadline_before(self) -> datetime | None:
        return end_of(self.day, self.days)

    def narrowed(self) -> Filter:
        """To whose bookings, whatever their kind and deadline."""
        return Filter(offer=self.offer or None, promotion=self.promotion or None, partner=self.partner or None)

    def wanted(self) -> Filter:
        hold = HoldKind(self.kind)
        return Filter(
            hold=hold,
            deadline_before=self.deadline_before(),
            offer=self.offer or None,
            promotion=self.promotion or None,
            partner=self.partner or None,
        )

    @property
    def query(self) -> str:
        given = {"kind": self.kind, "day": self.day, "days": str(self.days)}
        given |= {name: value for name in ("offer", "promotion", "partner") if (value := getattr(self, name))}
        return urlencode(given)


Line = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Answers what is asked of the screen."""

    ground: Ground
    bookings: Bookings
    batches: Batches
    catalogue: Catalogue

    async def listed(
        self,
        request: Request,
        viewer: Viewer,
        of: Screen,
        status: HTTPStatus = HTTPStatus.OK,
        ticks: Ticks | None = None,
        wrong: str = "",
    ) -> Response:
        """The screen; `ticks` are those that were sent, where something is `wrong` with them."""
        unclear = "" if of.deadline_before() is not None else NO_DAY
        items: Sequence[Shown] = ()
        counts = None
        if of.is_asked and not unclear:
            items = await self.batches.releasable(of.wanted())
            counts = await self.bookings.counts(of.narrowed())
        return self.ground.page(
            request,
            "releases.html",
            viewer,
            HERE,
            status=status,
            told=TOLD,
            screen=of,
            unclear=unclear,
            items=items,
            ticks=ticks,
            wrong=wrong,
            offers=await self.catalogue.offers.page(None, batch_max, None),
            conversion=[(words.STAGES[one], counts.stages.get(one, 0)) for one in _CONVERSION] if counts is not None else [],
            overdue=counts.overdue if counts is not None else 0,
        )

    async def foreseen(self, request: Request, viewer: Viewer, of: Screen, ticks: Ticks) -> Response:
        """What would happen; nothing does."""
        found = await self.batches.foreseen(ticks.wanted(), viewer.by)
        references = tuple(dict.fromkeys([*ticks.release, *ticks.keep, *ticks.remind]))
        shown = await self.bookings.page(Filter(references=references[:batch_max]), Order.DEADLINE, batch_max, None)
        return self.ground.page(
            request,
            "releases_foreseen.html",
            viewer,
            HERE,
            screen=of,
            ticks=ticks,
            until=ticks.kept_until(),
            known={one.booking.reference: one for one in shown.items},
            release=[one for one in found if one.act is Act.RELEASE and one.done],
            keep=[one for one in found if one.act is Act.EXTEND and one.done],
            remind=[one for one in found if one.act is None and one.done],
            left=[one for one in found if not one.done],
            key=secrets.token_hex(16),
        )

    async def release(self, request: Request, viewer: Viewer, of: Screen, ticks: Ticks, key: str) -> Response:
        """The answer tells what became of each; the same form sent twice does nothing twice."""
        once = Once(viewer.by, key or ticks.digest().hex(), ticks.digest(), _written)
        try:
            outcomes = await self.batches.release(ticks.wanted(), viewer.by, once)
        except Repeated:
            return back(f"{HERE}?{of.query}", "already")
        return self.ground.page(
            request,
            "releases_done.html",
            viewer,
            HERE,
            screen=of,
            done=[one for one in outcomes if one.done],
            left=[one for one in outcomes if not one.done],
        )

    async def block(self, viewer: Viewer, of: Screen, act: Act, one: str) -> Response:
        """Blocked, or not any more, as of the version that was looked at (ST-B4); `one` names both, the version last."""
        reference, _, version = one.rpartition(":")
        if not version.isascii() or not version.isdigit():
            raise NotDone("no version of a booking")
        try:
            await self.bookings.act(reference, Doing(act, Actor.OPERATOR, viewer.by, version=int(version)), None)
        except Conflict:
            return back(f"{HERE}?{of.query}", "stale")
        return back(f"{HERE}?{of.query}", "blocked" if act is Act.BLOCK else "unblocked")


def router(ground: Ground, bookings: Bookings, batches: Batches, catalogue: Catalogue) -> APIRouter:
    """`/operator/releases`: the screen, what it would do, and doing it."""
    routes = ground.routes()
    operates = Depends(ground.site.needs(Office.OPERATOR))
    desk = _Desk(ground, bookings, batches, catalogue)

    def screen(
        kind: Line = HoldKind.RESERVATION.value,
        day: Line = "",
        days: Annotated[int, Query(ge=-days_max, le=days_max)] = 0,
        offer: Line = "",
        promotion: Line = "",
        partner: Line = "",
    ) -> Screen:
        known = kind if kind in {one.value for one in HoldKind} else HoldKind.RESERVATION.value
        today = ground.site.clock().date().isoformat()
        return Screen(known, day or today, days, offer.strip(), promotion.strip(), partner.strip())

    asked = Depends(screen)

    @routes.get(HERE)
    async def releasable(request: Request, viewer: Viewer = operates, of: Screen = asked) -> Response:
        return await desk.listed(request, viewer, of)

    @routes.post(f"{HERE}/foreseen")
    async def foreseen(request: Request, viewer: Viewer = operates, of: Screen = asked) -> Response:
        form = await entered(request)
        ticks = Ticks.of(form, everything=form.is_ticked("everything"))
        if wrong := ticks.wrong():
            return await desk.listed(request, viewer, of, HTTPStatus.UNPROCESSABLE_ENTITY, ticks, wrong)
        return await desk.foreseen(request, viewer, of, ticks)

    @routes.post(HERE)
    async def release(request: Request, viewer: Viewer = operates, of: Screen = asked) -> Response:
        form = await entered(request)
        ticks = Ticks.of(form)
        if wrong := ticks.wrong():
            return await desk.listed(request, viewer, of, HTTPStatus.UNPROCESSABLE_ENTITY, ticks, wrong)
        return await desk.release(request, viewer, of, ticks, form.line("key")[:64])

    @routes.post(f"{HERE}/block")
    async def block(request: Request, viewer: Viewer = operates, of: Screen = asked) -> Response:
        return await desk.block(viewer, of, Act.BLOCK, (await entered(request)).line("one"))

    @routes.post(f"{HERE}/unblock")
    async def unblock(request: Request, viewer: Viewer = operates, of: Screen = asked) -> Response:
        return await desk.block(viewer, of, Act.UNBLOCK, (await entered(request)).line("one"))

    return routes


def _written(outcomes: Sequence[Outcome]) -> str:
    return json.dumps([[one.reference, one.done, one.why] for one in outcomes])
