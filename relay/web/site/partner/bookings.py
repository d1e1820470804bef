"""The list of a partner's requests and bookings (SL-12, SL-19, SL-27, OR-3, OR-20 to OR-23, OR-31, OR-32, SV-7 to SV-10, SV-21).

What is looked for stands in the address; the counts, the list and the export ask with one filter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from relay.booking.badges import Badge
from relay.booking.booking import Actor, RequiredAction, Stage
from relay.booking.catalogue import Offer, Variant
from relay.booking.ledger import Payment
from relay.booking.offer import Mode
from relay.booking.partner import Partner, PaymentAccount
from relay.booking.selection import TAB, Counts, Order, Tab
from relay.booking.situation import Act
from relay.booking.texts import Texts
from relay.correspondence.languages import marked as _
from relay.values import Language, Role
from relay.web import export
from relay.web.booking_filter import references_max
from relay.web.booking_ports import Shown
from relay.web.booking_shown import ShownBooking
from relay.web.site import status
from relay.web.site.partner.context import PartnerGround, PartnerName, address, is_billed, signs
from relay.web.site.partner.deeds import BY_ACT, Deed, menu
from relay.web.site.partner.listing import ALL, Sought, rows_max
from relay.web.site.partner.ways import ways
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer
from relay.web.site.words import site_words
from relay.web.words import word

offers_max: Final = 100
"""Of which the filters know."""
with_variants_max: Final = 5
"""As many offers, and all of their variants stand among the filters; else those of the offer that is chosen."""

_SHOWN_TABS: Final = (Tab.REQUESTS, Tab.AWAITING_PAYMENT, Tab.BOOKED, Tab.PAST, Tab.ENDED)
_ORDERS: Final = {
    Order.NEWEST: _("Newest first"),
    Order.START: _("By date"),
    Order.DEADLINE: _("By deadline for payment"),
}
_FACTS: Final = {
    "new": _("New"),
    "not_contacted": _("Not contacted yet"),
    "overdue": _("Overdue"),
    "unreached": _("Mail does not arrive"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A booking in the list. `tick`: the one click by which its required action is done, or not any more (SV-14)."""

    shown: Shown
    href: str
    signs: tuple[Badge, ...]
    payment: Payment
    staff: str
    menu: tuple[Deed, ...]
    tick: Deed | None

    @property
    def is_open(self) -> bool:
        """SL-13: a request is managed, everything else is edited (SV-15)."""
        return TAB[self.shown.booking.stage] is Tab.REQUESTS

    @property
    def is_billed(self) -> bool:
        """Whether its payment says anything: nobody owes for what is not agreed on (OR-30)."""
        return is_billed(self.shown)

    @property
    def is_expired(self) -> bool:
        return self.shown.booking.stage is Stage.EXPIRED


