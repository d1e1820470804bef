"""The dispute screen: everything that happened to a booking and its conversation, on one page (AR-2, AR-2 keyboard).

Messages stand as they were delivered, with addresses masked; the page of each has its other forms. Whoever looks leaves a trace.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from relay.booking.booking import Actor
from relay.booking.situation import Act
from relay.conversation import Standing
from relay.correspondence.languages import marked as _
from relay.transit.casework import Looked, note_characters_max, reason_characters_max
from relay.transit.crossing import Fate
from relay.values import Role
from relay.web.site.forms import entered
from relay.web.site.route import PageRoute
from relay.web.site.status import PAYMENT_KINDS, PAYMENTS, STAGES
from relay.web.site.support import words
from relay.web.site.support.context import READERS, DisputeGround, address_of
from relay.web.site.support.deeds import ACTS, possible
from relay.web.site.support.dispute_ports import Happened, Written
from relay.web.site.support.ground import account_of
from relay.web.site.viewer import Office, Viewer

Reference = Annotated[str, Path(max_length=100)]
reason_characters_min: Final = 5
"""Of why somebody wants to see an address: a word that says something."""
looks_shown: Final = 10

TOLD: Final = {
    **{one.word: one.told for one in ACTS},
    "noted": _("The note is kept."),
    "evidence": _("It is in the basket of the case."),
    "released": _("It is on its way."),
    "returned": _("It is returned, and its writer is told."),
    "stopped": _("It is stopped until somebody lets it out."),
    "retried": _("It is tried again now."),
}


def router(ground: DisputeGround) -> APIRouter:
    """`/support/bookings/{reference}`, and `/support/conversations/{reference}` for those without a booking."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    reads, senior = Depends(ground.site.needs(*READERS)), Depends(ground.site.needs(Office.SENIOR))
    acts = Depends(ground.site.needs(Office.SUPPORT))

    @routes.get("/support/bookings/{reference}")
    @routes.get("/support/conversations/{reference}")
    async def dispute(
        request: Request,
        reference: Reference,
        before: Annotated[int | None, Query(ge=0, le=10**6)] = None,
        message: Annotated[str, Query(max_length=40)] = "",
        viewer: Viewer = reads,
    ) -> Response:
        if message:
            place = await ground.disputes.place(reference, message)
            return RedirectResponse(f"{address_of(reference)}?before={place.before}#{place.anchor}", HTTPStatus.SEE_OTHER)
        return await _screen(ground, request, viewer, reference, before)

    @routes.post("/support/bookings/{reference}/notes")
    async def note(request: Request, reference: Reference, viewer: Viewer = acts) -> Response:
        form = await entered(request)
        text = form.text("note")
        case = next((one for one in await ground.cases_of(reference) if str(one.number) == form.line("case")), None)
        if case is None or ground.cases is None:
            return RedirectResponse(address_of(reference), HTTPStatus.SEE_OTHER)
        if not text or len(text) > note_characters_max:
            wrong = _("A note needs some words, and at most %(max)s signs.") % {"max": note_characters_max}
            return await _screen(ground, request, viewer, reference, None, wrong_note=wrong, note=text)
        await ground.cases.note(case.number, text, account_of(viewer).id)
        return RedirectResponse(f"{address_of(reference)}?told=noted", HTTPStatus.SEE_OTHER)

    @routes.post("/support/bookings/{reference}/evidence")
    async def evidence(request: Request, reference: Reference, viewer: Viewer = acts) -> Response:
        form = await entered(request)
        message = form.line("message")
        case = next((one for one in await ground.cases_of(reference) if str(one.number) == form.line("case")), None)
        if case is None or ground.cases is None:
            return RedirectResponse(address_of(reference), HTTPStatus.SEE_OTHER)
        await ground.cases.add_evidence(case.number, message, form.line("why"), account_of(viewer).id)
        place = await ground.disputes.place(reference, message)
        return RedirectResponse(
            f"{address_of(reference)}?told=evidence&before={place.before}#{place.anchor}", HTTPStatus.SEE_OTHER
        )

    @routes.get("/support/bookings/{reference}/address/{role}")
    async def ask(request: Request, reference: Reference, role: Role, viewer: Viewer = senior) -> Response:
        found = await ground.disputes.one(reference, before=0)
        return _address_page(ground, request, viewer, found.reference, role)

    @routes.post("/support/bookings/{reference}/address/{role}")
    async def reveal(request: Request, reference: Reference, role: Role, viewer: Viewer = senior) -> Response:
        """Shown on this page alone, once: to see it again takes another reason."""
        reason = (await entered(request)).line("reason")
        if not reason_characters_min <= len(reason) <= reason_characters_max:
            wrong = _("Say why: it is kept with your name.")
            return _address_page(ground, request, viewer, reference, role, wrong=wrong, reason=reason[:reason_characters_max])
        await ground.note(viewer, Looked.REVEAL, f"conversation {reference}", reason)
        found = await ground.disputes.addresses(reference, role)
        return _address_page(ground, request, viewer, reference, role, addresses=tuple(found), reason=reason)

    return routes


async def _screen(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    reference: str,
    before: int | None,
    *,
    wrong_note: str = "",
    note: str = "",
) -> Response:
    subject = f"conversation {reference}"
    mine = await ground.audit.page(account=account_of(viewer).id, object_=subject, limit=1)
    found = await ground.disputes.one(reference, before, since=mine[0].at if mine else None)
    cases = await ground.cases_of(reference)
    await ground.note(viewer, Looked.VIEW, subject, case=cases[0].number if cases else None)
    booking = await ground.booking(reference)
    basket = await ground.cases.evidence(cases[0].number) if cases and ground.cases is not None else ()
    notes = await ground.cases.notes(cases[0].number) if cases and ground.cases is not None else ()
    return ground.page(
        request,
        "support/dispute.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong_note else HTTPStatus.OK,
        told=TOLD,
        here="search",
        dispute=found,
        shown=booking,
        zone=booking.booking.zone if booking is not None else ZoneInfo("UTC"),
        utc=ZoneInfo("UTC"),
        address=address_of(reference),
        acts=possible(found, booking),
        refer=booking is not None and Act.REFER in booking.possible.get(Actor.SUPPORT, ()),
        cases=cases,
        case=cases[0] if cases else None,
        evidence={one.message for one in basket},
        basket=basket,
        notes=notes,
        note=note,
        wrong_note=wrong_note,
        note_characters_max=note_characters_max,
        looks=await ground.audit.page(object_=subject, limit=looks_shown),
        words=words,
        stages=STAGES,
        payments=PAYMENTS,
        payment_kinds=PAYMENT_KINDS,
        Fate=Fate,
        Role=Role,
        Standing=Standing,
        is_written=_is_written,
        is_step=_is_step,
    )


def _address_page(
    ground: DisputeGround,
    request: Request,
    viewer: Viewer,
    reference: str,
    role: Role,
    *,
    wrong: str = "",
    reason: str = "",
    addresses: tuple[str, ...] = (),
) -> Response:
    return ground.page(
        request,
        "support/address.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        here="search",
        reference=reference,
        address=address_of(reference),
        role=role,
        words=words,
        wrong=wrong,
        reason=reason,
        reason_characters_max=reason_characters_max,
        addresses=addresses,
    )


def _is_written(item: Written | Happened) -> bool:
    return isinstance(item, Written)


def _is_step(item: Written | Happened) -> bool:
    return isinstance(item, Happened) and item.kind == "step"
