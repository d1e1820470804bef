"""The search page (AR-2 search box, AR-1 access audit)."""

from __future__ import annotations

import pytest
from support.support_site import REFERENCE, FakeFinder, SupportSide, a_hit

from relay.store.operators import ANSWERED
from relay.transit.casework import Looked
from relay.web.site.support.operators import GROUPS
from relay.web.site.viewer import Office


async def test_what_is_found_stands_with_its_booking_writer_fate_files_and_hits() -> None:
    side = SupportSide(FakeFinder((a_hit(),)))
    answer = await side.browser(Office.SUPPORT).get("/support", params={"q": "refund by:customer"})
    assert answer.status_code == 200
    for expected in (
        f'href="/support/bookings/{REFERENCE}?message=m7"',
        "<mark>refund</mark>",
        "please &lt;b&gt;",
        "voucher.pdf",
        "Customer",
        "passed on",
        "data-keys",
    ):
        assert expected in answer.text
    assert side.audit.noted() == [(Looked.SEARCH, "refund by:customer")]


async def test_each_part_of_the_query_is_a_chip_that_can_be_taken_out() -> None:
    side = SupportSide(FakeFinder((a_hit(),)))
    text = (await side.browser(Office.SUPPORT).get("/support", params={"q": "refund by:customer"})).text
    assert 'class="chip" href="/support?q=by%3Acustomer"' in text
    assert 'class="chip" href="/support?q=refund"' in text
    assert "Take by:customer out of the search" in text
    assert 'value="refund by:customer"' in text


async def test_an_operator_that_does_not_exist_is_an_error_with_a_suggestion_and_the_query_stays() -> None:
    side = SupportSide(FakeFinder((a_hit(),)))
    answer = await side.browser(Office.SUPPORT).get("/support", params={"q": "bad:x refund"})
    assert answer.status_code == 422
    assert "did you mean by:?" in answer.text
    assert 'value="bad:x refund"' in answer.text
    assert "<mark>" not in answer.text


async def test_the_next_page_and_the_first_one_stand_in_addresses() -> None:
    side = SupportSide(FakeFinder((a_hit(),), next=7))
    browser = side.browser(Office.SUPPORT)
    assert 'href="/support?q=refund&amp;beyond=7"' in (await browser.get("/support", params={"q": "refund"})).text
    text = (await browser.get("/support", params={"q": "refund", "beyond": 7})).text
    assert 'href="/support?q=refund"' in text
    assert side.finder.asked[-1][2] == 7


async def test_how_much_there_is_is_counted_apart_with_and_without_a_script() -> None:
    side = SupportSide(FakeFinder((a_hit(),)))
    browser = side.browser(Office.SUPPORT)
    page = (await browser.get("/support", params={"q": "refund"})).text
    assert 'data-lazy="/support/tally?q=refund"' in page
    assert 'href="/support?q=refund&amp;count=yes"' in page
    assert "At least 30 messages" not in page
    for answer in (
        await browser.get("/support/tally", params={"q": "refund"}),
        await browser.get("/support", params={"q": "refund", "count": "yes"}),
    ):
        assert "At least 30 messages" in answer.text
        assert 'href="/support?q=refund+by%3Acustomer"' in answer.text
        assert "The time did not suffice to count them all." in answer.text


async def test_where_nothing_is_found_a_reference_is_suggested() -> None:
    side = SupportSide(FakeFinder((), meant=(REFERENCE,)))
    text = (await side.browser(Office.SUPPORT).get("/support", params={"q": "booking:GYG4K7Q2X9ABD"})).text
    assert "Nothing is found." in text
    assert f'href="/support?q=booking%3A{REFERENCE}"' in text


async def test_a_search_is_kept_for_its_account_alone_and_let_go() -> None:
    side = SupportSide(FakeFinder((a_hit(),)))
    browser = side.browser(Office.SUPPORT)
    answer = await browser.send("/support/saved", {"q": "refund*", "name": "refunds"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/support?q=refund%2A&told=kept")
    assert 'href="/support?q=refund%2A"' in (await browser.get("/support")).text
    assert "refunds" not in (await side.browser(Office.SUPPORT, id_="ada").get("/support")).text
    await browser.send("/support/saved/forget", {"name": "refunds"})
    assert "refunds" not in (await browser.get("/support")).text


@pytest.mark.parametrize("fields", [{"q": "refund", "name": ""}, {"q": "refund", "name": "x" * 101}])
async def test_a_name_that_cannot_be_is_said_at_its_field(fields: dict[str, str]) -> None:
    answer = await SupportSide().browser(Office.SUPPORT).send("/support/saved", fields)
    assert answer.status_code == 422
    assert "of at most 100 signs" in answer.text


@pytest.mark.parametrize(
    ("office", "status"),
    [(Office.SUPPORT, 200), (Office.SENIOR, 200), (Office.LEGAL, 200), (Office.AUDITOR, 303), (Office.OPERATOR, 404)],
)
async def test_who_may_search(office: Office, status: int) -> None:
    assert (await SupportSide().browser(office).get("/support", params={"q": "refund"})).status_code == status


@pytest.mark.parametrize(("office", "reveals"), [(Office.SUPPORT, False), (Office.SENIOR, True), (Office.LEGAL, False)])
async def test_only_a_senior_looks_for_addresses(office: Office, reveals: bool) -> None:
    side = SupportSide()
    await side.browser(office).get("/support", params={"q": "real:anna@mail.example"})
    assert side.finder.asked[0][1].reveals is reveals


def test_the_help_names_every_operator_that_is_answered() -> None:
    examples = " ".join(example for _, entries in GROUPS for example, _ in entries)
    assert {part.partition(":")[0] for part in examples.split() if ":" in part} == ANSWERED
