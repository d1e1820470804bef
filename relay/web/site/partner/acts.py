"""Acting on a booking: a form for each act, filled with what is known (OR-24, OR-25), and the one click that needs none.

Each form carries the version of the booking that was looked at. Where somebody was faster, or it is not possible any more, the
page says so with what is possible instead, and nothing that was entered is lost (SL-5, SL-22 to SL-26, OR-36, OR-38, SV-14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from relay.booking.booking import Actor
from relay.booking.catalogue import Stock
from relay.booking.guards import has_to_be_paid_first
from relay.booking.lifecycle import NotAllowed
from relay.booking.partner import StaffId
from relay.booking.situation import Act, Situation
from relay.correspondence.languages import marked as _
from relay.correspondence.link_form import ADVICE, alternatives
from relay.correspondence.link_wording import CAUSES, PLEASE_CHECK, TELLS_YOU, WRITTEN_OFTEN
from relay.correspondence.notifications.comparison import differences
from relay.correspondence.notifications.voice import Speech
from relay.correspondence.passed_on import CannotCross
from relay.errors import Conflict, NotDone
from relay.values import Role
from relay.web.booking_ports import Doing, Shown, Stale
from relay.web.link_ports import TooMany
from relay.web.site.forms import Entered, entered
from relay.web.site.partner.access import by
from relay.web.site.partner.booking import booking_page, may_assign
from relay.web.site.partner.context import PartnerGround, PartnerName, Reference, address
from relay.web.site.partner.deeds import ASSIGN, BY_WORD, Deed, menu
from relay.web.site.partner.forms import WITH_TERMS, Filled, Wrong, doing, entered_again, filled, preview
from relay.web.site.partner.listing import Sought
from relay.web.site.partner.ways import ways
from relay.web.site.partner.wording import AT_THE_FORM, CHANGED, LOOK_AGAIN, NOT_POSSIBLE, WHY
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Membership, Viewer

slots_max: Final = 50
version_digits_max: Final = 9
back_characters_max: Final = 2_000
_LETTERS: Final = frozenset({Act.CONTACT, Act.DECLINE})
"""Which are filled with what the customer would read (OR-24, SL-24)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request about one act on one booking."""

    request: Request
    viewer: Viewer
    membership: Membership
    shown: Shown
    deed: Deed

    @property
    def href(self) -> str:
        return address(self.membership, self.shown.booking.reference)

    @property
    def is_possible(self) -> bool:
        if self.deed is ASSIGN:
            return may_assign(self.membership)
        return self.deed.act in self.shown.possible.get(Actor.PARTNER, ())


def router(ground: PartnerGround) -> APIRouter:
    """`/partner/{partner}/bookings/{reference}/…`: one address for each act."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    for deed in BY_WORD.values():
        _add(routes, ground, deed)

    @routes.post("/partner/{partner}/bookings/{reference}/total")
    async def total(request: Request, partner: PartnerName, reference: Reference) -> Response:
        """What the form comes to as it stands: the same reckoning as without scripts, for the page to show as one types."""
        viewer, _membership, shown = await ground.theirs(request, partner, reference)
        slots = await _slots(ground, shown)
        reckoned = _reckoned(shown, await entered(request), slots, viewer)
        return ground.page(request, "partner/total.html", viewer, **reckoned)

    return routes


def _add(routes: APIRouter, ground: PartnerGround, deed: Deed) -> None:
    path = f"/partner/{{partner}}/bookings/{{reference}}/{deed.word}"

    async def asked(request: Request, partner: str, reference: str) -> _Asked:
        return _Asked(request, *(await ground.theirs(request, partner, reference)), deed)

    async def show(request: Request, partner: PartnerName, reference: Reference) -> Response:
        of = await asked(request, partner, reference)
        if deed.is_at_once:
            return RedirectResponse(of.href, HTTPStatus.SEE_OTHER)
        if not of.is_possible:
            return await _refused(ground, of, [NOT_POSSIBLE])
        return await _form(ground, of)

    async def do(request: Request, partner: PartnerName, reference: Reference) -> Response:
        of, sent = await asked(request, partner, reference), await entered(request)
        if not of.is_possible:
            return await _refused(ground, of, [NOT_POSSIBLE])
        if sent.line("does") == "reckon" and deed.act in WITH_TERMS:
            return await _form(ground, of, sent)
        return await _done(ground, of, sent)

    routes.add_api_route(path, show, methods=["GET"])
    routes.add_api_route(path, do, methods=["POST"])


