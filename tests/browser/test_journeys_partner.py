"""A partner: answers a request, offers other terms with the total beside them, ticks the action that the voucher shows."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect
from support.browsing import GIULIA, RIVAL, TEAM, ZOFIA, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

HOME = "/partner/alpine"


async def test_a_request_is_found_and_booked(visitor: Visitor) -> None:
    """OR-20, OR-22, SL-12: from the list to the answer, and both sides see the same."""
    house = visitor.house
    reference = await asyncio.to_thread(house.asked)
    await visitor.signed_in_as(TEAM)
    await visitor.goes(HOME)
    await visitor.page.locator(f"a[href$='/bookings/{reference}']").first.click()
    await visitor.sees(reference, "Sunset ride", "Zofia")
    await visitor.sees_none_of(ZOFIA)
    await visitor.looks_right("partner a request")
    await visitor.page.locator(f"a[href$='/{reference}/book']").first.click()
    await visitor.page.wait_for_load_state("load")
    await visitor.looks_right("partner books")
    await visitor.presses("Book", exact=True)
    await visitor.looks_right("partner has booked")
    assert house.stage(reference) == "awaiting_payment"
    assert await asyncio.to_thread(house.mail, ZOFIA, reference)


async def test_a_request_is_declined_with_a_reason(visitor: Visitor) -> None:
    house = visitor.house
    reference = await asyncio.to_thread(house.asked)
    await visitor.signed_in_as(TEAM)
    await visitor.goes(f"{HOME}/bookings/{reference}/decline")
    await visitor.fills("Reason", "The boat is in the dock.")
    await visitor.presses("Decline the request")
    await visitor.sees("The boat is in the dock.")
    assert house.stage(reference) == "declined"


async def test_other_terms_are_offered_with_the_total_beside_them(visitor: Visitor) -> None:
    """SL-4 to SL-7: with a script the total follows what is entered, without one a button reckons it."""
    house = visitor.house
    reference = await asyncio.to_thread(house.asked_for_own)
    await visitor.signed_in_as(TEAM)
    await visitor.goes(f"{HOME}/bookings/{reference}/offer")
    page = visitor.page
    await page.locator("[name=what1]").fill("Guide at the castle")
    await page.locator("[name=quantity1]").fill("1")
    await page.locator("[name=price1]").fill("30")
    if visitor.view.scripts:
        await expect(page.locator("#reckoned")).to_contain_text("120.00")
    else:
        await visitor.presses("Recalculate")
        await visitor.sees("120.00")
    await visitor.looks_right("partner offers other terms")
    await visitor.presses("Offer these terms")
    await visitor.sees("120.00")
    assert house.booking(reference)["amounts"]["total"]["minor"] == 12_000
    assert house.stage(reference) == "countered"


async def test_a_ticked_action_replaces_the_red_box_of_the_voucher(visitor: Visitor) -> None:
    """SV-11, SV-13, SV-16, SV-19"""
    house = visitor.house
    reference = await asyncio.to_thread(house.with_action)
    voucher = f"/my/bookings/{reference}/voucher"
    await visitor.signed_in_as(ZOFIA)
    await visitor.goes(voucher)
    await visitor.sees("Before you go, please do this", "Sign the safety form")

    await visitor.signed_in_as(TEAM)
    await visitor.goes(f"{HOME}/bookings/{reference}")
    await visitor.looks_right("partner action open")
    await visitor.presses("Mark as done")
    await visitor.sees("Required action done")
    await visitor.looks_right("partner action done")

    await visitor.signed_in_as(ZOFIA)
    await visitor.goes(voucher)
    await visitor.does_not_see("Before you go, please do this")
    await visitor.looks_right("customer voucher action done")


async def test_what_is_another_partners_or_another_ones_is_not_there(visitor: Visitor) -> None:
    """OR-3"""
    for who, path in ((RIVAL, HOME), (RIVAL, f"{HOME}/bookings/{visitor.house.bookings['asked']}"), (ZOFIA, HOME)):
        await visitor.signed_in_as(who)
        await visitor.goes(path, expect=404)
    await visitor.signed_in_as(GIULIA)
    await visitor.goes(f"{HOME}/bookings/{visitor.house.bookings['asked']}", expect=404)