def router(ground: PartnerGround) -> APIRouter:
    """`/partner/{partner}`, its counts and its export."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/partner/{partner}")
    async def listed(request: Request, partner: PartnerName) -> Response:
        viewer, membership = await ground.site.at_partner(request, partner)
        provider = await ground.catalogue.partners.one(partner)
        sought = Sought.of(request.query_params)
        wanted = sought.filter(membership, provider.zone)
        page = await ground.bookings.page(wanted, sought.order, rows_max, sought.after or None)
        counts = await ground.bookings.counts(wanted)
        everything = await ground.bookings.counts(Sought().filter(membership, provider.zone)) if sought.is_narrowed else counts
        offers = await ground.catalogue.offers.page(partner, offers_max, None)
        chosen = [one for one in offers if one.id == sought.offer] or (offers if len(offers) <= with_variants_max else [])
        variants = [one for offer in chosen for one in await ground.catalogue.variants.page(offer.id, offers_max, None)]
        rows = [_row(ground, membership, provider, one) for one in page.items]
        return ground.page(
            request,
            "partner/list.html",
            viewer,
            ways=ways(viewer, membership, "bookings", everything),
            membership=membership,
            home=f"/partner/{partner}",
            zone=provider.zone,
            sought=sought,
            tabs=_tabs(viewer, membership, sought, counts),
            chips=_chips(membership, sought, counts),
            rows=rows,
            next_href=f"/partner/{partner}{sought.query(after=page.next)}" if page.next is not None else "",
            selects=_selects(viewer.language, sought, provider, offers, variants),
            promotions=sorted({one.promotion for one in offers if one.promotion}),
            orders=[
                (f"/partner/{partner}{sought.query(order=order)}", said, order is sought.order) for order, said in _ORDERS.items()
            ],
            counts=counts,
            waits=counts.waits_for.get(Actor.PARTNER, 0),
            onboarding=_missing(provider, offers),
        )

    @routes.get("/partner/{partner}/counts")
    async def counted(request: Request, partner: PartnerName) -> Response:
        """The same numbers as the page's, for as long as it is open."""
        _viewer, membership = await ground.site.at_partner(request, partner)
        provider = await ground.catalogue.partners.one(partner)
        counts = await ground.bookings.counts(Sought.of(request.query_params).filter(membership, provider.zone))
        return JSONResponse(_numbers(counts), headers={"Cache-Control": "no-store"})

    @routes.get("/partner/{partner}/bookings.csv")
    async def exported(request: Request, partner: PartnerName) -> Response:
        """What is ticked, or all that was found (SV-10): of texts what the partner may read, and nobody's address."""
        _viewer, membership = await ground.site.at_partner(request, partner)
        provider = await ground.catalogue.partners.one(partner)
        sought = Sought.of(request.query_params)
        ticked = tuple(request.query_params.getlist("reference")[:references_max])
        if request.query_params.get("which") != "ticked":
            ticked = ()
        elif not ticked:
            query = sought.query()
            return RedirectResponse(f"/partner/{partner}{query}{'&' if query else '?'}told=none-ticked", HTTPStatus.SEE_OTHER)
        wanted = sought.filter(membership, provider.zone, ticked)
        rows = export.lines(_each(ground, ground.parties.all(wanted, sought.order, Role.PARTNER)))
        first = await anext(rows)
        headers = {"Content-Disposition": 'attachment; filename="bookings.csv"', "Cache-Control": "no-store"}
        return StreamingResponse(_from(first, rows), media_type=export.media_type, headers=headers)

    return routes


def _row(ground: PartnerGround, membership: Membership, provider: Partner, shown: Shown) -> Row:
    possible = shown.possible.get(Actor.PARTNER, ())
    member = provider.member(shown.booking.assignee)
    ticks = (BY_ACT[one] for one in (Act.ACTION_DONE, Act.ACTION_REOPENED) if one in possible)
    return Row(
        shown=shown,
        href=address(membership, shown.booking.reference),
        signs=signs(ground, shown),
        payment=shown.account.payment(shown.booking.terms.total),
        staff=member.name if member is not None else "",
        menu=menu(possible),
        tick=next(ticks, None),
    )


def _tabs(viewer: Viewer, membership: Membership, sought: Sought, counts: Counts) -> list[dict[str, object]]:
    said = site_words(viewer.language).gettext
    home = f"/partner/{membership.partner}"

    def tab(of: Tab | None, label: str, count: int) -> dict[str, object]:
        href = f"{home}{sought.query(tab=of, stage=None)}"
        return {
            "name": f"tab-{word(of) if of else ALL}",
            "href": href,
            "label": said(label),
            "count": count,
            "is_here": of is sought.tab,
        }

    everywhere = sum(counts.tabs.values()) - (0 if sought.expired else counts.tabs[Tab.EXPIRED])
    return [*(tab(one, status.TABS[one], counts.tabs[one]) for one in _SHOWN_TABS), tab(None, _("All"), everywhere)]


