"""Ordering: what is read first, the form, and what comes of it (OR-2, OR-11 to OR-14, SL-3, SL-4, SL-B1, ST-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.beginning import WAYS
from relay.booking.catalogue import Listing, OfferKind, Stock
from relay.booking.deadlines import deadline
from relay.booking.lifecycle import NotAllowed
from relay.booking.offer import Mode, Pay
from relay.booking.situation import Act
from relay.booking.texts import line_characters_max, text_characters_max
from relay.conversation import name_characters_max
from relay.correspondence.languages import marked as _
from relay.correspondence.link_wording import PLEASE_CHECK
from relay.correspondence.notifications.cancelling import rules_of_cancellation
from relay.errors import Conflict, NotDone, NotFound
from relay.transit.network import neighbourhood
from relay.values import Clock, Language
from relay.web.catalogue_ports import Catalogue
from relay.web.language import asked_language
from relay.web.link_ports import TooMany
from relay.web.site.customer import ways as own
from relay.web.site.customer.checkout import TO_CHECKOUT
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import SignInNeeded, Site
from relay.web.site.offers.order_form import Sent, extras_shown, is_in_reach, lines_of, order
from relay.web.site.offers.ports import Display, Orders, Showcase
from relay.web.site.offers.wording import has_date, says, why_not
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Viewer
from relay.web.site.words import LANGUAGES

slots_max: Final = 50
Id = Annotated[str, Path(min_length=1, max_length=100)]

FULL: Final = _("There is no place left at that time. Please choose another one.")
NOT_POSSIBLE: Final = _("It cannot be booked so: the time may be too near or too far ahead, or it is sold out.")
OFTEN: Final = _("Too many orders came from your network or for this address. Please try again in an hour.")


@dataclass(frozen=True, slots=True)
class Time:
    """A published time that has places: how many are free, and until when a reservation of it is to be paid (ST-15)."""

    stock: Stock
    pay_by: datetime | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an order was not taken: a sentence in English, or what is wrong by field."""

    sentence: str
    status: HTTPStatus
    wrong: Mapping[str, str]


