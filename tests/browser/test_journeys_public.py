"""Somebody who has never been here asks for something: found, entered, confirmed by the link in a mail, and with the provider."""

from __future__ import annotations

import asyncio

import pytest
from support.browsing import TEAM, Visitor, links_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_somebody_asks_for_something_without_an_account(visitor: Visitor) -> None:
    """OR-8 to OR-12, SL-B1: nothing is sent before whoever reads that mailbox has said that it was they."""
    house, address = visitor.house, f"newcomer-{visitor.view.name}@mail.example"
    await visitor.goes("/offers")
    await visitor.looks_right("public offers")
    await visitor.follows("Boat tour on the lake")
    await visitor.sees("Sunset ride")
    await visitor.looks_right("public an offer")
    await visitor.page.locator("a[href$='/offers/tour/on_request']").click()
    await visitor.page.wait_for_load_state("load")
    await visitor.sees("This cannot be booked immediately.")
    await visitor.page.locator("input[name=slot]").nth(1).check()
    await visitor.page.locator("input[type=number]").first.fill("2")
    await visitor.page.locator("[name=note]").fill("We come with a dog.")
    await visitor.page.locator("[name=name]").fill("Nora Newcomer")
    await visitor.page.locator("[name=address]").fill(address)
    await visitor.looks_right("public asks")
    await visitor.presses("Request now")
    await visitor.sees("Please look into your mailbox")
    await visitor.looks_right("public has asked")

    mail = await asyncio.to_thread(house.mail, address, "confirm your request")
    [link] = links_of(mail, "/orders/")
    await visitor.goes(link)
    await visitor.sees("Is this from you?", "We come with a dog.")
    await visitor.looks_right("public confirms")
    await visitor.presses("Send the request")
    await visitor.sees("Your request is sent", "This is not a booking yet.")
    await visitor.looks_right("public is sent")
    reference = await visitor.page.locator("strong.code").inner_text()
    assert house.stage(reference) == "requested"
    told = await asyncio.to_thread(house.mail, TEAM, reference)
    assert address not in told.as_string()
