"""One booking as its partner has it: all that the customer entered, where it stands, the money, what happened and what comes.

Opening the page marks it seen (OR-20), though that is a GET: only the partner's own people get there, signed in, nobody is told
of it, nothing else changes, and twice is once. A form for it would keep the mark until somebody pressed a button that does
nothing else. What a browser fetches ahead, which nobody looks at, does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from relay.booking.booking import OPEN, Actor, Stage
from relay.booking.money import Money
from relay.booking.partner import Partner, StaffId
from relay.booking.situation import Act
from relay.booking.terms import Terms
from relay.correspondence.notifications.comparison import Change, differences
from relay.correspondence.notifications.voice import Speech
from relay.errors import Conflict
from relay.values import Language, Role
from relay.web.booking_ports import Doing, Past, Shown
from relay.web.site import status
from relay.web.site.partner.access import by
from relay.web.site.partner.context import PartnerGround, PartnerName, Reference, address, is_billed, signs
from relay.web.site.partner.deeds import ASSIGN, BY_ACT, menu
from relay.web.site.partner.ways import ways
from relay.web.site.partner.wording import ACTORS, HAPPENED, REFUND_CAUSES, REMINDED, TO_THE_PARTNER
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer

_UNSEEN: Final = OPEN | {Stage.AWAITING_PAYMENT}
"""The stages in which it matters whether somebody has looked (the table's row of Act.SEE)."""
_ASSIGNABLE: Final = _UNSEEN | {Stage.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the terms, and what differs from the one before."""

    terms: Terms
    changes: tuple[Change, ...]


def router(ground: PartnerGround) -> APIRouter:
    """`/partner/{partner}/bookings/{reference}`."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)

    @routes.get("/partner/{partner}/bookings/{reference}")
    async def look(request: Request, partner: PartnerName, reference: Reference) -> Response:
        viewer, membership, shown = await ground.theirs(request, partner, reference)
        if shown.booking.seen_at is None and shown.booking.stage in _UNSEEN and not _is_fetched_ahead(request):
            shown = await _seen(ground, membership, shown)
        return await booking_page(ground, request, viewer, membership, shown)

    return routes


async def booking_page(
    ground: PartnerGround,
    request: Request,
    viewer: Viewer,
    membership: Membership,
    shown: Shown,
    status_code: HTTPStatus = HTTPStatus.OK,
    alerts: Sequence[str] = (),
) -> Response:
    """The page; `alerts` are English sentences that stand at its top, after something that was not done."""
    booking, reference = shown.booking, shown.booking.reference
    possible = shown.possible.get(Actor.PARTNER, ())
    provider = await ground.catalogue.partners.one(membership.partner)
    offer = await ground.catalogue.offers.one(booking.offer)
    waiting, coming = await ground.bookings.forecast(reference)
    versions = await ground.parties.terms(reference, Role.PARTNER)
    refunds = await ground.bookings.refunds(reference)
    ticks = (BY_ACT[one] for one in (Act.ACTION_DONE, Act.ACTION_REOPENED) if one in possible)
    return ground.page(
        request,
        "partner/booking.html",
        viewer,
        status=status_code,
        ways=ways(viewer, membership, "bookings"),
        membership=membership,
        home=f"/partner/{membership.partner}",
        href=address(membership, reference),
        alerts=alerts,
        shown=shown,
        booking=booking,
        terms=booking.terms,
        proposal_changes=_changes(booking.terms, booking.proposal, viewer.language),
        to_the_partner=TO_THE_PARTNER,
        zone=booking.zone,
        signs=signs(ground, shown),
        asked=versions[0] if versions else booking.terms,
        is_billed=is_billed(shown),
        payment=shown.account.payment(booking.terms.total),
        outstanding=_outstanding(shown),
        deeds=menu(possible),
        tick=next(ticks, None),
        staff=_named(provider, booking.assignee),
        can_assign=booking.stage in _ASSIGNABLE and bool(provider.staff) and may_assign(membership),
        assign=ASSIGN,
        staff_note=offer.staff_note,
        promotion=offer.promotion,
        conversation=status.CONVERSATION[booking.relay],
        waiting=waiting,
        coming=coming,
        reminded=REMINDED,
        history=[(one, *_who(one, shown, provider)) for one in await ground.parties.history(reference, Role.PARTNER)],
        versions=_versions(versions, viewer.language),
        refunds=refunds,
        refund_days=ground.refund_days,
        refund_causes=REFUND_CAUSES,
        action_by=_person(provider, booking.action_by),
        contacted_by=_person(provider, booking.contacted_by),
    )


def may_assign(membership: Membership) -> bool:
    """Whoever sees the team's bookings says who takes one on."""
    return membership.member is None or membership.sees_team


async def _seen(ground: PartnerGround, membership: Membership, shown: Shown) -> Shown:
    doing = Doing(Act.SEE, Actor.PARTNER, by(membership), version=shown.booking.version)
    # Where somebody else looked, or acted, at the same moment, it is as they left it.
    with suppress(Conflict):
        await ground.parties.act(shown.booking.reference, Role.PARTNER, doing)
    return await ground.parties.one(shown.booking.reference, Role.PARTNER)


def _is_fetched_ahead(request: Request) -> bool:
    return "prefetch" in (request.headers.get("sec-purpose") or request.headers.get("purpose") or "")


def _outstanding(shown: Shown) -> Money:
    booking = shown.booking
    return max(booking.terms.total - booking.paid_in(shown.account), booking.terms.total.zero(booking.terms.currency))


def _named(provider: Partner, assignee: StaffId | None) -> str:
    member = provider.member(assignee)
    return member.name if member is not None else ""


def _person(provider: Partner, by: str) -> str:
    """The member of the staff whom a history names; empty for everybody else: what programs and accounts are called is the
    house's own."""
    return _named(provider, StaffId(by.partition(" (")[0]))


def _who(past: Past, shown: Shown, provider: Partner) -> tuple[str, str, str]:
    """What was done, by whom as a word, and the name where it is one of the partner's own people or the customer."""
    said = {one.value: one for one in Act}
    act = said.get(past.act)
    happened = HAPPENED.get(act, past.act) if act is not None else past.act
    if past.actor is Actor.PARTNER:
        return happened, ACTORS[past.actor], _person(provider, past.by)
    return happened, ACTORS[past.actor], shown.customer.name if past.actor is Actor.CUSTOMER else ""


def _versions(terms: Sequence[Terms], language: Language) -> list[Version]:
    """The newest first."""
    pairs = zip((None, *terms[:-1]), terms, strict=True)
    return [Version(one, _changes(old, one, language) if old is not None else ()) for old, one in pairs][::-1]


def _changes(old: Terms, new: Terms | None, language: Language) -> tuple[Change, ...]:
    return differences(old, new, Speech(language)) if new is not None else ()
