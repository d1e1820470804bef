"""The list of a partner's requests and bookings, as somebody without scripts has it."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from io import StringIO

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.bookings import NOW, paid, terms
from support.catalogue import GARDA
from support.partner_site import HELP, PartnerSite, written
from support.site import Browser, a_customer, a_partner

from relay.booking.booking import RequiredAction, Stage
from relay.booking.partner import PaymentAccount, StaffId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.selection import Tab
from relay.booking.texts import Texts
from relay.values import Language

SIGN = Requirement(RequirementKind.SIGN, Texts.of(Language.EN, "Sign the contract."))


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


async def test_nobody_else_finds_it(site: PartnerSite) -> None:
    others = a_partner("p2", "other@partner.example"), a_customer("zofia@poczta.example")
    for viewer in others:
        for path in ("", "/counts", "/bookings.csv"):
            assert (
                await Browser(site.app, site.visitors.signed_in(viewer)).get(f"/partner/p1{path}")
            ).status_code == HTTPStatus.NOT_FOUND
    answer = await Browser(site.app).get("/partner/p1?tab=all")
    assert answer.headers["location"] == "/sign-in?next=%2Fpartner%2Fp1%3Ftab%3Dall"


async def test_a_new_request_stands_in_the_list_with_its_signs_in_words(site: PartnerSite) -> None:
    """SL-10, SL-12, SL-19, OR-9, OR-20, OR-21, ST-18"""
    site.bookings.put()
    text = (await site.team.get("/partner/p1")).text
    [row] = written(text, "tbody tr")
    for said in ("Boat tour", "In the morning", "BOAT1", "Zofia", "New", "Not contacted yet", "On request", "€90.00", "11:00"):
        assert said in row
    assert "svg" in LexborHTMLParser(text).css_first("tbody tr .badge.bad").html
    tabs = written(text, ".tabs a")
    assert tabs == ["Active requests 1", "Awaiting payment 0", "Booked 0", "Past 0", "Ended 0", "All 1"]
    assert written(text, ".top nav a")[0] == "Requests and bookings 1"


async def test_the_list_asks_for_what_its_address_says_and_counts_the_same(site: PartnerSite) -> None:
    """SL-19, SV-8, SV-9, SV-17, SV-21, OR-23"""
    site.bookings.put(Stage.CONFIRMED, paid(), action=RequiredAction.DONE, requirement=SIGN)
    site.bookings.put(Stage.CONFIRMED, action=RequiredAction.OPEN, requirement=SIGN)
    site.bookings.put()
    text = (await site.team.get("/partner/p1?tab=booked&action=done")).text
    assert [row[:9] for row in written(text, "tbody th")] == ["Boat tour"]
    assert "BOAT1" in written(text, "tbody th")[0]
    listed, counted, everything = site.bookings.wanted[-3:]
    assert replace(listed, expired=True) == counted
    assert (listed.tabs, listed.actions) == (frozenset({Tab.BOOKED}), frozenset({RequiredAction.DONE}))
    assert everything.actions == frozenset()
    live = LexborHTMLParser(text).css_first("[data-live]").attributes["data-live"] or ""
    numbers = (await site.team.get(live)).json()
    assert (numbers["tab-booked"], numbers["action-done"], numbers["tab-requests"]) == (1, 1, 0)


async def test_expired_ones_are_lighter_and_say_so_where_they_are_asked_for(site: PartnerSite) -> None:
    """OR-31, OR-32"""
    site.bookings.put(Stage.EXPIRED)
    assert "BOAT1" not in (await site.team.get("/partner/p1")).text
    text = (await site.team.get("/partner/p1?expired=yes")).text
    [row] = LexborHTMLParser(text).css("tbody tr")
    assert row.attributes["class"] == "faded"
    assert "Expired" in row.text()


async def test_the_menu_of_a_row_is_made_of_what_is_possible(site: PartnerSite) -> None:
    """SL-13, SL-14, SL-28, OR-22, SV-15"""
    site.bookings.put()
    site.bookings.put(Stage.CONFIRMED, paid())
    site.bookings.put(Stage.CONFIRMED)
    site.bookings.put(Stage.DECLINED)
    text = (await site.team.get("/partner/p1?tab=all")).text
    menus = {
        one.css_first("code").text(): [" ".join(item.text().split()) for item in one.css(".items > *")]
        for one in LexborHTMLParser(text).css("tbody tr")
    }
    assert menus["BOAT1"] == ["Manage", "Contact the customer", "Mark as contacted", "Book", "Decline"]
    assert "Refund" in menus["BOAT2"]
    assert menus["BOAT2"][0] == "Edit reservation"
    assert "Refund" not in menus["BOAT3"]
    assert menus["BOAT4"] == ["Edit reservation"]


async def test_a_member_without_team_right_asks_for_theirs_alone(site: PartnerSite) -> None:
    """OR-3"""
    await site.giulia.get("/partner/p1")
    assert {one.staff for one in site.bookings.wanted} == {"s1"}


async def test_staff_are_named_and_payments_are_a_word_beside_a_dot(site: PartnerSite) -> None:
    """OR-30"""
    site.bookings.put(Stage.CONFIRMED, paid(), assignee=StaffId("s1"))
    text = (await site.team.get("/partner/p1?tab=booked")).text
    assert "Giulia Rossi" in text
    assert LexborHTMLParser(text).css_first("tbody .dot.good") is not None
    assert "Paid" in written(text, "tbody tr")[0]


async def test_what_is_ticked_or_found_is_exported(site: PartnerSite) -> None:
    """SV-10"""
    site.bookings.customer = "=HYPERLINK(1)"
    for _ in range(3):
        site.bookings.put(terms=terms(note="Call 123"))
    team = site.team
    ticked = await team.get("/partner/p1/bookings.csv?which=ticked&reference=BOAT1&reference=BOAT3")
    assert ticked.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(ticked.content.decode("utf-8-sig"))))
    assert {one["reference"] for one in rows} == {"BOAT1", "BOAT3"}
    assert rows[0]["customer"] == "'=HYPERLINK(1)"
    assert "123" not in ticked.text
    assert site.bookings.wanted[-1].references == ("BOAT1", "BOAT3")
    found = await team.get("/partner/p1/bookings.csv?which=all&reference=BOAT2&q=Zofia")
    assert site.bookings.wanted[-1].references == ()
    assert site.bookings.wanted[-1].text == "Zofia"
    assert found.text.count("\n") == 4
    none = await team.get("/partner/p1/bookings.csv?which=ticked&tab=booked")
    assert none.headers["location"] == "/partner/p1?tab=booked&told=none-ticked"


async def test_a_long_list_has_a_next_page_that_keeps_what_is_looked_for(site: PartnerSite) -> None:
    for _ in range(52):
        site.bookings.put()
    text = (await site.team.get("/partner/p1?order=start")).text
    assert len(LexborHTMLParser(text).css("tbody tr")) == 50
    following = LexborHTMLParser(text).css_first("a[rel=next]").attributes["href"] or ""
    assert following.startswith("/partner/p1?order=start&after=")
    assert len(LexborHTMLParser((await site.team.get(following)).text).css("tbody tr")) == 2


async def test_the_guide_and_what_the_payment_account_lacks_are_on_the_page(site: PartnerSite) -> None:
    """SL-31, SL-B6"""
    text = (await site.team.get("/partner/p1")).text
    assert f'href="{HELP}"' in text
    assert "payment account" not in text
    site.catalogue.partners.kept[GARDA.id] = replace(GARDA, account=PaymentAccount.PENDING)
    assert "Your payment account is not active yet" in (await site.team.get("/partner/p1")).text


async def test_hostile_words_are_words(site: PartnerSite) -> None:
    site.bookings.customer = "<script>alert(1)</script>"
    site.bookings.put(Stage.AWAITING_PAYMENT, deadline=NOW + timedelta(days=1))
    text = (await site.team.get("/partner/p1?tab=awaiting_payment&q=%22%3E%3Cscript%3E")).text
    assert "<script>alert" not in text
    assert '"><script>' not in text
