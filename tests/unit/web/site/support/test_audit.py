"""The page of the access audit (AR-1 access audit)."""

from __future__ import annotations

import pytest
from support.support_site import SupportSide

from relay.transit.casework import Looked
from relay.web.site.viewer import Account, Office

EVA = Account("eva", "Eva", frozenset({Office.SENIOR}))


async def filled() -> SupportSide:
    side = SupportSide()
    await side.audit.note(EVA, Looked.REVEAL, "message m7", case=3, reason="dispute about the meeting point")
    await side.audit.note(EVA, Looked.SEARCH, "refund")
    return side


async def test_an_auditor_reads_who_looked_at_what_and_that_is_a_look_too() -> None:
    side = await filled()
    text = (await side.browser(Office.AUDITOR, id_="ada").get("/support/audit")).text
    for expected in ("message m7", "dispute about the meeting point", "revealed", "Eva", "#3"):
        assert expected in text
    assert side.audit.noted()[-1] == (Looked.LIST, "accesses")
    assert side.audit.entries[-1].account == "ada"


async def test_it_is_narrowed_by_account_object_and_day() -> None:
    side = await filled()
    browser = side.browser(Office.AUDITOR, id_="ada")
    text = (await browser.get("/support/audit", params={"object": "message m7", "account": "eva", "day": "2026-06-01"})).text
    assert "revealed" in text
    assert "searched" not in text
    assert side.audit.noted()[-1] == (Looked.LIST, "accesses: account eva, object message m7, day 2026-06-01")
    assert "There is no such look." in (await browser.get("/support/audit", params={"day": "2026-06-02"})).text
    wrong = await browser.get("/support/audit", params={"day": "someday"})
    assert (wrong.status_code, "A day is needed" in wrong.text) == (422, True)


@pytest.mark.parametrize("office", [Office.SUPPORT, Office.SENIOR, Office.LEGAL, Office.OPERATOR])
async def test_it_is_for_auditors_alone(office: Office) -> None:
    side = await filled()
    assert (await side.browser(office).get("/support/audit")).status_code == 404