def _chips(membership: Membership, sought: Sought, counts: Counts) -> list[dict[str, object]]:
    """How many there are of each status, wherever they stand (SV-21), and what is to be looked at first (ST-18)."""
    home = f"/partner/{membership.partner}"
    facts = {"new": counts.unseen, "not_contacted": counts.not_contacted, "overdue": counts.overdue}
    chips: list[dict[str, object]] = [
        {
            "name": fact,
            "href": home + sought.query(facts=sought.facts ^ {fact}, tab=None if fact == "overdue" else sought.tab),
            "label": _FACTS[fact],
            "count": count,
            "is_here": fact in sought.facts,
        }
        for fact, count in facts.items()
    ]
    chips += [
        {
            "name": f"stage-{word(stage)}",
            "href": home + sought.query(tab=None, stage=None if stage is sought.stage else stage),
            "label": status.STAGES[stage],
            "count": counts.stages[stage],
            "is_here": stage is sought.stage,
        }
        for stage in Stage
        if counts.stages[stage] or stage is sought.stage
    ]
    chips += [
        {
            "name": f"action-{word(action)}",
            "href": home + sought.query(tab=None, action=None if action is sought.action else action),
            "label": status.ACTIONS[action],
            "count": counts.actions[action],
            "is_here": action is sought.action,
        }
        for action in (RequiredAction.OPEN, RequiredAction.DONE)
        if counts.actions[action] or action is sought.action
    ]
    return chips


def _numbers(counts: Counts) -> dict[str, int]:
    """By the names that the places have on the page."""
    return {
        **{f"tab-{word(one)}": number for one, number in counts.tabs.items()},
        **{f"stage-{word(one)}": number for one, number in counts.stages.items()},
        **{f"action-{word(one)}": number for one, number in counts.actions.items()},
        "new": counts.unseen,
        "not_contacted": counts.not_contacted,
        "overdue": counts.overdue,
        "waits": counts.waits_for.get(Actor.PARTNER, 0),
    }


def _selects(
    language: Language, sought: Sought, provider: Partner, offers: Sequence[Offer], variants: Sequence[Variant]
) -> list[dict[str, object]]:
    """The filters that are chosen from a list: name, label, choices, what is chosen."""
    said = site_words(language).gettext

    def select(name: str, label: str, choices: Sequence[tuple[str, str]], value: str) -> dict[str, object]:
        return {"name": name, "label": said(label), "choices": choices, "value": value}

    def spelled(words: Mapping[Payment, str] | Mapping[RequiredAction, str]) -> list[tuple[str, str]]:
        return [(word(one), said(label)) for one, label in words.items()]

    def titled(title: Texts) -> str:
        return title.read_in(language)

    return [
        select("offer", _("Offer"), [(one.id, titled(one.title)) for one in offers], sought.offer),
        select("variant", _("Variant"), [(one.id, titled(one.title)) for one in variants], sought.variant),
        select("action", _("Required action"), spelled(status.ACTIONS), word(sought.action) if sought.action else ""),
        select("payment", _("Payment"), spelled(status.PAYMENTS), word(sought.payment) if sought.payment else ""),
        select("assignee", _("Assigned to"), [(one.id, one.name) for one in provider.staff], sought.assignee),
    ]


def _missing(provider: Partner, offers: Sequence[Offer]) -> str:
    """How far the partner's payment account is, where something waits for it (SL-2, SL-B6)."""
    if provider.account is PaymentAccount.PENDING:
        return _("Your payment account is not active yet: confirm your mail address with the payment provider.")
    wants = any(one.switches.mode is Mode.CUSTOM_REQUEST for one in offers)
    if provider.account is PaymentAccount.NONE and wants:
        return _("You have no payment account yet: until you have one, nobody can send you custom requests.")
    return ""


async def _each(ground: PartnerGround, found: AsyncIterator[Shown]) -> AsyncIterator[ShownBooking]:
    async for one in found:
        yield ShownBooking.of(one, ground.site.clock())


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for octets in rest:
        yield octets