async def _done(ground: PartnerGround, of: _Asked, sent: Entered) -> Response:
    """Does it, or says why not: with the form and all that was entered where that can be mended, else with the booking."""
    reference, deed = of.shown.booking.reference, of.deed
    version = _version(sent)
    try:
        situation = await ground.parties.situation(reference)
        to_do = doing(deed.act, of.shown, situation, sent, version, by(of.membership))
        await _insist_on_staff(ground, of, to_do)
        await ground.parties.act(reference, Role.PARTNER, to_do)
    except Wrong as wrong:
        return await _form(ground, of, sent, HTTPStatus.UNPROCESSABLE_ENTITY, wrong=wrong)
    except Stale:
        return await _stale(ground, of, sent)
    except NotAllowed as not_allowed:
        why = WHY.get(not_allowed.objects, "")
        if not_allowed.objects in AT_THE_FORM and not deed.is_at_once:
            return await _form(ground, of, sent, HTTPStatus.UNPROCESSABLE_ENTITY, alert=why)
        now = _Asked(of.request, of.viewer, of.membership, await ground.parties.one(reference, Role.PARTNER), deed)
        return await _refused(ground, now, [NOT_POSSIBLE, *([why] if why else [])])
    except CannotCross:
        return await _form(ground, of, sent, HTTPStatus.UNPROCESSABLE_ENTITY, alert=TELLS_YOU)
    except TooMany:
        return await _form(ground, of, sent, HTTPStatus.TOO_MANY_REQUESTS, alert=WRITTEN_OFTEN)
    except (Conflict, NotDone):
        if deed.is_at_once:
            return await _refused(ground, of, [NOT_POSSIBLE])
        return await _form(ground, of, sent, HTTPStatus.UNPROCESSABLE_ENTITY, alert=PLEASE_CHECK)
    return RedirectResponse(_back(of, sent), HTTPStatus.SEE_OTHER)


async def _insist_on_staff(ground: PartnerGround, of: _Asked, to_do: Doing) -> None:
    """Raises Wrong where it would be given to somebody who is not of the partner's staff (any more)."""
    if to_do.staff is None or to_do.staff == of.shown.booking.assignee:
        return
    provider = await ground.catalogue.partners.one(of.membership.partner)
    if provider.member(StaffId(to_do.staff)) is None:
        raise Wrong("staff", _("Please choose somebody of your staff."))


async def _stale(ground: PartnerGround, of: _Asked, sent: Entered) -> Response:
    """Somebody was faster: what was entered stands beside the booking as it is now, and nothing was done."""
    shown = await ground.parties.one(of.shown.booking.reference, Role.PARTNER)
    now = _Asked(of.request, of.viewer, of.membership, shown, of.deed)
    if of.deed.is_at_once or not now.is_possible:
        return await _refused(ground, now, [CHANGED])
    return await _form(ground, now, sent, HTTPStatus.CONFLICT, alert=LOOK_AGAIN)


async def _refused(ground: PartnerGround, of: _Asked, alerts: Sequence[str]) -> Response:
    """The booking as it is, with what is possible instead: its buttons are."""
    return await booking_page(ground, of.request, of.viewer, of.membership, of.shown, HTTPStatus.CONFLICT, alerts)


