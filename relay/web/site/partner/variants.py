"""Variants of an offer: their titles, price lists, and how each is booked (OR-10).

A variant may be booked in another way than its offer; where it says nothing, the offer's way holds, and the house's below it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from relay.booking.catalogue import Offer, OfferKind, Variant, VariantId
from relay.booking.texts import Texts
from relay.errors import Conflict, NotDone
from relay.web.catalogue_ports import Catalogue
from relay.web.site.forms import entered
from relay.web.site.layout import Site
from relay.web.site.partner import offer_form
from relay.web.site.partner.access import by
from relay.web.site.partner.offer_form import Form, variant_entered
from relay.web.site.partner.offers import (
    REFUSED,
    TOLD,
    Id,
    keeper,
    kept,
    language_of,
    offer_of,
    reader,
    seen,
    status_of,
    tabs,
    variant_of,
)
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer

NEW: Final = "new"
"""In an address, in the place of a variant that there is not yet."""


def router(site: Site, catalogue: Catalogue) -> APIRouter:
    """`/partner/{partner}/offers/{offer}/variants/{variant}`."""
    routes = APIRouter(prefix="/partner/{partner}/offers", include_in_schema=False, route_class=PageRoute)

    @routes.get("/{offer}/variants/{variant}")
    async def edit_variant(request: Request, partner: str, offer: Id, variant: Id) -> Response:
        viewer, membership = await keeper(site, request, partner)
        above = await offer_of(catalogue, partner, offer)
        found = _fresh(above) if variant == NEW else await variant_of(catalogue, above, variant)
        form = offer_form.variant_form(found, language_of(request, above.title))
        if variant == NEW:
            form.values["title"] = ""
        return await _variant_page(site, catalogue, request, viewer, membership, above, found, form, is_new=variant == NEW)

    @routes.post("/{offer}/variants/{variant}")
    async def save_variant(request: Request, partner: str, offer: Id, variant: Id) -> Response:
        viewer, membership = await keeper(site, request, partner)
        sent, is_new = await entered(request), variant == NEW
        above, house = await offer_of(catalogue, partner, offer), await catalogue.partners.one(partner)
        found = _fresh(above) if is_new else await variant_of(catalogue, above, variant)
        language = language_of(request, above.title)
        rules = above.switches.over(catalogue.house)
        form, changed = variant_entered(sent, found, house, rules, above.currency, language)
        if is_new and not form.wrong:
            # What stands in another language than the one that was edited is the title of the draft.
            changed = replace(changed, title=Texts.of(language, form["title"]))
            try:
                await catalogue.add(changed, by=by(membership))
            except (Conflict, NotDone):
                form.wrong[""] = REFUSED
        elif not is_new:
            await kept(catalogue.variants.change, found, changed, form, sent, by(membership))
        if form.wrong:
            return await _variant_page(site, catalogue, request, viewer, membership, above, found, form, is_new=is_new)
        here = f"/partner/{partner}/offers/{offer}"
        if is_new:
            return RedirectResponse(f"{here}?told=added", HTTPStatus.SEE_OTHER)
        return RedirectResponse(f"{here}/variants/{variant}?lang={language.value}&told=saved", HTTPStatus.SEE_OTHER)

    return routes


async def _variant_page(
    site: Site,
    catalogue: Catalogue,
    request: Request,
    viewer: Viewer,
    membership: Membership,
    offer: Offer,
    variant: Variant,
    form: Form,
    *,
    is_new: bool,
) -> Response:
    partner = await catalogue.partners.one(offer.partner)
    above = offer.switches.over(catalogue.house)
    return site.page(
        request,
        "partner/variant.html",
        viewer,
        status=status_of(form),
        ways=ways(viewer, membership, "offers"),
        told=TOLD,
        partner=membership,
        offer=offer,
        variant=variant,
        form=form,
        seen=seen(variant),
        is_new=is_new,
        above=offer_form.MODES[above.mode],
        lacks=partner.missing_for(variant.switches.over(above).mode) is not None,
        needs=offer_form.needs(partner),
        languages=tabs(form.language, variant.title),
        words=offer_form,
        read=reader(viewer.language),
        OfferKind=OfferKind,
    )


def _fresh(offer: Offer) -> Variant:
    """A draft, with the offer's title until it has its own."""
    return Variant(VariantId(secrets.token_hex(8)), offer.id, offer.title)
