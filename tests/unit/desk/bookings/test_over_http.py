"""The booking core from the HTTP API down to the database: what the fakes promise, the real desks keep."""

from __future__ import annotations

import asyncio
import csv
from io import StringIO
from typing import Any

import httpx
from support.booking_house import AT
from support.world import CUSTOMER_ADDRESS

BOOKINGS = "/api/v1/bookings"


def to_book(mode: str, **more: Any) -> dict[str, Any]:
    return {
        "offer": "o1",
        "variant": f"v-{mode}",
        "slot": f"t-{mode}",
        "customer": {"name": "Zofia Kowalska", "address": CUSTOMER_ADDRESS, "language": "pl"},
        "choices": [{"price": "adult"}],
        **more,
    }


async def begun(client: httpx.AsyncClient, mode: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(BOOKINGS, json=to_book(mode, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def acted(client: httpx.AsyncClient, booking: dict[str, Any], act: str, actor: str, **more: Any) -> httpx.Response:
    return await client.post(f"{BOOKINGS}/{booking['reference']}/acts", json={"act": act, "actor": actor, **more})


async def test_from_may_i_to_the_money_that_goes_back(client: httpx.AsyncClient) -> None:
    """OR-4, SL-15, SL-18, SL-28, SV-1, GY-17, LEAK-86"""
    asked = await begun(client, "on_request", note=f"Write to {CUSTOMER_ADDRESS}.")
    accepted = (await acted(client, asked, "accept", "partner", terms_version=1, version=asked["version"])).json()
    assert accepted["status"]["stage"] == "awaiting_payment"
    due = {"minor": accepted["amounts"]["outstanding"]["minor"], "currency": "EUR"}
    paid = (await acted(client, accepted, "take_payment", "operator", amount=due)).json()
    assert (paid["status"]["stage"], paid["status"]["payment"], paid["status"]["relay"]) == ("confirmed", "paid", "open")
    assert paid["customer"]["alias"] == asked["customer"]["alias"]
    back = await client.post(f"{BOOKINGS}/{paid['reference']}/refunds", json={"amount": {"minor": 500, "currency": "EUR"}})
    assert back.json()["amounts"]["refundable"]["minor"] == 4000
    for path in ("", "/history", "/forecast", "/ledger", "/refunds", "/letter"):
        answer = await client.get(f"{BOOKINGS}/{paid['reference']}{path}")
        assert answer.status_code == 200
        assert not any(word in answer.text for word in (CUSTOMER_ADDRESS, "Kowalska", "garda.example")), path


async def test_ten_of_the_same_request_at_once_make_one_booking(client: httpx.AsyncClient) -> None:
    body, key = to_book("instant"), {"Idempotency-Key": "order-1"}
    answers = await asyncio.gather(*(client.post(BOOKINGS, json=body, headers=key) for _ in range(10)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in answers) == 1
    listed = (await client.get(BOOKINGS)).json()["items"]
    assert len(listed) == 1
    other = await client.post(BOOKINGS, json={**body, "note": "x"}, headers=key)
    assert other.status_code == 422


async def test_of_those_who_want_the_last_places_at_once_as_many_get_them_as_there_are(client: httpx.AsyncClient) -> None:
    """ST-4, invariant 10"""
    answers = await asyncio.gather(*(client.post(BOOKINGS, json=to_book("reserve")) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [201] * 3 + [409] * 5
    refused = next(one for one in answers if one.status_code == 409).json()
    assert refused["code"] == "no_room"
    [slot] = (await client.get("/api/v1/offers/o1/variants/v-reserve/slots")).json()["items"]
    assert (slot["taken"], slot["capacity"]) == (3, 3)
    less = await client.patch("/api/v1/offers/o1/variants/v-reserve/slots/t-reserve", json={"capacity": 2})
    assert less.status_code == 409


async def test_two_partners_who_answer_at_once_do_not_both(client: httpx.AsyncClient) -> None:
    asked = await begun(client, "on_request")
    wish = {"version": asked["version"]}
    answers = await asyncio.gather(
        acted(client, asked, "accept", "partner", terms_version=1, **wish),
        acted(client, asked, "decline", "partner", reason="We are full.", **wish),
    )
    assert sorted(one.status_code for one in answers) == [200, 409]


async def test_what_is_booked_otherwise_says_how_and_closed_offers_sell_nothing(client: httpx.AsyncClient) -> None:
    """OR-2, SL-B6"""
    refused = await client.post(BOOKINGS, json=to_book("on_request", way="check_out"))
    assert (refused.status_code, refused.json()["way"]) == (409, "request")
    await client.patch("/api/v1/offers/o1", json={"is_closed": True})
    assert (await client.post(BOOKINGS, json=to_book("on_request"))).status_code == 409


async def test_what_cannot_be_meant_is_a_422_and_what_is_not_there_a_404(client: httpx.AsyncClient) -> None:
    for more, status in (
        ({"choices": [{"price": "child"}]}, 422),
        ({"participants": 5}, 422),
        ({"staff": "nobody"}, 422),
        ({"composite": "with zofia@poczta.example"}, 422),
        ({"slot": None}, 422),
        ({"slot": "t-none"}, 404),
        ({"variant": "v-none"}, 404),
        ({"offer": "o-none"}, 404),
    ):
        answer = await client.post(BOOKINGS, json=to_book("instant", **more))
        assert answer.status_code == status, (more, answer.text)


async def test_lists_filters_counts_and_exports_agree(client: httpx.AsyncClient) -> None:
    """SV-7 to SV-10, SV-21, SL-27, ST-11, OR-3"""
    first, second = await begun(client, "on_request", note="=1+1"), await begun(client, "reserve", staff="s1")
    for narrowed, expected in (
        ({}, {first["reference"], second["reference"]}),
        ({"variant": "v-reserve"}, {second["reference"]}),
        ({"tab": "requests"}, {first["reference"]}),
        ({"action": "open"}, {first["reference"], second["reference"]}),
        ({"action": "done"}, set()),
        ({"q": first["reference"].lower()}, {first["reference"]}),
        ({"assignee": "s1"}, {second["reference"]}),
        ({"waits_for": "customer"}, {second["reference"]}),
        ({"reference": [first["reference"]]}, {first["reference"]}),
    ):
        listed = (await client.get(BOOKINGS, params=narrowed)).json()["items"]
        assert {one["reference"] for one in listed} == expected, narrowed
        exported = (await client.get("/api/v1/bookings.csv", params=narrowed)).content.decode("utf-8-sig")
        rows = list(csv.DictReader(StringIO(exported, newline="")))
        assert {one["reference"] for one in rows} == expected, narrowed
    counted = (await client.get(f"{BOOKINGS}/counts")).json()
    assert (counted["tabs"]["requests"], counted["tabs"]["awaiting_payment"], counted["unseen"]) == (1, 1, 1)
    mine = (await client.post(f"{BOOKINGS}/of-customer", json={"address": CUSTOMER_ADDRESS.upper()})).json()
    assert len(mine["items"]) == 2


async def test_support_is_sent_to_the_partner_once_the_required_action_is_done(client: httpx.AsyncClient) -> None:
    """SV-5, SV-14"""
    booking = await begun(client, "reserve")
    assert (await acted(client, booking, "action_done", "partner")).status_code == 200
    refused = (await acted(client, booking, "cancel", "support")).json()
    assert (refused["code"], "refer" in refused["possible"]) == ("action_done", True)
    assert (await acted(client, booking, "refer", "support")).status_code == 200


async def test_a_counter_offer_is_accepted_in_exactly_its_version(client: httpx.AsyncClient) -> None:
    """SL-3 to SL-7"""
    asked = await begun(
        client, "custom_request", slot=None, occasion=AT, extras=[{"text": "A cake", "unit": {"minor": 0, "currency": "EUR"}}]
    )
    offered = {
        "lines": [{"text": "All of it", "unit": {"minor": 20_000, "currency": "EUR"}}],
        "discounts": [{"text": "Friends", "basis_points": 500}],
    }
    countered = (await acted(client, asked, "counter", "partner", terms=offered)).json()
    assert countered["terms"]["total"]["text"] == "190.00 EUR"
    old = await acted(client, asked, "accept", "customer", terms_version=1)
    assert (old.status_code, old.json()["code"]) == (409, "terms_changed")
    assert (await acted(client, asked, "accept", "customer", terms_version=2)).json()["status"]["stage"] == "awaiting_payment"
    versions = (await client.get(f"{BOOKINGS}/{asked['reference']}/history")).json()["terms"]
    assert [one["version"] for one in versions] == [1, 2]


async def test_another_currency_is_a_422_wherever_it_is_said(client: httpx.AsyncClient) -> None:
    """One booking has one currency; what says another is the caller's mistake, and none of ours."""
    dollars = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 1, "currency": "USD"}}
    variant = "/api/v1/offers/o1/variants"
    assert (await client.patch(f"{variant}/v-reserve", json={"prices": [dollars]})).status_code == 422
    assert (await client.post(variant, json={"id": "x", "title": {"en": "X"}, "prices": [dollars]})).status_code == 422
    asked = await begun(client, "custom_request")
    line = {"text": "All of it", "unit": {"minor": 1, "currency": "USD"}}
    less = {"text": "Less", "amount": {"minor": 10_000_000, "currency": "EUR"}}
    for terms in ({"lines": [line]}, {"discounts": [less]}, {"slot": "t-reserve"}, {"slot": "t-none"}):
        answer = await acted(client, asked, "counter", "partner", terms=terms)
        assert answer.status_code in {404, 409, 422}, (terms, answer.text)
    extra = {"extras": [line], "choices": []}
    assert (await client.post(BOOKINGS, json=to_book("custom_request", **extra))).status_code == 422
    paid = await begun(client, "reserve")
    amount = {"minor": 4500, "currency": "USD"}
    assert (await acted(client, paid, "take_payment", "operator", amount=amount)).status_code in {409, 422}
    assert (await client.post(f"{BOOKINGS}/{paid['reference']}/refunds", json={"amount": amount})).status_code in {409, 422}
