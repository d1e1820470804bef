"""The pages of cases (AR-2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.site import Browser
from support.support_site import REFERENCE, SupportSide

from relay.transit.casework import CaseState, Decided, Looked
from relay.web.site.viewer import Office


async def with_a_case() -> tuple[SupportSide, Browser]:
    side = SupportSide()
    browser = side.browser(Office.SUPPORT)
    sent = {"reference": REFERENCE, "title": "guide did not show", "owner": "eva", "due": "2026-06-30"}
    answer = await browser.send("/support/cases", sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/support/cases/1?told=opened")
    return side, browser


async def test_a_case_is_opened_from_a_booking_and_shown() -> None:
    side, browser = await with_a_case()
    assert side.cases.kept[1].due_at == datetime(2026, 7, 1, tzinfo=UTC)
    assert f'value="{REFERENCE}"' in (await browser.get("/support/cases/new", params={"reference": REFERENCE})).text
    text = (await browser.get("/support/cases/1")).text
    for expected in ("guide did not show", f'href="/support/bookings/{REFERENCE}"', "Refund a part", "Close the case"):
        assert expected in text
    assert (Looked.VIEW, "case 1") in side.audit.noted()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reference": REFERENCE, "title": ""}, "A case needs a title."),
        ({"reference": "NONE", "title": "x"}, "There is no booking with this reference."),
        ({"reference": REFERENCE, "title": "x", "due": "soon"}, "A day is needed"),
        ({"reference": REFERENCE, "title": "x", "due": "9999-12-31"}, "A day is needed"),
    ],
)
async def test_what_is_wrong_with_a_case_is_said_at_its_field_and_everything_entered_stays(
    fields: dict[str, str], expected: str
) -> None:
    answer = await SupportSide().browser(Office.SUPPORT).send("/support/cases", fields)
    assert answer.status_code == 422
    assert expected in answer.text
    assert f'value="{fields["reference"]}"' in answer.text


async def test_a_version_that_is_no_number_changes_nothing() -> None:
    side, browser = await with_a_case()
    answer = await browser.send("/support/cases/1/owner", {"version": "abc", "owner": "ada", "due": ""})
    assert answer.status_code == 422
    assert side.cases.kept[1].owner == "eva"


async def test_it_is_noted_labelled_handed_over_decided_closed_and_reopened() -> None:
    side, browser = await with_a_case()
    here = "/support/cases/1"
    for path, fields, told in (
        ("notes", {"note": "called the provider\r\nnobody answered"}, "noted"),
        ("labels", {"version": "1", "labels": "no-show, vip"}, "changed"),
        ("owner", {"version": "2", "owner": "ada", "due": ""}, "changed"),
        ("decision", {"version": "3", "decision": "part", "because": "rule 7"}, "decided"),
        ("close", {"version": "4"}, "closed"),
        ("reopen", {"version": "5"}, "reopened"),
        ("evidence", {"message": "m7", "why": "the question"}, "evidence"),
    ):
        answer = await browser.send(f"{here}/{path}", fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"{here}?told={told}"), path
    case = side.cases.kept[1]
    assert (case.owner, case.state, case.decision, case.version) == ("ada", CaseState.OPEN, None, 6)
    text = (await browser.get(here)).text
    assert "called the provider\nnobody answered" in text
    assert "message=m7" in text
    await browser.send(f"{here}/evidence-out", {"message": "m7"})
    assert not side.cases.baskets[1]


async def test_a_decision_needs_its_reason_and_keeps_what_was_entered() -> None:
    side, browser = await with_a_case()
    answer = await browser.send("/support/cases/1/decision", {"version": "1", "decision": "full", "because": ""})
    assert answer.status_code == 422
    assert "A decision needs its reason" in answer.text
    assert 'value="full" checked' in answer.text
    assert side.cases.kept[1].decision is None


async def test_whoever_looked_at_an_older_version_is_told_and_nothing_changes() -> None:
    side, browser = await with_a_case()
    await browser.send("/support/cases/1/owner", {"version": "1", "owner": "ada"})
    sent = {"version": "1", "decision": "full", "because": "rule 1"}
    answer = await browser.send("/support/cases/1/decision", sent)
    assert answer.status_code == 409
    assert "Somebody else changed the case meanwhile" in answer.text
    assert "rule 1" in answer.text
    assert side.cases.kept[1].decision is None
    assert Decided.FULL.value in answer.text


async def test_cases_are_listed_by_state_owner_and_label() -> None:
    side, browser = await with_a_case()
    await browser.send("/support/cases", {"reference": REFERENCE, "title": "another", "owner": "ada"})
    assert "another" in (await browser.get("/support/cases")).text
    assert "another" not in (await browser.get("/support/cases", params={"owner": "me"})).text
    assert "There are no such cases." in (await browser.get("/support/cases", params={"state": "closed"})).text
    assert (Looked.LIST, "cases") in side.audit.noted()


@pytest.mark.parametrize("path", ["/support/cases", "/support/cases/1", "/support/cases/new"])
@pytest.mark.parametrize("office", [Office.OPERATOR, Office.AUDITOR])
async def test_cases_are_not_for_operators_and_auditors(path: str, office: Office) -> None:
    side, _ = await with_a_case()
    assert (await side.browser(office).get(path)).status_code == 404


async def test_a_case_that_is_not_there_is_not_there() -> None:
    assert (await SupportSide().browser(Office.SUPPORT).get("/support/cases/9")).status_code == 404
