"""Acting on a booking: forms filled with what is known, and told what is possible instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.bookings import NOW, STARTS, TOUR, paid, terms
from support.partner_site import PartnerSite, written
from support.party_web import LEAK

from relay.booking.booking import Actor, Cause, RequiredAction, Stage
from relay.booking.money import Money
from relay.booking.offer import Mode, Pay, Rules
from relay.booking.partner import StaffId
from relay.booking.situation import Act
from relay.booking.terms import Discount, Line, Occasion
from relay.web.booking_ports import Doing

PATH = "/partner/p1/bookings/BOAT1"


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


def fields(text: str) -> dict[str, str]:
    """What a browser would send: the fields of the page's form as they are filled in."""
    found: dict[str, str] = {}
    for one in LexborHTMLParser(text).css("main form.card input, main form.card textarea, main form.card select"):
        name = one.attributes.get("name") or ""
        if one.tag == "textarea":
            found[name] = one.text().removeprefix("\n").strip("\n")
        elif one.tag == "select":
            chosen = one.css_first("option[selected]")
            found[name] = (chosen.attributes.get("value") if chosen is not None else "") or ""
        elif one.attributes.get("type") != "checkbox" or "checked" in one.attributes:
            found[name] = one.attributes.get("value") or ""
    found.pop("form_token", None)
    return found


async def sent(site: PartnerSite, word: str, **more: str) -> Any:
    """The form of that act, as it is filled in, with `more` entered."""
    page = await site.team.get(f"{PATH}/{word}")
    assert page.status_code == HTTPStatus.OK, page.text
    return await site.team.send(f"{PATH}/{word}", {**fields(page.text), **more})


def last(site: PartnerSite) -> Doing:
    return site.parties.done[-1]


async def test_a_contact_is_filled_in_and_sends_what_was_written(site: PartnerSite) -> None:
    """OR-24, OR-6, SL-24"""
    site.bookings.put()
    text = (await site.team.get(f"{PATH}/contact")).text
    assert fields(text)["subject"] == "Your request"
    assert fields(text)["text"] == "Hello Zofia,"
    assert "To: Zofia" in written(text, "form.card")[0]
    answer = await sent(site, "contact", text="Hello Zofia,\r\ncan you come earlier?")
    assert answer.headers["location"] == f"{PATH}?told=contact"
    assert last(site).reason == "Your request\n\nHello Zofia,\ncan you come earlier?"
    assert site.bookings.kept["BOAT1"].contacted_at == NOW
    assert site.bookings.kept["BOAT1"].contacted_by == "partner"
    empty = await sent(site, "contact", text=" ")
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please write something." in empty.text


async def test_marking_as_contacted_sends_nothing(site: PartnerSite) -> None:
    """OR-38, OR-21"""
    site.bookings.put()
    await site.team.send(f"{PATH}/mark-contacted", {"version": "1"})
    assert (last(site).act, last(site).reason) == (Act.MARK_CONTACTED, "")
    assert "Not contacted yet" not in (await site.team.get(PATH)).text
    again = await site.team.send(f"{PATH}/mark-contacted", {"version": str(site.bookings.kept["BOAT1"].version)})
    assert again.status_code == HTTPStatus.CONFLICT
    assert "This is not possible now" in again.text


async def test_booking_is_filled_in_and_may_be_changed(site: PartnerSite) -> None:
    """OR-25, OR-4, OR-17"""
    site.bookings.rules = Rules(Mode.ON_REQUEST, pay=Pay.AFTER_CONFIRMATION)
    site.bookings.put(terms=terms(options=("Lunch",), place="Harbour"), assignee=StaffId("s1"))
    text = (await site.team.get(f"{PATH}/book")).text
    filled = fields(text)
    assert (filled["begins"], filled["ends"], filled["staff"]) == ("2026-06-21T11:00", "2026-06-21T14:00", "s1")
    assert (filled["place"], filled["options"], filled["price0"]) == ("Harbour", "Lunch", "90.00")
    assert "Boat tour, In the morning" in written(text, "form.card")[0]
    answer = await sent(site, "book", place="Pier 3", options="Lunch\r\nWine", staff="s2", begins="2026-06-21T12:00")
    assert answer.headers["location"] == f"{PATH}?told=book"
    booked = site.bookings.kept["BOAT1"]
    assert booked.stage is Stage.CONFIRMED
    assert (booked.terms.place, booked.terms.options) == ("Pier 3", ("Lunch", "Wine"))
    assert last(site).staff == "s2"
    assert booked.terms.occasion == Occasion(datetime(2026, 6, 21, 10, tzinfo=UTC), TOUR.ends_at, TOUR.zone)


