"""Support: finds the dispute, sees what each side saw, lets a held message out."""

from __future__ import annotations

import asyncio

import pytest
from support.browsing import EVA, TEAM, ZOFIA, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_dispute_is_found_and_read(visitor: Visitor) -> None:
    """AR-1: the timeline with what was refused and what is held; nobody's address stands in it."""
    reference = visitor.house.bookings["confirmed"]
    await visitor.signed_in_as(EVA)
    await visitor.goes("/support")
    await visitor.looks_right("support search")
    await visitor.page.locator("#f-q").fill(f"booking:{reference}")
    await visitor.presses("Search", exact=True)
    await visitor.sees("Meeting point", "Film of the tour")
    await visitor.sees_none_of(ZOFIA, TEAM)
    await visitor.looks_right("support results")

    await visitor.goes(f"/support/bookings/{reference}")
    await visitor.sees("where do we meet?", "Film of the tour", "Measurements")
    await visitor.sees_none_of(ZOFIA, TEAM)
    await visitor.looks_right("support dispute")
    await visitor.follows("Open", exact=True)
    await visitor.looks_right("support message")


async def test_a_held_message_is_let_out(visitor: Visitor) -> None:
    """GW-55: it waits in front of a person, who says what becomes of it."""
    house = visitor.house
    reference = await asyncio.to_thread(house.paid)
    alias = house.booking(reference)["customer"]["alias"]
    subject = f"Sizes {visitor.view.name}"
    telling = ("sizes.bin", b"\x00\x01" + TEAM.encode() + b"\xff")
    await asyncio.to_thread(house.write, TEAM, alias, subject, "Here they are.\n", telling)
    await visitor.signed_in_as(EVA)
    await visitor.goes(f"/support/bookings/{reference}")
    await visitor.sees(subject)
    await visitor.follows("Without attachments")
    await visitor.looks_right("support lets out")
    await visitor.page.locator("main form button").last.click()
    await visitor.page.wait_for_load_state("load")
    await visitor.looks_right("support has let out")
    mail = await asyncio.to_thread(house.mail, ZOFIA, subject)
    assert TEAM not in mail.as_string()
