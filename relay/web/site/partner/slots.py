"""Slots of a variant: when there is room and for how many, one at a time or in a series; each can be closed by hand (SL-B6).

Days and times are entered in the zone of the activity. Nobody is thrown out: there is never less room than is taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from relay.booking.catalogue import Listing, OfferKind, Slot, Stock, VariantId, capacity_max, duration_max
from relay.booking.terms import Occasion, SlotId
from relay.conversation import checked_instant
from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotFound
from relay.values import Clock
from relay.web.catalogue_ports import Catalogue
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.partner.access import by
from relay.web.site.partner.offer_form import Form, day_of
from relay.web.site.partner.offers import Id, keeper, offer_of, reader, status_of, variant_of
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer

rows_max: Final = 50
series_max: Final = 100
"""Slots that are added at once."""
days_max: Final = duration_max.days
weekdays: Final = 7

TOLD: Final = {
    "added": _("Added."),
    "capacity": _("The number of places is changed."),
    "closed": _("Closed: nothing more of it is sold."),
    "open": _("Open again."),
}
_DAY: Final = _("This is no date.")
_TIME: Final = _("A time is needed, such as 09:30.")
_PLACES: Final = _("A number of places is needed.")
_DAYS: Final = _("A number of days is needed.")
_PAST: Final = _("It lies in the past.")
_MANY: Final = _("A series has at most 100 slots. Make it shorter.")
_NONE: Final = _("No such day lies between the first and the last.")
_NEAR: Final = _("One of them is too near to another slot, by the pause that your rules demand. Nothing was added.")
_LESS: Final = _("So few places there cannot be: more are taken already.")


def router(site: Site, clock: Clock, catalogue: Catalogue) -> APIRouter:
    """`/partner/{partner}/offers/{offer}/variants/{variant}/slots`."""
    where = "/partner/{partner}/offers/{offer}/variants/{variant}/slots"
    routes = APIRouter(prefix=where, include_in_schema=False, route_class=PageRoute)

    async def listing_of(request: Request, partner: str, offer: str, variant: str) -> tuple[Viewer, Membership, Listing]:
        viewer, membership = await keeper(site, request, partner)
        await variant_of(catalogue, await offer_of(catalogue, partner, offer), variant)
        return viewer, membership, await catalogue.listing(variant)

    @routes.get("")
    async def slots(request: Request, partner: str, offer: Id, variant: Id) -> Response:
        viewer, membership, listing = await listing_of(request, partner, offer, variant)
        return await _page(
            site, catalogue, request, viewer, membership, listing, Form(viewer.language, {"days": "2", "starts": "09:00"})
        )

    @routes.post("")
    async def add(request: Request, partner: str, offer: Id, variant: Id) -> Response:
        viewer, membership, listing = await listing_of(request, partner, offer, variant)
        sent = await entered(request)
        form = Form(viewer.language, {name: sent.line(name) for name in ("first", "starts", "ends", "days", "until", "capacity")})
        form.values |= {f"on_{day}": "yes" if sent.is_ticked(f"on_{day}") else "" for day in range(weekdays)}
        made = _series(form, sent, listing, clock())
        if made and not form.wrong:
            try:
                await catalogue.add(*made, by=by(membership))
            except Conflict:
                form.wrong[""] = _NEAR
        if form.wrong:
            return await _page(site, catalogue, request, viewer, membership, listing, form)
        return _back(request, "added")

    @routes.post("/{slot}")
    async def change(
        request: Request, partner: str, offer: Id, variant: Id, slot: Annotated[str, Path(min_length=1, max_length=100)]
    ) -> Response:
        viewer, membership, listing = await listing_of(request, partner, offer, variant)
        sent = await entered(request)
        stock = await _theirs(catalogue, listing, slot, sent.line("at"))
        closing = {"yes": True, "no": False}.get(sent.line("closed"))
        if closing is not None:
            await catalogue.change_slot(stock.slot.id, None, closing, by(membership))
            return _back(request, "closed" if closing else "open", of=f"slot-{slot}")
        form = Form(viewer.language, {"starts": "09:00", "days": "2", f"capacity_{slot}": sent.line("capacity")})
        capacity = _places(form, f"capacity_{slot}")
        if not form.wrong and capacity is not None:
            try:
                await catalogue.change_slot(stock.slot.id, capacity, None, by(membership))
            except Conflict:
                form.wrong[f"capacity_{slot}"] = form.wrong[""] = _LESS
        if form.wrong:
            form.wrong.setdefault("", _PLACES)
            return await _page(site, catalogue, request, viewer, membership, listing, form)
        return _back(request, "capacity", of=f"slot-{slot}")

    return routes


async def _page(
    site: Site, catalogue: Catalogue, request: Request, viewer: Viewer, membership: Membership, listing: Listing, form: Form
) -> Response:
    zone, asked = listing.offer.zone, request.query_params
    since = _since(asked.get("from", ""), site.clock(), listing)
    after = asked.get("after") or None
    found = await catalogue.slots(listing.variant.id, since, rows_max, after)
    kept = {"from": asked["from"]} if asked.get("from") else {}
    return site.page(
        request,
        "partner/slots.html",
        viewer,
        status=status_of(form),
        ways=ways(viewer, membership, "offers"),
        told=TOLD,
        partner=membership,
        offer=listing.offer,
        variant=listing.variant,
        rows=found,
        form=form,
        zone=zone,
        since=since.astimezone(zone).date().isoformat(),
        read=reader(viewer.language),
        several=listing.offer.kind is OfferKind.SEVERAL_DAYS,
        monday=datetime(2024, 1, 1, 12, tzinfo=zone),
        one_day=timedelta(days=1),
        next_href=f"?{urlencode({**kept, 'after': found[-1].slot.id})}" if len(found) == rows_max else "",
        is_first=after is None,
    )


def _back(request: Request, told: str, of: str = "") -> Response:
    """To the list, where somebody was in it."""
    path = request.url.path.rpartition("/slots")[0] + "/slots"
    since = request.query_params.get("from", "")
    query = urlencode({**({"from": since} if since else {}), "told": told})
    return RedirectResponse(f"{path}?{query}{f'#{quote(of)}' if of else ''}", HTTPStatus.SEE_OTHER)


async def _theirs(catalogue: Catalogue, listing: Listing, slot: str, at: str) -> Stock:
    """The slot of that id, if it is one of this variant, that begins `at`. Raises NotFound."""
    try:
        since = checked_instant(datetime.fromisoformat(at), "slot")
    except ValueError:
        raise NotFound(f"no slot {slot} then") from None
    found = await catalogue.slots(listing.variant.id, since, rows_max, None)
    for one in found:
        if one.slot.id == slot:
            return one
    raise NotFound(f"variant {listing.variant.id} has no slot {slot}")


def _since(written: str, now: datetime, listing: Listing) -> datetime:
    """The beginning of that day; of today, where none is named."""
    zone = listing.offer.zone
    try:
        day = day_of(written)
    except ValueError:
        day = now.astimezone(zone).date()
    return datetime.combine(day, time(), zone)


def _series(form: Form, sent: Entered, listing: Listing, now: datetime) -> list[Slot]:
    """The slots that the form describes; what cannot be meant stands in `form`."""
    first, until = _day(form, "first", needed=True), _day(form, "until")
    starts, ends = _time(form, "starts"), _time(form, "ends")
    capacity, days = _places(form, "capacity"), _days(form, listing)
    if form.wrong or first is None or starts is None or ends is None or capacity is None:
        return []
    ticked = {day for day in range(weekdays) if sent.is_ticked(f"on_{day}")} or set(range(weekdays))
    dates = list(_dates(first, until or first, ticked if until is not None else set(range(weekdays))))
    if not dates or len(dates) > series_max:
        form.wrong["until"] = _MANY if dates else _NONE
        return []
    zone = listing.offer.zone
    more = days - 1 if days > 1 or ends > starts else 1
    made = []
    for on in dates:
        begins = datetime.combine(on, starts, zone)
        occasion = Occasion(begins, datetime.combine(on + timedelta(days=more), ends, zone), zone)
        made.append(Slot(SlotId(secrets.token_hex(8)), VariantId(listing.variant.id), occasion, capacity))
    if made[0].occasion.starts_at <= now:
        form.wrong["first"] = _PAST
    return made


def _dates(first: date, until: date, ticked: set[int]) -> Iterator[date]:
    """The days of a series; one more than it may have, at most."""
    found, on = 0, first
    while on <= until and found <= series_max and (on - first).days <= days_max * 3:
        if on.weekday() in ticked:
            found += 1
            yield on
        on += timedelta(days=1)


def _day(form: Form, name: str, *, needed: bool = False) -> date | None:
    if not form[name] and not needed:
        return None
    try:
        return day_of(form[name])
    except ValueError:
        form.wrong[name] = _DAY
        return None


def _time(form: Form, name: str) -> time | None:
    try:
        at = time.fromisoformat(form[name])
    except ValueError:
        form.wrong[name] = _TIME
        return None
    return at.replace(tzinfo=None)


def _days(form: Form, listing: Listing) -> int:
    """How many days it takes: one, unless the offer is of several."""
    if listing.offer.kind is not OfferKind.SEVERAL_DAYS:
        return 1
    written = form["days"]
    if not (written.isascii() and written.isdigit() and len(written) <= 3 and 1 <= int(written) <= days_max):
        form.wrong["days"] = _DAYS
        return 1
    return int(written)


def _places(form: Form, name: str) -> int | None:
    written = form[name]
    if not (written.isascii() and written.isdigit() and len(written) <= 7 and int(written) <= capacity_max):
        form.wrong[name] = _PLACES
        return None
    return int(written)