async def test_accepting_says_whether_it_is_to_be_paid_first(site: PartnerSite) -> None:
    """SL-14, SL-15, SL-18"""
    site.bookings.rules = Rules(Mode.CUSTOM_REQUEST)
    site.bookings.put()
    assert "the way to pay €90.00" in (await site.team.get(f"{PATH}/accept")).text
    await sent(site, "accept")
    assert last(site).terms_version == 1
    assert site.bookings.kept["BOAT1"].stage is Stage.AWAITING_PAYMENT


async def test_other_terms_have_extras_and_discounts_and_a_total_before_they_are_sent(site: PartnerSite) -> None:
    """SL-3, SL-5, SL-6, SL-7: without scripts by "Recalculate", with them as one types; both reckon in one place."""
    site.bookings.rules = Rules(Mode.CUSTOM_REQUEST)
    site.bookings.put(terms=terms(discounts=(Discount("Friends", fixed=Money(1000, "EUR")),)))
    entered = {"what1": "A cake", "quantity1": "2", "price1": "15,00", "less1": "10 %", "less_what1": "Early"}
    reckoned = await sent(site, "offer", **entered, does="reckon")
    assert reckoned.status_code == HTTPStatus.OK
    assert site.parties.done == []
    assert "Total before€80.00 Total after€98.00" in written(reckoned.text, "#reckoned")[0]
    assert fields(reckoned.text)["what1"] == "A cake"
    live = await site.team.send(f"{PATH}/total", {**fields(reckoned.text)})
    assert "Total after€98.00" in written(live.text, "dl")[0]
    assert "<html" not in live.text
    answer = await sent(site, "offer", **entered, valid_until="2026-06-10T12:00", note="With a cake.")
    assert answer.headers["location"] == f"{PATH}?told=offer"
    offered = site.bookings.kept["BOAT1"].terms
    assert offered.total == Money(9800, "EUR")
    assert offered.lines[1] == Line("A cake", 2, Money(1500, "EUR"), is_extra=True)
    assert offered.discounts == (Discount("Friends", fixed=Money(1000, "EUR")), Discount("Early", basis_points=1000))
    assert offered.valid_until == datetime(2026, 6, 10, 10, tzinfo=UTC)


async def test_a_discount_is_taken_away_and_none_takes_the_total_below_zero(site: PartnerSite) -> None:
    """SL-7"""
    site.bookings.rules = Rules(Mode.CUSTOM_REQUEST)
    site.bookings.put(terms=terms(discounts=(Discount("Friends", fixed=Money(1000, "EUR")),)))
    too_much = await sent(site, "offer", less0="90.01")
    assert too_much.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert fields(too_much.text)["less0"] == "90.01"
    assert LexborHTMLParser(too_much.text).css_first("#f-less0[aria-invalid]") is not None
    shown = await sent(site, "offer", less0="90.01", does="reckon")
    assert shown.status_code == HTTPStatus.OK
    assert "Please check the discounts" in written(shown.text, "#reckoned")[0]
    await sent(site, "offer", less0="")
    assert site.bookings.kept["BOAT1"].terms.discounts == ()


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"begins": ""}, "Please check the dates"),
        ({"begins": "2026-06-30T11:00"}, "Please check the dates"),
        ({"participants": "many"}, "a whole number is needed"),
        ({"price0": "cheap"}, "Please check the prices"),
        ({"less0": "200 %"}, "Please check the discounts"),
        ({"less0": "1e9%"}, "Please check the discounts"),
    ],
)
async def test_what_cannot_be_meant_is_named_and_nothing_is_lost(
    site: PartnerSite, entered: dict[str, str], sentence: str
) -> None:
    site.bookings.rules = Rules(Mode.CUSTOM_REQUEST)
    site.bookings.put()
    answer = await sent(site, "offer", note="Long thought of", **entered)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in answer.text
    assert fields(answer.text)["note"] == "Long thought of"
    assert site.parties.done == []


