"""Cases: who decides which dispute until when, with notes, labels, evidence and the decision (AR-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from relay.correspondence.languages import marked as _
from relay.errors import Conflict, NotFound
from relay.transit.casework import (
    Looked,
    because_characters_max,
    label_characters_max,
    note_characters_max,
    title_characters_max,
)
from relay.web.site.forms import Entered, entered
from relay.web.site.route import back
from relay.web.site.support.case_ports import Case, CaseStale, CaseState, Decided
from relay.web.site.support.ground import READERS, SupportGround, account_of, rows_max
from relay.web.site.viewer import Viewer

TOLD: Final = {
    "opened": _("The case is open."),
    "changed": _("It is changed."),
    "noted": _("The note is added."),
    "decided": _("The case is decided. The parties are told by you: nothing goes out by itself."),
    "closed": _("The case is closed."),
    "reopened": _("The case is open again."),
    "evidence": _("The basket is changed."),
}
STATES: Final = {
    CaseState.OPEN: (_("open"), "warn"),
    CaseState.DECIDED: (_("decided"), "good"),
    CaseState.CLOSED: (_("closed"), ""),
}
DECISIONS: Final = {
    Decided.FULL: _("Refund everything"),
    Decided.PART: _("Refund a part"),
    Decided.NONE: _("Refund nothing"),
}
DEEDS: Final = {
    "opened": _("opened the case, for"),
    "handed over": _("handed it over to"),
    "decided": _("decided:"),
    "closed": _("closed the case"),
    "reopened": _("opened it again"),
    "labelled": _("labelled it:"),
    "evidence in": _("put into the basket the message"),
    "evidence out": _("took out of the basket the message"),
}
STALE: Final = _("Somebody else changed the case meanwhile. This is how it stands now; decide again.")
WRONG_DATE: Final = _("A day is needed, such as 2026-06-30.")
references_characters_max: Final = 100
Number = Annotated[int, Path(ge=1, le=2**31)]


def router(ground: SupportGround) -> APIRouter:
    """`/support/cases` and everything below it."""
    routes = ground.routes()
    reads = Depends(ground.site.needs(*READERS))

    @routes.get("/support/cases")
    async def listed(
        request: Request,
        state: Annotated[str, Query(max_length=10)] = "",
        owner: Annotated[str, Query(max_length=100)] = "",
        label: Annotated[str, Query(max_length=label_characters_max)] = "",
        before: Annotated[int | None, Query(ge=1, le=2**31)] = None,
        viewer: Viewer = reads,
    ) -> Response:
        return await _list(ground, request, viewer, {"state": state, "owner": owner, "label": label}, before)

    @routes.get("/support/cases/new")
    async def ask(
        request: Request,
        reference: Annotated[str, Query(max_length=references_characters_max)] = "",
        viewer: Viewer = reads,
    ) -> Response:
        return _new(ground, request, viewer, {"reference": reference, "owner": account_of(viewer).id})

    @routes.post("/support/cases")
    async def open_(request: Request, viewer: Viewer = reads) -> Response:
        return await _opened(ground, request, viewer)

    @routes.get("/support/cases/{number}")
    async def one(request: Request, number: Number, viewer: Viewer = reads) -> Response:
        return await _case(ground, request, viewer, number)

    @routes.post("/support/cases/{number}/notes")
    async def note(request: Request, number: Number, viewer: Viewer = reads) -> Response:
        text = (await entered(request)).text("note")
        if not 0 < len(text) <= note_characters_max:
            wrong = _("A note needs a text.")
            return await _case(ground, request, viewer, number, given={"note": text}, wrong={"note": wrong})
        await ground.cases.note(number, text, account_of(viewer).id)
        return back(_here(number), "noted")

    @routes.post("/support/cases/{number}/{deed}")
    async def change(
        request: Request, number: Number, deed: Annotated[str, Path(max_length=20)], viewer: Viewer = reads
    ) -> Response:
        if deed not in {"owner", "labels", "decision", "close", "reopen", "evidence", "evidence-out"}:
            raise NotFound(deed)
        form = await entered(request)
        wrong = _wrong(deed, form)
        given = {name: form.line(name) for name in ("owner", "due", "labels", "decision")} | {"because": form.text("because")}
        if wrong:
            return await _case(ground, request, viewer, number, given=given, wrong=wrong)
        try:
            told = await _done(ground, number, deed, form, account_of(viewer).id)
        except CaseStale:
            return await _case(ground, request, viewer, number, given=given, sentence=STALE)
        except Conflict as why:
            return await _case(ground, request, viewer, number, given=given, sentence=str(why))
        return back(_here(number), told)

    return routes


async def _list(
    ground: SupportGround, request: Request, viewer: Viewer, narrowed: Mapping[str, str], before: int | None
) -> Response:
    chosen = next((one for one in CaseState if one.value == narrowed["state"]), None)
    whose = account_of(viewer).id if narrowed["owner"] == "me" else narrowed["owner"]
    await ground.note(viewer, Looked.LIST, "cases")
    found = await ground.cases.page(state=chosen, owner=whose, label=narrowed["label"], before=before, limit=rows_max + 1)
    kept = {name: value for name, value in narrowed.items() if value}
    items = found[:rows_max]
    return ground.page(
        request,
        "cases.html",
        viewer,
        "cases",
        items=items,
        narrowed=narrowed,
        is_narrowed=bool(kept),
        states=STATES,
        next=_listed({**kept, "before": str(items[-1].number)}) if len(found) > rows_max else "",
        first=_listed(kept) if before is not None else "",
    )


async def _opened(ground: SupportGround, request: Request, viewer: Viewer) -> Response:
    """A new case, or the form again."""
    form = await entered(request)
    given = {name: form.line(name) for name in ("reference", "title", "owner", "due")}
    wrong: dict[str, str] = {}
    if not 0 < len(given["title"]) <= title_characters_max:
        wrong["title"] = _("A case needs a title.")
    try:
        due_at = _due(given["due"])
    except ValueError:
        due_at, wrong["due"] = None, WRONG_DATE
    if not wrong:
        me = account_of(viewer).id
        try:
            made = await ground.cases.open(given["reference"], given["title"], given["owner"] or me, due_at, me)
            return back(_here(made.number), "opened")
        except NotFound:
            wrong["reference"] = _("There is no booking with this reference.")
    return _new(ground, request, viewer, given, wrong)


async def _done(ground: SupportGround, number: int, deed: str, form: Entered, by: str) -> str:
    """What was done, as the page says it."""
    cases, version = ground.cases, form.whole("version") or 0
    match deed:
        case "owner":
            await cases.hand_over(number, version, form.line("owner") or by, _due(form.line("due")), by)
            return "changed"
        case "labels":
            await cases.label(number, version, form.line("labels").split(","), by)
            return "changed"
        case "decision":
            await cases.decide(number, version, Decided(form.line("decision")), form.text("because"), by)
            return "decided"
        case "close":
            await cases.close(number, version, by)
            return "closed"
        case "reopen":
            await cases.reopen(number, version, by)
            return "reopened"
        case "evidence":
            await cases.add_evidence(number, form.line("message"), form.line("why")[:because_characters_max], by)
            return "evidence"
        case _:
            await cases.remove_evidence(number, form.line("message"), by)
            return "evidence"


def _wrong(deed: str, form: Entered) -> dict[str, str]:
    """What is wrong with a form, by its field."""
    wrong: dict[str, str] = {}
    if deed == "owner":
        try:
            _due(form.line("due"))
        except ValueError:
            wrong["due"] = WRONG_DATE
    if deed == "decision":
        if form.line("decision") not in {one.value for one in Decided}:
            wrong["decision"] = _("Choose what is decided.")
        if not 0 < len(form.text("because")) <= because_characters_max:
            wrong["because"] = _("A decision needs its reason: which rule, and why.")
    return wrong


async def _case(
    ground: SupportGround,
    request: Request,
    viewer: Viewer,
    number: int,
    *,
    given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    sentence: str = "",
) -> Response:
    case: Case = await ground.cases.one(number)
    await ground.note(viewer, Looked.VIEW, f"case {number}", case=number)
    return ground.page(
        request,
        "case.html",
        viewer,
        "cases",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.CONFLICT if sentence else HTTPStatus.OK,
        told=TOLD,
        case=case,
        notes=await ground.cases.notes(number),
        basket=await ground.cases.evidence(number),
        others=[one for one in await ground.cases.of_booking(case.reference) if one.number != number],
        states=STATES,
        decisions=[(one.value, label) for one, label in DECISIONS.items()],
        decided=DECISIONS,
        deeds=DEEDS,
        given=given or {},
        wrong=wrong or {},
        sentence=sentence,
        address=_here(number),
        search_href=f"/support?{urlencode({'q': f'case:{number}'})}",
        note_characters_max=note_characters_max,
        because_characters_max=because_characters_max,
        due=_day_of(case),
    )


def _new(
    ground: SupportGround,
    request: Request,
    viewer: Viewer,
    given: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
) -> Response:
    return ground.page(
        request,
        "case_new.html",
        viewer,
        "cases",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        given=given,
        wrong=wrong or {},
        title_characters_max=title_characters_max,
    )


def _due(written: str) -> datetime | None:
    """The end of that day, in UTC. Raises ValueError."""
    if not written:
        return None
    try:
        day = date.fromisoformat(written) + timedelta(days=1)
    except OverflowError:
        raise ValueError("due: no calendar goes on so long") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day_of(case: Case) -> str:
    """The day at whose end it is due, as a form has it."""
    return "" if case.due_at is None else (case.due_at - timedelta(microseconds=1)).date().isoformat()


def _here(number: int) -> str:
    return f"/support/cases/{number}"


def _listed(asked: Mapping[str, str]) -> str:
    return f"/support/cases?{urlencode(asked)}" if asked else "/support/cases"
