"""A partner: looks at the week, changes how something is booked, closes a slot, and adds an address of which the team hears."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect
from support.browsing import GIULIA, TEAM, ZOFIA, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

HOME = "/partner/alpine"


async def test_the_week_has_what_was_asked_of_somebody_and_a_line_that_marks_the_present(visitor: Visitor) -> None:
    """OR-26, OR-28, OR-33: by the keyboard too, where there are scripts."""
    house, page = visitor.house, visitor.page
    reference = await asyncio.to_thread(house.asked, staff="giulia")
    starts = datetime.fromisoformat(house.booking(reference)["terms"]["occasion"]["starts_at"])
    year, week, _day = starts.isocalendar()
    await visitor.signed_in_as(GIULIA)
    await visitor.goes(f"{HOME}/calendar")
    line = page.locator("[data-now] span:visible")
    await expect(line).to_have_count(1)
    await visitor.goes(f"{HOME}/calendar?week={year}-W{week:02d}")
    entry = page.locator(f"a[href$='/bookings/{reference}']")
    await expect(entry.get_by_role("img", name="Request, not booked yet")).to_be_visible()
    await expect(page.locator("[data-now] span:visible")).to_have_count(0)
    await visitor.looks_right("partner week with a request")
    if visitor.view.scripts:
        await page.keyboard.press("n")
        await page.wait_for_url("**/calendar?week=*")
        await expect(page.locator(f"a[href$='/bookings/{reference}']")).to_have_count(0)
    else:
        await visitor.follows("Week after")
    await visitor.follows("This week")
    await expect(page.locator("[data-now] span:visible")).to_have_count(1)


async def test_the_present_is_told_in_the_zone_of_the_calendar(visitor: Visitor) -> None:
    """OR-33: whichever zone the device is in, with and without a script, and in the hours of the week's own column."""
    view = visitor.view
    context = await visitor.browser.new_context(
        viewport={"width": view.width, "height": 800}, java_script_enabled=view.scripts, timezone_id="Pacific/Kiritimati"
    )
    try:
        await context.add_cookies(
            [{"name": "relay-session", "value": await asyncio.to_thread(visitor.house.session, TEAM), "url": visitor.url}]
        )
        page = await context.new_page()
        for zone in ("Europe/Rome", "Asia/Kolkata"):
            before = datetime.now(ZoneInfo(zone)).replace(second=0, microsecond=0)  # noqa: TID251
            await page.goto(f"{visitor.url}{HOME}/calendar?zone={zone}")
            told = await page.locator("[data-now]:not([hidden]) [data-now-time]").inner_text()
            after = datetime.now(ZoneInfo(zone))  # noqa: TID251
            assert told in {f"{before + timedelta(minutes=n):%H:%M}" for n in range(int((after - before).seconds / 60) + 1)}
    finally:
        await context.close()


async def test_the_alias_is_there_to_be_copied_and_the_address_is_not(visitor: Visitor) -> None:
    """GY-17, GY-18: the button that only a script can serve is there with one alone."""
    house = visitor.house
    reference = await asyncio.to_thread(house.paid)
    await visitor.signed_in_as(TEAM)
    await visitor.goes(f"{HOME}/bookings/{reference}/messages")
    alias = house.booking(reference)["customer"]["alias"]
    await visitor.sees(alias, "You can write to each other until")
    await visitor.sees_none_of(ZOFIA)
    await expect(visitor.page.locator("[data-copy]:visible")).to_have_count(1 if visitor.view.scripts else 0)


async def test_a_variant_is_put_on_request_and_back(visitor: Visitor) -> None:
    """OR-1, OR-8 to OR-10"""
    house, page = visitor.house, visitor.page
    await visitor.signed_in_as(TEAM)
    for mode in ("on request", ""):
        await visitor.goes(f"{HOME}/offers/tour/variants/instant")
        before = house.ask("GET", "/offers/tour/variants/instant")["switches"]["mode"]
        await page.locator("#f-mode").select_option(mode or "instant")
        await visitor.presses("Save")
        await visitor.sees("Saved.")
        after = house.ask("GET", "/offers/tour/variants/instant")["switches"]["mode"]
        assert (before == after) is False
    assert after == "instant"


async def test_the_team_hears_that_somebody_has_come(visitor: Visitor) -> None:
    """GW-5, GY-B5"""
    house, page = visitor.house, visitor.page
    address = f"bot-{visitor.view.name.replace(' ', '-')}@system.example"
    await visitor.signed_in_as(TEAM)
    await visitor.goes(f"{HOME}/team")
    await page.locator("#f-senders").fill(address)
    await page.locator("form[action$='/team/senders'] button").click()
    await visitor.sees("Added.", address)
    told = await asyncio.to_thread(house.mail, TEAM, "Who acts for")
    body = told.get_body(("plain",))
    assert body is not None
    assert address in body.get_content()
    await page.locator(".card", has_text=address).locator("summary").click()
    await visitor.presses(f"Yes, remove {address}")
    await visitor.sees("Removed.")
    await visitor.sees_none_of(address)
    # Of that it hears too.
    assert await asyncio.to_thread(house.mail, TEAM, "Who acts for")