async def test_declining_advises_to_write_first_and_tells_other_times(site: PartnerSite) -> None:
    """SL-23, SL-24, OR-5, OR-36, OR-37"""
    site.bookings.put()
    text = (await site.team.get(f"{PATH}/decline")).text
    assert "Best write to the customer first, say why, and point to another date." in text
    assert f'href="{PATH}/contact"' in text
    answer = await sent(site, "decline", reason="We are full.", alternative=STARTS.isoformat(), other1="2026-06-22T09:30")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert last(site).reason.startswith("We are full.\n– ")
    assert "09:30" in last(site).reason
    assert last(site).reason.count("\n– ") == 2
    assert site.bookings.kept["BOAT1"].stage is Stage.DECLINED


@pytest.mark.parametrize("alternative", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-06-22T09:30", "soon"])
async def test_another_time_that_nobody_could_mean_is_not_proposed(site: PartnerSite, alternative: str) -> None:
    """SL-24"""
    site.bookings.put()
    answer = await sent(site, "decline", reason="We are full.", alternative=alternative)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please check dates" in answer.text
    assert site.parties.done == []


async def test_a_reason_that_the_house_wants_is_asked_for(site: PartnerSite) -> None:
    """OR-36, T9"""
    site.bookings.rules = Rules(Mode.ON_REQUEST, decline_needs_reason=True)
    site.bookings.put()
    answer = await sent(site, "decline", reason="")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please say why." in answer.text


async def test_an_acceptance_is_taken_back_while_nothing_is_paid(site: PartnerSite) -> None:
    """SL-22, SL-25"""
    site.bookings.put(Stage.AWAITING_PAYMENT)
    await sent(site, "take-back", reason="The engine broke.")
    assert (last(site).act, last(site).reason) == (Act.TAKE_BACK, "The engine broke.")
    assert site.bookings.kept["BOAT1"].stage is Stage.CANCELLED


async def test_cancelling_what_is_paid_gives_the_money_back_and_names_a_cause(site: PartnerSite) -> None:
    """SL-26, SL-29, SL-30, GY-B2"""
    site.bookings.put(Stage.CONFIRMED, paid())
    text = (await site.team.get(f"{PATH}/cancel")).text
    assert "€90.00 go back to the customer with it, to the same card that paid." in text
    assert "within 5-10 working days" in text
    assert LexborHTMLParser(text).css_first("main [name=iban], main [name=account], main [name=card]") is None
    without = await sent(site, "cancel")
    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please choose a cause." in without.text
    isolated = await sent(site, "cancel", cause=Cause.ISOLATED.value)
    assert isolated.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await sent(site, "cancel", cause=Cause.OPERATIONAL.value, reason="Storm")
    assert last(site).cause is Cause.OPERATIONAL
    assert site.bookings.kept["BOAT1"].stage is Stage.CANCELLED


async def test_all_or_a_part_is_refunded_to_where_it_came_from(site: PartnerSite) -> None:
    """SL-28, SL-29, SL-30, SL-B3"""
    site.bookings.put(Stage.CONFIRMED, paid())
    text = (await site.team.get(f"{PATH}/refund")).text
    assert fields(text)["amount"] == "90.00"
    assert set(fields(text)) == {"version", "amount", "reason"}
    assert "same card that paid" in text
    for wrong in ("0", "90.01", "-5", "all"):
        assert (await sent(site, "refund", amount=wrong)).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await sent(site, "refund", amount="40,50")
    assert last(site).amount == Money(4050, "EUR")


async def test_a_change_of_what_is_booked_is_proposed(site: PartnerSite) -> None:
    """GY-B3, SV-B4, T20"""
    site.bookings.put(Stage.CONFIRMED, paid())
    await sent(site, "propose", begins="2026-06-23T11:00", ends="2026-06-23T14:00")
    proposal = site.bookings.kept["BOAT1"].proposal
    assert proposal is not None
    assert proposal.occasion is not None
    assert proposal.occasion.starts_at == STARTS + timedelta(days=2)
    shown = written((await site.team.get(PATH)).text, ".changes")
    assert "23 June" in shown[0]


async def test_a_term_is_extended_and_a_payment_entered(site: PartnerSite) -> None:
    """SL-21, SV-1, T14"""
    site.bookings.put(Stage.AWAITING_PAYMENT, deadline=NOW + timedelta(days=1))
    assert fields((await site.team.get(f"{PATH}/extend")).text)["until"] == "2026-06-02T11:00"
    past = await sent(site, "extend", until="2026-05-01T11:00")
    assert past.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "A time to come is needed" in past.text
    await sent(site, "extend", until="2026-06-05T11:00")
    assert site.bookings.kept["BOAT1"].deadline == datetime(2026, 6, 5, 9, tzinfo=UTC)
    await sent(site, "take-payment")
    assert last(site).amount == Money(9000, "EUR")


async def test_redeeming_waits_for_the_day(site: PartnerSite) -> None:
    """SV-B2"""
    site.bookings.put(Stage.CONFIRMED, paid())
    early = await site.team.get(f"{PATH}/redeem")
    assert early.status_code == HTTPStatus.CONFLICT
    site.bookings.kept["BOAT1"] = replace(
        site.bookings.kept["BOAT1"], terms=terms(occasion=Occasion(NOW, NOW + timedelta(hours=1), TOUR.zone))
    )
    await sent(site, "redeem")
    assert site.bookings.kept["BOAT1"].stage is Stage.COMPLETED


async def test_a_booking_is_given_to_somebody_of_the_staff_by_whoever_sees_the_team(site: PartnerSite) -> None:
    """OR-3, OR-27"""
    site.bookings.put(assignee=StaffId("s1"))
    await sent(site, "assign", staff="s2")
    assert site.bookings.kept["BOAT1"].assignee == "s2"
    site.bookings.kept["BOAT1"] = replace(site.bookings.kept["BOAT1"], assignee=StaffId("s1"))
    assert (await site.giulia.get(f"{PATH}/assign")).status_code == HTTPStatus.CONFLICT
    nobody = await sent(site, "assign", staff="s9")
    assert nobody.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please choose somebody of your staff." in nobody.text
    assert site.bookings.kept["BOAT1"].assignee == "s1"


async def test_whoever_was_slower_is_told_and_loses_nothing(site: PartnerSite) -> None:
    """SL-5"""
    site.bookings.put()
    filled = fields((await site.team.get(f"{PATH}/decline")).text)
    await site.bookings.act("BOAT1", Doing(Act.MARK_CONTACTED, Actor.PARTNER, "s1"), None)
    late = await site.team.send(f"{PATH}/decline", {**filled, "reason": "We are full."})
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Somebody changed this booking since you looked at it" in late.text
    assert fields(late.text)["reason"] == "We are full."
    assert fields(late.text)["version"] == str(site.bookings.kept["BOAT1"].version)
    assert site.bookings.kept["BOAT1"].stage is Stage.REQUESTED
    again = await site.team.send(f"{PATH}/decline", fields(late.text))
    assert again.status_code == HTTPStatus.SEE_OTHER


async def test_what_is_not_possible_any_more_is_told_with_what_is(site: PartnerSite) -> None:
    """SL-14, OR-35"""
    site.bookings.put(Stage.DECLINED)
    site.bookings.put(Stage.CONFIRMED, action=RequiredAction.NONE)
    for path, method in ((f"{PATH}/accept", site.team.get), (f"{PATH}/decline", site.team.get)):
        assert (await method(path)).status_code == HTTPStatus.CONFLICT
    answer = await site.team.send("/partner/p1/bookings/BOAT2/decline", {"version": "1", "reason": "x"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "This is not possible now" in answer.text
    assert "Propose a change" in written(answer.text, ".actions a")


async def test_what_tells_who_one_is_does_not_go_out(site: PartnerSite) -> None:
    """LEAK-86"""
    site.bookings.put()
    answer = await sent(site, "contact", text=f"{LEAK} 12")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "tells who or where you are" in answer.text
    site.parties.is_too_often = True
    assert (await sent(site, "contact", text="Again")).status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.mark.parametrize("version", ["", "x", "1" * 30, "٣"])
async def test_a_form_names_the_version_that_was_looked_at(site: PartnerSite, version: str) -> None:
    site.bookings.put()
    answer = await site.team.send(f"{PATH}/mark-contacted", {"version": version})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_nobody_is_led_elsewhere_by_where_they_came_from(site: PartnerSite) -> None:
    site.bookings.put()
    answer = await site.team.send(f"{PATH}/mark-contacted", {"version": "1", "back": "//evil.example/?tab=booked" + "&x=1" * 900})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"].startswith("/partner/p1?")