def router(site: Site, showcase: Showcase, catalogue: Catalogue, orders: Orders, clock: Clock) -> APIRouter:
    """`/offers/{offer}/{variant}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/offers/{offer}/{variant}")
    async def form(offer: Id, variant: Id, request: Request) -> Response:
        viewer = await site.anybody(request)
        display = await showcase.offer(offer)
        listing = _listing(display, variant)
        times, later = await _times(
            catalogue, listing, clock(), request.query_params.get("from", ""), request.query_params.get("after")
        )
        return _form(site, request, viewer, display, listing, orders, clock(), times, later)

    @routes.get("/offers/{offer}/{variant}/sent")
    async def look_into_your_mail(offer: Id, variant: Id, request: Request) -> Response:
        """Nothing has reached the provider yet (SL-B1)."""
        viewer = await site.anybody(request)
        display = await showcase.offer(offer)
        listing = _listing(display, variant)
        return site.page(
            request, "offers/mail.html", viewer, display=display, listing=listing, way=WAYS[listing.rules.mode].value
        )

    @routes.post("/offers/{offer}/{variant}")
    async def send(offer: Id, variant: Id, request: Request) -> Response:
        viewer, sent = await site.anybody(request), await entered(request)
        if viewer is None and orders.needs_sign_in:
            raise SignInNeeded
        display = await showcase.offer(offer)
        listing = _listing(display, variant)
        read = order(sent, listing, viewer.address if viewer is not None else None, _language(request, viewer))
        refused = Refused(PLEASE_CHECK, HTTPStatus.UNPROCESSABLE_ENTITY, read.wrong)
        if read.asked is not None:
            try:
                return await _taken(orders, listing, read, sent, viewer, request)
            except NotFound:
                refused = Refused(FULL, HTTPStatus.CONFLICT, {"slot": FULL})
            except NotAllowed as why:
                full = why.objects.startswith("there_is_room")
                refused = Refused(FULL if full else NOT_POSSIBLE, HTTPStatus.CONFLICT, {"slot": FULL} if full else {})
            except TooMany:
                refused = Refused(OFTEN, HTTPStatus.TOO_MANY_REQUESTS, {})
            except Conflict:
                refused = Refused(NOT_POSSIBLE, HTTPStatus.CONFLICT, {})
            except NotDone as why:
                refused = Refused(PLEASE_CHECK, HTTPStatus.UNPROCESSABLE_ENTITY, {str(why).partition(":")[0]: PLEASE_CHECK})
        times, later = await _times(catalogue, listing, clock(), sent.line("from"), None)
        return _form(site, request, viewer, display, listing, orders, clock(), times, later, refused, sent)

    return routes


async def _taken(
    orders: Orders, listing: Listing, read: Sent, sent: Entered, viewer: Viewer | None, request: Request
) -> Response:
    """What comes of an order that can be meant. Raises what `Orders` does."""
    if read.asked is None:
        raise AssertionError("it was read")
    rules, way = listing.rules, WAYS[listing.rules.mode]
    # What is paid at once on the provider's pages needs no other proof of who it is, and binds the partner to nothing before.
    pays_at_once = way is Act.CHECK_OUT and rules.pay is Pay.BEFORE_CONFIRMATION and orders.pays_online and bool(read.total)
    network = neighbourhood(request.client.host if request.client is not None else "")
    if viewer is None and not pays_at_once:
        await orders.keep(read.asked, way, network)
        return RedirectResponse(f"{request.url.path}/sent", HTTPStatus.SEE_OTHER)
    key = f"{viewer.session if viewer is not None else read.asked.customer.address.key} {sent.line('key')[:100]}"
    begun = await orders.begin(read.asked, key, None if viewer is not None else network)
    if pays_at_once:
        return RedirectResponse(await orders.checkout(begun.reference), HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/my/bookings/{begun.reference}/sent", HTTPStatus.SEE_OTHER)


def _form(
    site: Site,
    request: Request,
    viewer: Viewer | None,
    display: Display,
    listing: Listing,
    orders: Orders,
    now: datetime,
    times: Sequence[Time],
    later: str,
    refused: Refused | None = None,
    sent: Entered | None = None,
) -> Response:
    language = _language(request, viewer)
    rules, offer = listing.rules, listing.offer
    return site.page(
        request,
        "offers/order.html",
        viewer,
        status=refused.status if refused is not None else HTTPStatus.OK,
        ways=own.ways(viewer, "offers") if viewer is not None else (),
        policy=TO_CHECKOUT,
        display=display,
        listing=listing,
        mode=says(listing),
        why_not=why_not(listing, now, display.profiles),
        needs_sign_in=viewer is None and orders.needs_sign_in,
        is_asked_for=WAYS[rules.mode] is Act.REQUEST,
        is_custom=rules.mode is Mode.CUSTOM_REQUEST,
        can_be_left_open=rules.mode is Mode.VOUCHER,
        has_date=has_date(listing),
        has_end=offer.kind is OfferKind.SEVERAL_DAYS or listing.variant.duration is None,
        times=times,
        later=later,
        since=request.query_params.get("from", "") or (sent.line("from") if sent is not None else ""),
        prices=tuple(lines_of(listing))[: len(listing.variant.prices)],
        options=tuple(lines_of(listing))[len(listing.variant.prices) :],
        counts_people=any(one.people for one in listing.variant.prices),
        extras=range(extras_shown),
        cancellation=rules_of_cancellation(rules, language, has_date=has_date(listing)),
        language_chosen=language.value,
        languages=tuple((one.value, name) for one, name in LANGUAGES.items()),
        name_max=name_characters_max,
        line_max=line_characters_max,
        text_max=text_characters_max,
        key=sent.line("key") if sent is not None else str(now.timestamp()),
        sent={name: sent.text(name) for name in sent.fields} if sent is not None else {},
        alert=refused.sentence if refused is not None else "",
        wrong=refused.wrong if refused is not None else {},
        read_in=Language(language),
    )


def _listing(display: Display, variant: str) -> Listing:
    found = next((one for one in display.listings if one.variant.id == variant), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _language(request: Request, viewer: Viewer | None) -> Language:
    return viewer.language if viewer is not None else asked_language(request)


async def _times(
    catalogue: Catalogue, listing: Listing, now: datetime, since: str, after: str | None
) -> tuple[tuple[Time, ...], str]:
    """The next that can be booked, from the day `since` on, and after which one there are more; empty where there are none."""
    if listing.offer.kind is OfferKind.GOODS:
        return (), ""
    zone, rules = listing.offer.zone, listing.rules
    begins = max(_day(since, listing) or now, now + rules.lead_time)
    try:
        found = await catalogue.slots(listing.variant.id, begins, slots_max, after[:100] if after else None)
    except NotFound:
        found = ()
    free = [one for one in found if one.free > 0 and is_in_reach(listing, one.slot.occasion.starts_at, now)]
    reserves = rules.mode is Mode.RESERVE
    times = tuple(Time(one, deadline(rules.term, now, one.slot.occasion.starts_at, zone) if reserves else None) for one in free)
    return times, found[-1].slot.id if len(found) == slots_max else ""


def _day(text: str, listing: Listing) -> datetime | None:
    """The beginning of a day in the activity's zone; None for what is none."""
    try:
        day = datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=listing.offer.zone)
    except ValueError:
        return None
    return day.astimezone(UTC) if timedelta() < day - datetime(2000, 1, 1, tzinfo=UTC) < timedelta(days=365_000) else None