async def _form(
    ground: PartnerGround,
    of: _Asked,
    sent: Entered | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    alert: str = "",
    wrong: Wrong | None = None,
) -> Response:
    """The form of that act, with what was entered already."""
    shown, act, reference = of.shown, of.deed.act, of.shown.booking.reference
    situation = await ground.parties.situation(reference)
    provider = await ground.catalogue.partners.one(of.membership.partner)
    letter = await ground.bookings.letter(reference, Actor.PARTNER) if act in _LETTERS else None
    slots = await _slots(ground, shown) if act in WITH_TERMS else ()
    form = filled(act, shown, situation, letter, slots)
    if sent is not None:
        form = entered_again(form, sent)
    reckoned = _reckoned_of(form, shown, of.viewer) if act in WITH_TERMS else {}
    return ground.page(
        of.request,
        "partner/act.html",
        of.viewer,
        status=status,
        ways=ways(of.viewer, of.membership, "bookings"),
        membership=of.membership,
        home=f"/partner/{of.membership.partner}",
        href=of.href,
        deed=of.deed,
        form=form,
        values=form.values,
        shown=shown,
        booking=shown.booking,
        terms=shown.booking.terms_in_question,
        zone=shown.booking.zone,
        situation=situation,
        refundable=situation.account.refundable,
        outstanding=situation.outstanding,
        to_pay_first=_to_pay_first(situation),
        staff=[(one.id, one.name) for one in provider.staff],
        causes=CAUSES,
        advice=ADVICE,
        others=range(1, alternatives + 1),
        needs_reason=situation.rules.decline_needs_reason and act is Act.DECLINE,
        can_write=Act.CONTACT in shown.possible.get(Actor.PARTNER, ()),
        refund_days=ground.refund_days,
        alerts=[one for one in (alert, wrong.sentence if wrong is not None else "") if one],
        wrong={wrong.name: wrong.sentence} if wrong is not None else {},
        instead=menu(shown.possible.get(Actor.PARTNER, ())),
        **reckoned,
    )


def _to_pay_first(situation: Situation) -> bool:
    """Whether saying yes asks the customer to pay, or books it at once (SL-15, SL-18)."""
    return has_to_be_paid_first(situation) is None


async def _slots(ground: PartnerGround, shown: Shown) -> Sequence[Stock]:
    """The published times to come at which there is room."""
    found = await ground.catalogue.slots(shown.booking.variant, ground.site.clock(), slots_max, None)
    return [one for one in found if one.free >= 1]


def _reckoned(shown: Shown, sent: Entered, slots: Sequence[Stock], viewer: Viewer) -> dict[str, object]:
    return _preview(shown, {name: sent.raw(name) for name in sent.fields}, slots, viewer)


def _reckoned_of(form: Filled, shown: Shown, viewer: Viewer) -> dict[str, object]:
    return _preview(shown, dict(form.values), form.slots, viewer)


def _preview(shown: Shown, values: dict[str, str], slots: Sequence[Stock], viewer: Viewer) -> dict[str, object]:
    """What the form comes to: before, after, and the difference line by line (SL-7)."""
    before = shown.booking.terms_in_question
    try:
        after = preview(shown, {**values, "valid_until": ""}, slots)
    except Wrong as wrong:
        return {"before": before, "after": None, "not_reckoned": wrong.sentence, "proposal_changes": ()}
    return {
        "before": before,
        "after": after,
        "not_reckoned": "",
        "proposal_changes": differences(before, after, Speech(viewer.language)),
    }


def _version(sent: Entered) -> int:
    """The version of the booking that was looked at. Raises HTTPException 422 for a form that names none."""
    written = sent.line("version")
    if not written.isascii() or not written.isdigit() or len(written) > version_digits_max:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return int(written)


def _back(of: _Asked, sent: Entered) -> str:
    """The list that somebody came from, with what they looked for there, else the booking."""
    told = f"told={of.deed.word}"
    if "back" not in sent.fields:
        return f"{of.href}?{told}"
    query = _query(sent.line("back"))
    return f"/partner/{of.membership.partner}{query}{'&' if query else '?'}{told}"


def _query(written: str) -> str:
    """What was looked for, read and written anew: nobody is led anywhere else by it."""
    sought = Sought.of(dict(parse_qsl(written.removeprefix("?")[:back_characters_max])))
    return sought.query(after=sought.after)
