"""The release screen: narrow, honest about what it would do, and never twice (ST-21 to ST-24, ST-B3, ST-B4)."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from support.bookings import NOW, a_booking
from support.operators import Operators
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.booking.booking import Booking, BookingId, Hold, HoldKind, Keeping, Stage
from relay.booking.catalogue import VariantId
from relay.booking.profile import Profile, ProfileId
from relay.web.site.operator.ticks import NO_DATE, NOTHING, TICKED_TWICE

SCREEN = "/operator/releases?kind=reservation&day=2026-06-20&days=2&offer=o1"


def reserved(reference: str, **more: Any) -> Booking:
    hold = Hold(HoldKind.RESERVATION, Keeping.HELD, NOW + timedelta(days=3), None)
    known: dict[str, Any] = {"hold": hold, "deadline": NOW + timedelta(days=2), "version": 3, **more}
    found = a_booking(Stage.AWAITING_PAYMENT, **known)
    return Booking(
        **{name: getattr(found, name) for name in Booking.__slots__} | {"id": BookingId(reference), "reference": reference}
    )


@pytest.fixture
def house() -> Operators:
    whole = Operators(now=NOW)
    for one in (reserved("R1"), reserved("R2", release_blocked=True), reserved("R3", deadline=NOW - timedelta(hours=1))):
        whole.core.bookings.kept[one.reference] = one
        whole.core.bookings.entries[one.reference] = []
        whole.core.bookings.steps[one.reference] = []
    return whole


def ticked(**more: Any) -> dict[str, Any]:
    return {"seen": ["R1:3", "R2:3", "R3:3"], **more}


def hidden(page: str) -> dict[str, list[str]]:
    """What the form of a page would send by itself, but its token."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        if name != "form_token":
            found.setdefault(name, []).append(value)
    return found


async def test_nothing_is_listed_before_an_offer_a_promotion_or_a_partner_is_named(house: Operators) -> None:
    """ST-B3"""
    text = (await house.browser().get("/operator/releases")).text
    assert "R1" not in text
    assert house.core.bookings.wanted == []


async def test_the_screen_shows_deadlines_margins_and_signs_and_asks_by_kind_and_deadline(house: Operators) -> None:
    """ST-10, ST-22, ST-23, ST-B3"""
    text = (await house.browser().get(SCREEN)).text
    for expected in ("R1", "overdue", "blocked", "margin: 24 hours", "Unblock R2", "Block R1"):
        assert expected in text
    wanted = house.core.bookings.wanted[0]
    assert (wanted.hold, wanted.offer) == (HoldKind.RESERVATION, "o1")
    assert wanted.deadline_before is not None
    assert wanted.deadline_before.isoformat() == "2026-06-23T00:00:00+00:00"
    assert not any(one in text for one in (CUSTOMER_ADDRESS, PARTNER_ADDRESS))


async def test_how_many_confirm_is_told_beside(house: Operators) -> None:
    """ST-24"""
    text = (await house.browser().get(SCREEN)).text
    for expected in ("How many confirm", "confirmed", "cancelled", "expired", "overdue"):
        assert expected in text


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(house: Operators) -> None:
    """ST-22, ST-B4"""
    browser = house.browser()
    text = (await browser.send(SCREEN.replace("?", "/foreseen?"), ticked(release=["R1", "R2"], remind=["R3"]))).text
    assert "1 would be released, 0 kept, 1 reminded; nothing would happen to 1." in text
    assert "R2</code> <small>" in text.split("Nothing would happen to")[1]
    assert house.core.bookings.kept["R1"].stage is Stage.AWAITING_PAYMENT


async def test_what_was_foreseen_is_done_once_it_is_confirmed_and_never_twice(house: Operators) -> None:
    browser = house.browser()
    page = (await browser.send(SCREEN.replace("?", "/foreseen?"), ticked(everything="yes"))).text
    form = hidden(page)
    assert form["release"] == ["R1", "R2", "R3"]
    done = await browser.send(SCREEN, form)
    assert "2 steps were taken." in done.text
    assert {one.reference for one in house.core.bookings.kept.values() if one.stage is Stage.EXPIRED} == {"R1", "R3"}
    again = await browser.send(SCREEN, form)
    assert again.headers["location"].endswith("&told=already")


async def test_what_is_kept_has_its_place_until_the_end_of_that_day(house: Operators) -> None:
    """ST-22"""
    browser = house.browser()
    page = (await browser.send(SCREEN.replace("?", "/foreseen?"), ticked(keep=["R1"], until="2026-06-10"))).text
    assert "Would be kept until" in page
    await browser.send(SCREEN, hidden(page))
    deadline = house.core.bookings.kept["R1"].deadline
    assert deadline is not None
    assert deadline.isoformat() == "2026-06-11T00:00:00+00:00"


async def test_what_somebody_else_changed_meanwhile_is_left(house: Operators) -> None:
    browser = house.browser()
    done = await browser.send(SCREEN, {"release": ["R1"], "seen": ["R1:2"], "key": "k"})
    assert "has changed since it was looked at" in done.text
    assert house.core.bookings.kept["R1"].stage is Stage.AWAITING_PAYMENT


@pytest.mark.parametrize(
    ("ticks", "sentence"),
    [
        ({}, NOTHING),
        ({"release": ["R1"], "keep": ["R1"], "until": "2026-06-10"}, TICKED_TWICE),
        ({"keep": ["R1"]}, NO_DATE),
        ({"keep": ["R1"], "until": "soon"}, NO_DATE),
    ],
)
async def test_ticks_that_cannot_be_meant_come_back_as_they_were(house: Operators, ticks: dict[str, Any], sentence: str) -> None:
    answer = await house.browser().send(SCREEN.replace("?", "/foreseen?"), ticked(**ticks))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in answer.text
    assert answer.text.count(" checked") == sum(len(ticks.get(name, [])) for name in ("release", "keep"))


async def test_a_block_beats_every_release_until_it_is_taken_back(house: Operators) -> None:
    """ST-B4"""
    browser = house.browser()
    blocked = await browser.send(SCREEN.replace("?", "/block?"), {"one": "R1:3"})
    assert blocked.headers["location"].endswith("&told=blocked")
    assert house.core.bookings.kept["R1"].release_blocked
    stale = await browser.send(SCREEN.replace("?", "/unblock?"), {"one": "R1:3"})
    assert stale.headers["location"].endswith("&told=stale")
    await browser.send(SCREEN.replace("?", "/unblock?"), {"one": "R1:4"})
    assert not house.core.bookings.kept["R1"].release_blocked


async def test_profiles_say_what_may_be_reserved_by_whom_and_when(house: Operators) -> None:
    """ST-6, ST-8"""
    one = Profile(ProfileId("season"), "The season", frozenset({VariantId("v1")}), NOW.date())
    house.core.catalogue.profiles.kept["season"] = one
    text = (await house.browser().get("/operator/releases/profiles")).text
    for expected in ("The season", "2026-06-01", "without end", "everybody, everywhere"):
        assert expected in text
