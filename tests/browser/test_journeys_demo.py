"""The demonstration: whoever starts it relays a message, has one refused, reads the notice and finds it, in two minutes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from support.browsing import CHROMIUM, NO_CHROMIUM, View, Visitor, visiting
from support.demonstration import Demonstration

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

arrives_ms = 15_000


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    if not CHROMIUM:
        pytest.skip(NO_CHROMIUM)
    one = Demonstration(tmp_path_factory.mktemp("demo"))
    try:
        one.open()
        yield one
    finally:
        one.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, demonstration: Demonstration, view: View) -> AsyncIterator[Visitor]:
    async with visiting(browser, demonstration.url, view) as one:
        yield one


async def comes(visitor: Visitor, text: str) -> None:
    """`text` appears on the page: by itself where there are scripts, else by loading it again."""
    place = visitor.page.get_by_text(text).first
    if visitor.view.scripts:
        await expect(place).to_be_visible(timeout=arrives_ms)
        return
    for _ in range(arrives_ms // 250):
        if await place.is_visible():
            return
        await visitor.page.wait_for_timeout(250)
        await visitor.page.reload()
    raise AssertionError(f"{text!r} does not appear")


async def test_two_minutes(visitor: Visitor) -> None:
    about = f"Where do we meet ({visitor.view.name})?"
    await visitor.goes("/")
    await visitor.sees("Relay a message", "Have one refused", "Read the notice", "Find it as support")
    await visitor.looks_right("demo who is who")

    await visitor.follows("Write as Zofia")
    await visitor.fills("Subject", about)
    await visitor.fills("Text", "My own address is zofia.kowalska@poczta.example")
    await visitor.looks_right("demo mailbox")
    await visitor.presses("Send")
    await visitor.sees("250")
    await comes(visitor, "It arrived")
    await visitor.looks_right("demo answer")

    await visitor.follows("Mailbox of Marco", nth=-1)
    await visitor.follows(about)
    await visitor.sees("Zofia via Example Travel")
    await visitor.sees_none_of("zofia.kowalska@poczta.example")
    await visitor.looks_right("demo mail")

    await visitor.fills("Text", "Here are the photos.")
    await visitor.page.get_by_label("a program").check()
    await visitor.presses("Send the answer")
    await comes(visitor, "a notice came back")
    await visitor.follows("Mailbox of Marco", nth=-1)
    await visitor.page.locator(".mails a").first.click()
    await visitor.sees("Not delivered: this kind of attachment is not accepted")
    text = visitor.page.frame_locator("iframe").locator("body")
    await expect(text).to_contain_text("photos.jpg")
    await visitor.looks_right("demo notice")

    await visitor.follows("Who is who")
    await visitor.presses("Look as support")
    await visitor.sees("Search in the archive", about)
    await visitor.sees_none_of("zofia.kowalska@poczta.example", "marco.bellini@alpine-tours.example")
    await visitor.looks_right("demo found as support")
    await visitor.follows(f"Re: {about}")
    await visitor.sees("Blocked")


async def test_somebody_whom_nobody_knows_is_refused_at_once(visitor: Visitor) -> None:
    await visitor.goes("/demo/mailbox/customer")
    await visitor.fills("Subject", "Hello")
    await visitor.fills("Text", "Do you know me?")
    await visitor.page.get_by_label("From an address that nobody knows").check()
    await visitor.presses("Send")
    await visitor.sees("Refused at once", "550 5.7.1")


@pytest.mark.parametrize("who", ["Marco Bellini", "Zofia Kowalska", "Eva Lindt", "Otto Brandt"])
async def test_one_click_leads_into_each_role_and_one_back(visitor: Visitor, who: str) -> None:
    await visitor.goes("/")
    await visitor.presses(f"Look as {who}")
    await visitor.looks_right(f"demo as {who}")
    await visitor.follows("Who is who")
    await visitor.sees("A conversation without addresses")
