"""Offers of a partner: the list, and the editor of an offer and its variants.

Booking conditions stand in one place, the way in which it is booked as one toggle, with what that takes by name (SL-2, OR-1,
OR-8, OR-10, SL-9). What is changed holds for what is booked from then on (SV-12). Only who sees the whole team's bookings changes
anything; the profile and the account of a partner are the house's to set.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.catalogue import Offer, OfferId, OfferKind, Price, PriceKey, Variant, VariantId
from relay.booking.money import Money
from relay.booking.offer import Mode, Switches
from relay.booking.partner import Partner, PartnerId
from relay.booking.texts import Texts
from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotDone, NotFound
from relay.values import Language
from relay.web.catalogue_ports import Catalogue
from relay.web.site.forms import Entered, entered
from relay.web.site.layout import Site
from relay.web.site.partner import offer_form
from relay.web.site.partner.access import by
from relay.web.site.partner.offer_form import ASKED, DIRECT, Form, offer_entered
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer
from relay.web.site.words import LANGUAGES
from relay.web.terms import zone_named

rows_max: Final = 50
Id = Annotated[str, Path(min_length=1, max_length=100)]

TOLD: Final = {
    "saved": _("Saved. It holds for what is booked from now on."),
    "added": _("Added."),
}
_CHANGED: Final = _(
    "Somebody has changed it since you opened this page. Your entries are below; save them again to put them in its place."
)
REFUSED: Final = _("This was not saved: it does not go with what is there already.")
_ZONE: Final = _("There is no such time zone. Write for example Europe/Rome.")
_CURRENCY: Final = _("Three capital letters are needed, for example EUR.")
_AMOUNT: Final = _("An amount that is not below zero is needed, such as 45.00.")
_TITLE: Final = _("A title of 1 to 500 characters is needed.")

T = TypeVar("T", Offer, Variant)


def router(site: Site, catalogue: Catalogue) -> APIRouter:
    """`/partner/{partner}/offers`."""
    routes = APIRouter(prefix="/partner/{partner}/offers", include_in_schema=False, route_class=PageRoute)

    @routes.get("")
    async def offers(request: Request, partner: str) -> Response:
        viewer, membership = await site.at_partner(request, partner)
        after = request.query_params.get("after") or None
        found = await catalogue.offered(partner, rows_max, after)
        return site.page(
            request,
            "partner/offers.html",
            viewer,
            ways=ways(viewer, membership, "offers"),
            told=TOLD,
            partner=membership,
            rows=found,
            rules_of=lambda offer: offer.switches.over(catalogue.house),
            read=reader(viewer.language),
            modes=offer_form.MODES,
            kinds=offer_form.KINDS,
            asked=ASKED,
            may_change=may_change(membership),
            next_href=f"?after={quote(found[-1].offer.id)}" if len(found) == rows_max else "",
            is_first=after is None,
        )

    @routes.get("/new")
    async def new_offer(request: Request, partner: str) -> Response:
        viewer, membership = await keeper(site, request, partner)
        house = await catalogue.partners.one(partner)
        values = {"zone": house.zone.key, "currency": "EUR", "kind": OfferKind.ONE_DAY.value}
        return _new_page(site, request, viewer, membership, Form(house.language, values))

    @routes.post("/new")
    async def add_offer(request: Request, partner: str) -> Response:
        viewer, membership = await keeper(site, request, partner)
        sent, house = await entered(request), await catalogue.partners.one(partner)
        form, offer, variant = _new(sent, house)
        if offer is None or variant is None:
            return _new_page(site, request, viewer, membership, form)
        await catalogue.add(offer, variant, by=by(membership))
        return RedirectResponse(f"/partner/{partner}/offers/{offer.id}?told=added", HTTPStatus.SEE_OTHER)

    @routes.get("/{offer}")
    async def edit(request: Request, partner: str, offer: Id) -> Response:
        viewer, membership = await keeper(site, request, partner)
        found = await offer_of(catalogue, partner, offer)
        language = language_of(request, found.title)
        form = offer_form.offer_form(found, catalogue.house, language)
        return await _offer_page(site, catalogue, request, viewer, membership, found, form)

    @routes.post("/{offer}")
    async def save(request: Request, partner: str, offer: Id) -> Response:
        viewer, membership = await keeper(site, request, partner)
        sent = await entered(request)
        found, house = await offer_of(catalogue, partner, offer), await catalogue.partners.one(partner)
        language = language_of(request, found.title)
        form, changed = offer_entered(sent, found, house, catalogue.house, language)
        await kept(catalogue.offers.change, found, changed, form, sent, by(membership))
        if form.wrong:
            return await _offer_page(site, catalogue, request, viewer, membership, found, form)
        return RedirectResponse(f"/partner/{partner}/offers/{offer}?lang={language.value}&told=saved", HTTPStatus.SEE_OTHER)

    return routes


async def keeper(site: Site, request: Request, partner: str) -> tuple[Viewer, Membership]:
    """Who may change offers: the team, and who sees all of it. Raises HTTPException 404 for others."""
    viewer, membership = await site.at_partner(request, partner)
    if not may_change(membership):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return viewer, membership


def may_change(membership: Membership) -> bool:
    """Whether they may change what the team offers, and who is of it."""
    return membership.member is None or membership.sees_team


async def offer_of(catalogue: Catalogue, partner: str, offer: str) -> Offer:
    """Raises NotFound for another partner's."""
    found = await catalogue.offers.one(offer)
    if found.partner != partner:
        raise NotFound(f"no offer {offer} of theirs")
    return found


