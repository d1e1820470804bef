"""A dispute is decided in a browser, over a house whose mail went by SMTP: AR-1 access audit, AR-2, AR-2 keyboard, SV-5."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect
from support.browsing import ANNA, EVA, OTTO, TEAM, VIEWS, ZOFIA, House, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

REASON = "the customer says it never came"


def written(house: House, about: str) -> bytes:
    """Zofia writes to the partner of the confirmed booking; the mail as the partner's server took it."""
    house.write(ZOFIA, house.aliases["partner"], about, f"My address is {ZOFIA}.\r\n\r\nWhere is the meeting point?")
    return house.mail(TEAM, about).as_bytes()


async def test_a_dispute_is_looked_at_and_its_mail_is_compared(visitor: Visitor) -> None:
    house, about = visitor.house, f"Meeting point ({visitor.view.name})"
    reference = house.bookings["confirmed"]
    mail = await asyncio.to_thread(written, house, about)
    await visitor.signed_in_as(EVA)
    await visitor.goes(f"/support/bookings/{reference}")
    await visitor.sees("Customer → Provider", about, "Where is the meeting point?", "delivered", "Facts found", "Who has looked")
    await visitor.sees_none_of(ZOFIA, TEAM, "Kowalska")
    await visitor.looks_right("dispute")

    row = visitor.page.locator("[data-row]").filter(has_text=about)
    await row.get_by_role("link", name="Open").click()
    await visitor.page.wait_for_load_state("load")
    await visitor.sees("As the provider saw it", "Where is the meeting point?")
    for tab in ("As the customer saw it", "Changes", "Headers", "Source", "Delivery", "Checks"):
        await visitor.follows(tab, exact=True)
        await visitor.sees_none_of(ZOFIA, TEAM)
        await visitor.looks_right(f"dispute message {tab}")
    await visitor.sees("Who wrote it", "What was decided")

    await visitor.follows("Original", exact=True)
    await visitor.sees_none_of(ZOFIA)
    await visitor.fills("Why do you need it?", REASON)
    await visitor.presses("Read it as it was received")
    await visitor.sees(ZOFIA)
    await visitor.looks_right("dispute message original")

    await visitor.goes("/support/genuine")
    await visitor.looks_right("genuine")
    for content, told in ((mail, "Genuine"), (mail.replace(b"meeting", b"parking"), "It differs from what we have")):
        file = {"name": "mail.eml", "mimeType": "message/rfc822", "buffer": content}
        await visitor.page.get_by_label("A mail, as a file").set_input_files(files=[file])  # type: ignore[list-item]  # as documented
        await visitor.presses("Compare")
        shown = " ".join((await visitor.page.locator("main").inner_text()).split())
        assert told in shown or (told == "Genuine" and "Identical" in shown), shown[:500]
    await visitor.looks_right("genuine differs")

    # Who has looked at it stands in the trace, for whoever holds that office.
    await visitor.signed_in_as(ANNA)
    await visitor.goes("/support/audit")
    await visitor.sees(REASON)
    await visitor.signed_in_as(OTTO)
    await visitor.goes(f"/support/bookings/{reference}", expect=404)


async def test_the_window_is_extended_and_a_booking_that_is_done_is_referred(visitor: Visitor) -> None:
    house = visitor.house
    reference = await asyncio.to_thread(house.with_action)
    await asyncio.to_thread(house.act, reference, "action_done", "partner")
    await visitor.signed_in_as(EVA)
    await visitor.goes(f"/support/bookings/{reference}")
    await visitor.follows("Extend the window", exact=True)
    await visitor.looks_right("extend the window")
    await visitor.presses("Extend the window", exact=True)
    await visitor.sees("The window is extended.", "Window extended")

    await visitor.page.get_by_role("link", name="Cancel the booking").click()
    await visitor.page.wait_for_load_state("load")
    await visitor.sees("what the customer signed binds them to the provider")
    await visitor.looks_right("cannot cancel")
    await visitor.presses("Send that mail")
    await visitor.sees("Customer referred to the provider")


@pytest.mark.parametrize("view", [one for one in VIEWS if one.scripts], ids=lambda one: one.name)
async def test_the_whole_case_by_keyboard(visitor: Visitor) -> None:
    house, about = visitor.house, f"By keys ({visitor.view.name})"
    reference = house.bookings["confirmed"]
    await asyncio.to_thread(written, house, about)
    await visitor.signed_in_as(EVA)
    await visitor.goes(f"/support/bookings/{reference}")
    page, rows = visitor.page, visitor.page.locator("[data-row]")
    for _ in range(await rows.count()):
        await page.keyboard.press("j")
    current = page.locator("[data-row][aria-current]")
    assert await current.get_attribute("id") == await rows.last.get_attribute("id")
    while about not in await current.inner_text():
        await page.keyboard.press("k")
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("r")
    await page.wait_for_url("**tab=original**")
    await page.go_back()
    for _ in range(await rows.count()):
        await page.keyboard.press("j")
    while about not in await current.inner_text():
        await page.keyboard.press("k")
    await page.keyboard.press("o")
    await page.wait_for_url("**/support/messages/**")
    await visitor.sees("As the provider saw it")
