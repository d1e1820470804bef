"""An operator decides on overdue reservations: first what would happen, then that, and nothing else (ST-22, B3)."""

from __future__ import annotations

import asyncio

import pytest
from support.browsing import OTTO, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_release_is_shown_before_it_happens(visitor: Visitor) -> None:
    house = visitor.house
    first, second = [await asyncio.to_thread(house.begun, "reserve") for _ in range(2)]
    await visitor.signed_in_as(OTTO)
    await visitor.goes("/operator/releases")
    await visitor.looks_right("operator release screen")
    await visitor.fills("Deadline up to", house.booking(first)["deadline"][:10])
    await visitor.fills("and days after it", "30")
    await visitor.fills("Partner", "alpine")
    await visitor.presses("Show", exact=True)
    await visitor.sees(first, second)
    await visitor.looks_right("operator what may be released")

    await visitor.page.get_by_label(f"Release {first}").check()
    await visitor.presses("See what would happen to what is ticked")
    await visitor.sees("Nothing has been changed yet", first)
    await visitor.does_not_see(second)
    await visitor.looks_right("operator dry run")
    assert house.stage(first) == "awaiting_payment"

    await visitor.presses("Do it now")
    await visitor.sees("1 step was taken", first)
    await visitor.looks_right("operator released")
    assert house.stage(first) == "expired"
    assert house.stage(second) == "awaiting_payment"
