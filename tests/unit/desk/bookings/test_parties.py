"""A booking as one of its parties acts on it and reads it: in words that tell the other side nothing, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.booking_house import Side, opened, stocked
from support.world import CUSTOMER_ADDRESS

from relay.booking.booking import Actor
from relay.booking.money import Money
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act
from relay.booking.terms import Discount, Line
from relay.desk.parties import messages_a_day_max
from relay.values import Role
from relay.web.booking_ports import Doing, NewTerms
from relay.web.link_ports import TooMany

BOOKINGS = "/api/v1/bookings"
PHONE = "+48 601 234 567"


@pytest.fixture
async def house(migrated: Path, tmp_path: Path) -> AsyncIterator[tuple[Side, httpx.AsyncClient]]:
    web, store = opened(migrated, tmp_path)
    async with web.client() as client:
        await stocked(client)
        yield web.booking, client  # type: ignore[misc]  # the real desks
    await store.close()


async def _asked(client: httpx.AsyncClient, **more: Any) -> str:
    customer = {"name": "Zofia Kowalska", "address": CUSTOMER_ADDRESS, "language": "pl"}
    body = {"offer": "o1", "variant": "v-custom_request", "slot": "t-custom_request", "customer": customer}
    answer = await client.post(BOOKINGS, json={**body, "choices": [{"price": "adult"}], **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


async def test_what_the_customer_wrote_is_read_as_a_mail_would_bring_it(house: tuple[Side, httpx.AsyncClient]) -> None:
    """SL-12, LEAK-86: whoever brought it in."""
    side, client = house
    extra = {"text": f"A cake, call {PHONE}", "unit": {"minor": 0, "currency": "EUR"}}
    note = f"I am Zofia Kowalska, {CUSTOMER_ADDRESS}, {PHONE}"
    reference = await _asked(client, note=note, extras=[extra])
    shown = (await side.parties.one(reference, Role.PARTNER)).booking.terms
    [versions] = await side.parties.terms(reference, Role.PARTNER)
    [exported] = [one async for one in side.parties.all(Filter(partner="p1"), Order.NEWEST, Role.PARTNER)]
    for read in (shown, versions, exported.booking.terms):
        text = " ".join((read.note, *(line.text for line in read.lines)))
        assert "Adult" in text
        assert "A cake" in text
        assert not any(secret in text for secret in ("Kowalska", CUSTOMER_ADDRESS, "601", "567"))
    own = (await side.parties.one(reference, Role.CUSTOMER)).booking.terms
    assert own.note == note


async def test_what_a_party_writes_crosses_before_it_is_kept(house: tuple[Side, httpx.AsyncClient]) -> None:
    """SL-5, SL-6, SL-7, SL-24, OR-37"""
    side, client = house
    reference = await _asked(client)
    lines = (Line("Wine, giulia@garda.example", 1, Money(1000, "EUR"), is_extra=True),)
    offered = NewTerms(lines=lines, discounts=(Discount("For you", basis_points=1000),), note="Ask giulia@garda.example")
    shown = await side.parties.act(
        reference, Role.PARTNER, Doing(Act.COUNTER, Actor.PARTNER, "s1", reason="team@garda.example", terms=offered)
    )
    assert shown.booking.terms.total == Money(900, "EUR")
    kept = str([await side.bookings.terms(reference), await side.bookings.history(reference)])
    assert "garda.example" not in kept


async def test_nobody_is_written_to_more_often_than_a_day_has_messages(house: tuple[Side, httpx.AsyncClient]) -> None:
    """OR-24"""
    side, client = house
    reference = await _asked(client)
    write = Doing(Act.CONTACT, Actor.PARTNER, "s1", reason="Are you coming?")
    for _ in range(messages_a_day_max):
        await side.parties.act(reference, Role.PARTNER, write)
    with pytest.raises(TooMany):
        await side.parties.act(reference, Role.PARTNER, write)


async def test_asking_again_and_the_rules_by_which_it_was_bought(house: tuple[Side, httpx.AsyncClient]) -> None:
    """OR-35, T18"""
    side, client = house
    reference = await _asked(client)
    await side.parties.act(reference, Role.CUSTOMER, Doing(Act.WITHDRAW, Actor.CUSTOMER, "customer", reason=PHONE))
    history = await side.parties.history(reference, Role.PARTNER)
    assert PHONE not in history[-1].reason
    again = await side.parties.ask_again(reference, Role.CUSTOMER, NewTerms(note=f"Call {PHONE}"), "customer")
    assert again.parent == reference
    assert PHONE not in again.booking.terms.note
    assert (await side.parties.situation(again.booking.reference)).rules.request_holds is False
