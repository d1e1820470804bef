"""One booking as its partner has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.bookings import NOW, paid, terms
from support.catalogue import BOAT
from support.partner_site import PartnerSite, written

from relay.booking.booking import Actor, Relay, RequiredAction, Stage
from relay.booking.money import Money
from relay.booking.partner import StaffId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.situation import Act
from relay.booking.terms import Discount, Line
from relay.booking.texts import Texts
from relay.values import Language
from relay.web.booking_ports import Past, Returned
from relay.web.site.partner import wording

SIGN = Requirement(RequirementKind.SIGN, Texts.of(Language.EN, "Sign the contract."), timedelta(days=2))
PATH = "/partner/p1/bookings/BOAT1"


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


async def test_all_that_the_customer_entered_is_there(site: PartnerSite) -> None:
    """SL-12, SL-4, SL-6, OR-7, OR-17, SV-7"""
    asked = terms(
        note="Two of us walk slowly.",
        place="Harbour",
        participants=4,
        options=("Vegetarian lunch",),
        discounts=(Discount("Families", basis_points=1000),),
    )
    asked = replace(asked, lines=(*asked.lines, Line("A cake", 2, Money(1500, "EUR"), is_extra=True)))
    site.catalogue.offers.kept[BOAT.id] = replace(BOAT, staff_note="Check the engine.", promotion="P-7")
    site.bookings.put(terms=asked)
    [text] = written((await site.team.get(PATH)).text, "main")
    for said in (
        *("21 June 2026", "11:00", "Europe/Rome", "Two of us walk slowly.", "Harbour"),
        *("Vegetarian lunch", "A cake", "extra", "€108.00", "Families", "10%", "Zofia", "Check the engine.", "P-7"),
    ):
        assert said in text, said


async def test_what_is_not_theirs_is_not_there(site: PartnerSite) -> None:
    """OR-3"""
    site.bookings.put(assignee=StaffId("s2"))
    site.bookings.put(assignee=StaffId("s1"))
    other = site.signed_in("p2")
    for browser, path, status in (
        (site.giulia, PATH, HTTPStatus.NOT_FOUND),
        (site.giulia, "/partner/p1/bookings/BOAT2", HTTPStatus.OK),
        (site.team, PATH, HTTPStatus.OK),
        (site.team, "/partner/p1/bookings/NONE", HTTPStatus.NOT_FOUND),
        (other, "/partner/p2/bookings/BOAT1", HTTPStatus.NOT_FOUND),
        (other, PATH, HTTPStatus.NOT_FOUND),
    ):
        assert (await browser.get(path)).status_code == status, path
    sent = await site.giulia.send(f"{PATH}/decline", {"version": "1"})
    assert sent.status_code == HTTPStatus.NOT_FOUND
    assert site.bookings.kept["BOAT1"].stage is Stage.REQUESTED


async def test_looking_marks_it_seen_once_and_what_a_browser_fetches_ahead_does_not(site: PartnerSite) -> None:
    """OR-20"""
    site.bookings.put()
    await site.team.get(PATH, headers={"Sec-Purpose": "prefetch"})
    assert site.bookings.kept["BOAT1"].seen_at is None
    await site.giulia.get(PATH)
    assert site.bookings.kept["BOAT1"].seen_at is None
    await site.team.get(PATH)
    await site.team.get(PATH)
    assert site.bookings.kept["BOAT1"].seen_at == NOW
    assert [one.act for one in site.parties.done] == [Act.SEE]


async def test_what_can_be_done_is_what_is_possible(site: PartnerSite) -> None:
    """SL-14, SL-28, OR-22"""
    site.bookings.put()
    site.bookings.put(Stage.CONFIRMED, paid())
    site.bookings.put(Stage.DECLINED)
    actions = written((await site.team.get(PATH)).text, ".actions a, .actions button")
    assert actions == ["Contact the customer", "Mark as contacted", "Book", "Decline"]
    booked = written((await site.team.get("/partner/p1/bookings/BOAT2")).text, ".actions a, .actions button")
    assert {"Refund", "Cancel the booking", "Propose a change"} <= set(booked)
    assert not {"Book", "Decline", "Contact the customer"} & set(booked)
    assert written((await site.team.get("/partner/p1/bookings/BOAT3")).text, ".actions a, .actions button") == []


async def test_the_required_action_is_ticked_and_a_question_mark_reveals_which_it_is(site: PartnerSite) -> None:
    """SV-14, SV-16, SV-19, SV-20"""
    site.bookings.put(Stage.CONFIRMED, action=RequiredAction.OPEN, requirement=SIGN)
    text = (await site.team.get(PATH)).text
    assert written(text, "#action h2") == ["! Required action open"]
    question = LexborHTMLParser(text).css_first("details.asks summary")
    assert question.text(strip=True).endswith("Which action was set?")
    assert "Sign the contract." in written(text, "details.asks")[0]
    answer = await site.team.send(f"{PATH}/action-done", {"version": "1"})
    assert answer.headers["location"] == f"{PATH}?told=action-done"
    done = (await site.team.get(answer.headers["location"])).text
    assert written(done, "#action h2") == ["✓ Required action done"]
    assert written(done, "[role=status]") == ["Marked as done. The customer gets a mail."]
    listed = await site.team.send(f"{PATH}/action-open", {"version": "2", "back": "?tab=booked&action=done"})
    assert listed.headers["location"] == "/partner/p1?tab=booked&action=done&told=action-open"
    assert site.bookings.kept["BOAT1"].action is RequiredAction.OPEN


async def test_the_alias_is_there_to_be_copied_once_they_may_write(site: PartnerSite) -> None:
    """GY-17, GY-18"""
    site.bookings.put()
    site.bookings.put(Stage.CONFIRMED, relay=Relay.OPEN, relay_until=NOW + timedelta(days=27))
    assert "customer-e338ccb578a9" not in (await site.team.get(PATH)).text
    text = (await site.team.get("/partner/p1/bookings/BOAT2")).text
    assert LexborHTMLParser(text).css_first("[data-copy]").attributes["data-copy"] == "customer-e338ccb578a9@reply.example.com"


async def test_refunds_say_where_they_stand_and_when_they_arrive(site: PartnerSite) -> None:
    """SL-29, SL-B4"""
    site.bookings.put(Stage.CONFIRMED, paid())
    started = NOW - timedelta(days=1)
    site.bookings.returned = [
        Returned("r1", Money(1000, "EUR"), "sent", started, NOW, "", None),
        Returned("r2", Money(2000, "EUR"), "failed", started, NOW, "insufficient balance", None),
        Returned("r3", Money(3000, "EUR"), "due", started, None, "insufficient balance", NOW + timedelta(hours=1)),
        Returned("r4", Money(500, "EUR"), "pending", started, None, "", None),
    ]
    refunds = written((await site.team.get(PATH)).text, "li.good, li.bad, li.warn")
    assert "sent back to the same card" in refunds[0]
    assert "It arrives within 5-10 working days." in refunds[0]
    assert "please top it up" in refunds[1]
    assert "is tried again" in refunds[2]
    assert "under way to the same card" in refunds[3]


async def test_what_happened_names_nobody_of_the_house(site: PartnerSite) -> None:
    site.bookings.put(assignee=StaffId("s1"))
    step = Past(2, NOW, "T4", Act.CONTACT.value, Actor.PARTNER, "s1", "Hello", Stage.REQUESTED)
    by_support = replace(step, actor=Actor.SUPPORT, by="account eva", act=Act.ASSIGN.value, reason="")
    site.bookings.steps["BOAT1"] = [step, by_support]
    text = (await site.team.get(PATH)).text
    history = written(text, ".timeline li")
    assert "Assigned it Our support" in history[-2]
    assert "Wrote to the customer Giulia Rossi" in history[-1]
    assert "eva" not in " ".join(history)


def test_the_catalogues_know_what_the_forecast_says() -> None:
    from pathlib import Path

    from relay.booking import forecast

    source = Path(forecast.__file__).read_text()
    for actor in ("customer", "partner"):
        source += f"The {actor} has to answer the change that was proposed."
    for sentence in wording.FORECAST:
        assert sentence in source, sentence


def test_every_act_has_words_for_what_happened() -> None:
    assert set(wording.HAPPENED) == set(Act)
    assert set(wording.ACTORS) == set(Actor)
