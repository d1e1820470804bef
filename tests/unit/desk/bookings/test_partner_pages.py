"""A partner's pages down to the database: from a request to the money that goes back, with no script and no operator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser
from support.booking_house import Side, opened, stocked
from support.partner_site import FakeThreads, written
from support.site import Browser, FakeVisitors, a_partner
from support.web import FakeArchive, FakeConversations, FakeQueue
from support.world import CUSTOMER_ADDRESS, DOMAIN

from relay.correspondence.house import House
from relay.machine import clock
from relay.web.site.assembly import SitePorts, routers

BOOKINGS = "/api/v1/bookings"
HOME = "/partner/p1"


@pytest.fixture
async def house(migrated: Path, tmp_path: Path) -> AsyncIterator[tuple[Browser, httpx.AsyncClient]]:
    web, store = opened(migrated, tmp_path)
    side: Side = web.booking  # type: ignore[assignment]  # the real desks
    visitors = FakeVisitors()
    ports = SitePorts(
        house=House("Example Travel", DOMAIN, "https://example.com/support"),
        clock=clock,
        visitors=visitors,
        conversations=FakeConversations(),  # type: ignore[arg-type]  # a fake
        archive=FakeArchive(),
        queue=FakeQueue(),
        bookings=side.bookings,
        batches=side.batches,
        catalogue=side.catalogue,
        parties=side.parties,
        threads=FakeThreads(),
    )
    app = FastAPI()
    for routes in routers(ports):
        app.include_router(routes)
    async with web.client() as client:
        await stocked(client)
        yield Browser(app, visitors.signed_in(a_partner("p1", "team@garda.example"))), client
    await store.close()


async def _asked(client: httpx.AsyncClient, mode: str, **more: Any) -> str:
    customer = {"name": "Zofia Kowalska", "address": CUSTOMER_ADDRESS, "language": "pl"}
    body = {"offer": "o1", "variant": f"v-{mode}", "slot": f"t-{mode}", "customer": customer, "choices": [{"price": "adult"}]}
    answer = await client.post(BOOKINGS, json={**body, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in LexborHTMLParser(text).css("main form.card input, main form.card textarea"):
        found[one.attributes.get("name") or ""] = one.attributes.get("value") or one.text().strip("\n")
    found.pop("form_token", None)
    found.pop("alternative", None)
    return found


async def _done(browser: Browser, reference: str, word: str, **entered: str) -> str:
    """What the page afterwards says at its top."""
    path = f"{HOME}/bookings/{reference}/{word}"
    form = await browser.get(path)
    assert form.status_code == 200, form.text
    sent = await browser.send(path, {**_fields(form.text), **entered})
    assert sent.status_code == 303, sent.text
    return written((await browser.get(sent.headers["location"])).text, "[role=status]")[0]


async def test_a_request_goes_from_new_to_paid_back_by_pages_alone(house: tuple[Browser, httpx.AsyncClient]) -> None:
    """SL-1, SL-5, SL-7, SL-19, SL-27, SL-28, SV-1, OR-20, OR-23, OR-24"""
    browser, client = house
    reference = await _asked(client, "custom_request", note=f"I am Zofia Kowalska, {CUSTOMER_ADDRESS}")
    listed = await browser.get(HOME)
    assert reference in listed.text
    assert written(listed.text, ".top nav a")[0] == "Requests and bookings 1"
    shown = await browser.get(f"{HOME}/bookings/{reference}")
    assert not any(secret in shown.text for secret in ("Kowalska", CUSTOMER_ADDRESS))
    assert written((await browser.get(HOME)).text, ".top nav a")[0] == "Requests and bookings"
    assert await _done(browser, reference, "contact", text="Is ten o'clock fine?") == "Your message is on its way."
    assert (
        await _done(browser, reference, "offer", less0="10 %", less_what0="Early") == "Your offer is on its way to the customer."
    )
    offered = (await client.get(f"{BOOKINGS}/{reference}")).json()
    assert offered["amounts"]["total"]["minor"] == 4050
    act = {"act": "accept", "actor": "customer", "terms_version": offered["terms"]["version"]}
    await client.post(f"{BOOKINGS}/{reference}/acts", json=act)
    assert reference in (await browser.get(f"{HOME}?tab=awaiting_payment")).text
    assert await _done(browser, reference, "take-payment") == "The payment is entered."
    assert reference in (await browser.get(f"{HOME}?tab=booked&q={reference.lower()}")).text
    assert await _done(browser, reference, "refund", amount="10.00") == "The refund is under way."
    paid = (await client.get(f"{BOOKINGS}/{reference}")).json()
    assert paid["amounts"]["refundable"]["minor"] == 3050


async def test_a_request_is_booked_with_its_form(house: tuple[Browser, httpx.AsyncClient]) -> None:
    """OR-25, OR-23, OR-17"""
    browser, client = house
    reference = await _asked(client, "on_request", staff="s1")
    told = await _done(browser, reference, "book", place="Pier 3", options="Lunch", staff="s1")
    assert told == "It is booked, and the customer gets a mail."
    booked = (await client.get(f"{BOOKINGS}/{reference}")).json()
    assert (booked["terms"]["place"], booked["terms"]["options"], booked["slot_id"]) == ("Pier 3", ["Lunch"], "t-on_request")
    assert booked["staff"] == "s1"


async def test_a_declined_request_names_other_times_in_its_reason(house: tuple[Browser, httpx.AsyncClient]) -> None:
    """SL-24, OR-37"""
    browser, client = house
    reference = await _asked(client, "on_request")
    await _done(browser, reference, "decline", reason="Write to team@garda.example", other1="2099-06-12T10:00")
    reason = (await client.get(f"{BOOKINGS}/{reference}")).json()["reason"]
    assert "10:00" in reason
    assert "garda.example" not in reason
