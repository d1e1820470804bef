"""A customer in their own space: accepts other terms, pays, cancels; the voucher's red box; from there to the conversation."""

from __future__ import annotations

import asyncio

import pytest
from support.browsing import TEAM, TOM, ZOFIA, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_other_terms_are_compared_and_accepted_then_it_is_paid(visitor: Visitor) -> None:
    """SL-5, SL-15, ST-18"""
    house = visitor.house
    reference = await asyncio.to_thread(house.countered)
    await visitor.signed_in_as(ZOFIA)
    await visitor.goes("/my")
    await visitor.sees(reference)
    await visitor.page.locator(f"a[href='/my/bookings/{reference}']").first.click()
    await visitor.sees("Other terms are offered", "€120.00")
    await visitor.presses("Accept the offer")
    await visitor.sees("To be paid")
    await visitor.looks_right("customer accepted")
    amount = {"minor": 12_000, "currency": "EUR"}
    await asyncio.to_thread(house.act, reference, "take_payment", "operator", amount=amount)
    await visitor.page.reload()
    await visitor.sees("Payments", "Write to the provider")
    await visitor.looks_right("customer paid")


async def test_a_booking_is_cancelled_with_a_reason(visitor: Visitor) -> None:
    """ST-13, ST-14: what it means is said before, and the other side reads why."""
    house = visitor.house
    reference = await asyncio.to_thread(house.paid)
    await visitor.signed_in_as(ZOFIA)
    await visitor.goes(f"/my/bookings/{reference}")
    await visitor.follows("Cancel the booking")
    await visitor.fills("Why", f"We have to work ({visitor.view.name}).")
    await visitor.looks_right("customer cancels with a reason")
    await visitor.presses("Cancel the booking")
    await visitor.sees("We have to work")
    assert house.stage(reference) == "cancelled"
    mail = await asyncio.to_thread(house.mail, TEAM, reference)
    assert mail is not None


async def test_a_booking_of_somebody_else_is_not_there(visitor: Visitor) -> None:
    await visitor.signed_in_as(TOM)
    await visitor.goes(f"/my/bookings/{visitor.house.bookings['confirmed']}", expect=404)
    await visitor.looks_right("customer not theirs")


async def test_from_the_overview_to_the_conversation_and_nobody_is_revealed(visitor: Visitor) -> None:
    """ST-18, invariant 1"""
    reference = visitor.house.bookings["confirmed"]
    await visitor.signed_in_as(ZOFIA)
    await visitor.goes("/my?list=coming")
    await visitor.goes(f"/my/bookings/{reference}")
    await visitor.sees(visitor.house.aliases["partner"], "Write to the provider")
    await visitor.sees_none_of(TEAM)