async def variant_of(catalogue: Catalogue, offer: Offer, variant: str) -> Variant:
    """Raises NotFound for another offer's."""
    found = await catalogue.variants.one(variant)
    if found.offer != offer.id:
        raise NotFound(f"no variant {variant} of that offer")
    return found


def seen(value: Offer | Variant) -> str:
    """Names just this state of it, so that nobody overwrites what they have not seen."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


async def kept(
    change: Callable[[str, Callable[[T], T], str], object], found: T, changed: T, form: Form, sent: Entered, by_: str
) -> None:
    """Writes `changed`, unless something is wrong, or somebody else was faster: then `form` says so."""
    if form.wrong:
        return
    if sent.line("seen") != seen(found):
        form.wrong[""] = _CHANGED
        return

    def put(before: T) -> T:
        if before != found:
            raise Conflict("it has changed")
        return changed

    try:
        await change(found.id, put, by_)  # type: ignore[misc]  # of a shelf
    except (Conflict, NotDone):
        form.wrong[""] = REFUSED


def language_of(request: Request, title: Texts) -> Language:
    """In which texts are edited: the one that the address names, else the first that there is."""
    named = request.query_params.get("lang", "")
    return next((one for one in Language if one.value == named), title.said[0].language)


def reader(language: Language) -> Callable[[Texts], str]:
    return lambda texts: texts.read_in(language)


async def _offer_page(
    site: Site, catalogue: Catalogue, request: Request, viewer: Viewer, membership: Membership, offer: Offer, form: Form
) -> Response:
    partner = await catalogue.partners.one(offer.partner)
    variants = await catalogue.variants.page(offer.id, rows_max, None)
    rules = offer.switches.over(catalogue.house)
    return site.page(
        request,
        "partner/offer.html",
        viewer,
        status=status_of(form),
        ways=ways(viewer, membership, "offers"),
        told=TOLD,
        partner=membership,
        offer=offer,
        form=form,
        seen=seen(offer),
        lacks=partner.missing_for(rules.mode) is not None,
        needs=offer_form.needs(partner),
        can_be_custom=partner.missing_for(Mode.CUSTOM_REQUEST) is None or rules.mode is Mode.CUSTOM_REQUEST,
        variants=variants,
        mode_of=lambda variant: variant.switches.over(rules).mode,
        languages=tabs(form.language, offer.title),
        direct=[(one.value, offer_form.MODES[one]) for one in DIRECT],
        usual=offer_form.house_says(catalogue.house),
        words=offer_form,
        pairs={
            name: [(one.value, label) for one, label in of.items()]
            for name, of in (("pays", offer_form.PAYS), ("redeems", offer_form.REDEEMS), ("deadlines", offer_form.DEADLINES))
        },
        read=reader(viewer.language),
        OfferKind=OfferKind,
    )


def tabs(here: Language, title: Texts) -> list[dict[str, object]]:
    """One for each language; `is_said`: something is written in it."""
    said = {one.language for one in title.said}
    return [
        {"href": f"?lang={one.value}", "label": name, "count": "✓" if one in said else None, "is_here": one is here}
        for one, name in LANGUAGES.items()
    ]


def status_of(form: Form) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.wrong else HTTPStatus.OK


# What is new


def _new_page(site: Site, request: Request, viewer: Viewer, membership: Membership, form: Form) -> Response:
    return site.page(
        request,
        "partner/offer_new.html",
        viewer,
        status=status_of(form),
        ways=ways(viewer, membership, "offers"),
        partner=membership,
        form=form,
        kinds=[(one.value, label) for one, label in offer_form.KINDS.items()],
        language_name=LANGUAGES[form.language],
    )


def _new(sent: Entered, partner: Partner) -> tuple[Form, Offer | None, Variant | None]:
    """An offer with its first variant, closed until somebody opens it: so nothing half finished is sold (SL-8)."""
    names = ("title", "kind", "zone", "currency", "place", "variant_title", "price_title", "price")
    form = Form(partner.language, {name: sent.line(name) for name in names})
    language, id_ = partner.language, secrets.token_hex(8)
    kind = next((one for one in OfferKind if one.value == form["kind"]), OfferKind.ONE_DAY)
    zone: ZoneInfo | None = None
    try:
        zone = zone_named(form["zone"])
    except ValueError:
        form.wrong["zone"] = _ZONE
    for name in ("title", "variant_title"):
        if not 1 <= len(form[name]) <= 500:
            form.wrong[name] = _TITLE
    currency = form["currency"].upper()
    try:
        Money.zero(currency)
    except ValueError:
        form.wrong["currency"] = _CURRENCY
    prices: tuple[Price, ...] = ()
    if (form["price_title"] or form["price"]) and "currency" not in form.wrong:
        try:
            title = Texts.of(language, form["price_title"])
            prices = (Price(PriceKey(secrets.token_hex(6)), title, Money.of(form["price"].replace(",", "."), currency), 1),)
        except ValueError:
            form.wrong["price"] = _AMOUNT
    if form.wrong or zone is None:
        return form, None, None
    title = Texts.of(language, form["title"])
    offer = Offer(
        OfferId(id_), PartnerId(partner.id), title, kind, zone, currency, form["place"][:500], switches=Switches(), is_closed=True
    )
    hours = timedelta(hours=2) if kind is OfferKind.ONE_DAY else None
    variant = Variant(VariantId(secrets.token_hex(8)), offer.id, Texts.of(language, form["variant_title"]), prices, (), hours)
    return form, offer, variant
