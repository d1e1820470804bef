"""The ground of these tests itself: what it is to find is found."""

from __future__ import annotations

import pytest
from support.browsing import Visitor, overflows, seriously_wrong

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_what_is_wrong_with_a_page_is_found(visitor: Visitor) -> None:
    await visitor.goes("/style.css")
    await visitor.page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><p style='color:#ddd;width:2000px'>faint</p></main>"
    )
    assert (await overflows(visitor.page))[0] == "the page"
    found = await seriously_wrong(visitor.page, scripts=visitor.view.scripts, browser=visitor.browser)
    assert [one.split(":")[0] for one in found] == ["serious color-contrast"]


async def test_the_house_is_laid_out(visitor: Visitor) -> None:
    house = visitor.house
    stages = {name: house.stage(reference) for name, reference in house.bookings.items()}
    assert set(stages.values()) >= {
        "requested",
        "countered",
        "awaiting_payment",
        "confirmed",
        "declined",
        "withdrawn",
        "cancelled",
    }


async def test_a_page_that_asks_another_host_for_something_is_found(visitor: Visitor) -> None:
    await visitor.goes("/style.css")
    async with visitor.page.expect_event("requestfailed"):
        await visitor.page.set_content("<img src='http://elsewhere.example/dot.png'>")
    assert "a request to another host: http://elsewhere.example/dot.png" in visitor.troubles
    visitor.troubles.clear()
