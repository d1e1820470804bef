"""The catalogue over HTTP: partners, offers, variants, slots, profiles."""

from __future__ import annotations

from typing import Any

import pytest
from support.web import Web

API = "/api/v1"
PARTNER: dict[str, Any] = {
    "id": "kayaks",
    "name": "Kayak School",
    "languages": ["it", "de"],
    "time_zone": "Europe/Rome",
    "addresses": ["team@kayak.example"],
    "staff": [{"id": "anna", "name": "Anna", "address": "anna@kayak.example", "language": "de"}],
}
OFFER: dict[str, Any] = {
    "id": "kayak",
    "partner": "p1",
    "title": {"en": "Kayak", "it": "Kayak"},
    "kind": "one_day",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "promotion": "4711",
    "switches": {"mode": "reserve", "term": {"days_after": 3}, "deadline_policy": "firm", "margin": "P1D", "request_for": "PT12H",
                 "cancellation": [{"days_before": 10, "basis_points": 10000}, {"days_before": 5, "basis_points": 5000}],
                 "reservable": [{"audience": "group", "channel": "online"}]},
    "required_action": {"kind": "sign", "instruction": {"en": "Sign the contract."}, "before_start": "P7D"},
    "variants": [{"id": "kayak-long", "title": {"en": "Three hours"}, "switches": {"mode": "on_request"},
                  "prices": [{"key": "adult", "title": {"en": "Adult"}, "people": 1,
                              "unit": {"minor": 5000, "currency": "EUR"}}]}],
}  # fmt: skip


async def test_a_partner_goes_in_with_addresses_and_comes_out_without() -> None:
    """LEAK-86, OR-3, SL-2, SL-B6"""
    async with Web().client() as client:
        added = await client.post(f"{API}/partners", json=PARTNER)
        again = await client.post(f"{API}/partners", json=PARTNER)
        listed = await client.get(f"{API}/partners")
        looked = await client.get(f"{API}/partners/kayaks")
    assert (added.status_code, again.status_code) == (201, 409)
    body = looked.json()
    assert body == added.json()
    assert (body["known_addresses"], body["tier"], body["account"]) == (1, "basic", "none")
    assert body["lacks"] == "the Gold profile and an active payment account"
    assert body["staff"] == [{"id": "anna", "name": "Anna", "language": "de", "sees_team": False}]
    assert [one["id"] for one in listed.json()["items"]] == ["kayaks", "p1"]
    assert not any("kayak.example" in answer.text for answer in (added, again, listed, looked))


async def test_a_change_leaves_everything_else_as_it_is() -> None:
    web = Web()
    async with web.client() as client:
        changed = await client.patch(f"{API}/partners/p1", json={"account": "pending", "time_zone": "Europe/Vienna"})
        employed = await client.post(f"{API}/partners/p1/staff", json=PARTNER["staff"][0])
        gone = await client.delete(f"{API}/partners/p1/staff/anna")
        nobody = await client.delete(f"{API}/partners/p1/staff/anna")
        twice = await client.patch(f"{API}/partners/p1", json={"languages": ["it", "it"]})
    assert (changed.json()["account"], changed.json()["name"]) == ("pending", "Garda Boats")
    assert [one["id"] for one in employed.json()["staff"]] == ["s1", "s2", "anna"]
    assert [one["id"] for one in gone.json()["staff"]] == ["s1", "s2"]
    assert nobody.status_code == 404
    assert (twice.status_code, "each once" in twice.json()["detail"]) == (422, True)
    assert web.booking.catalogue.partners.by[0] == "token id-all"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"addresses": ["nobody"]}, "body"),
        ({"addresses": []}, "body.addresses"),
        ({"tier": "platinum"}, "body.tier"),
        ({"id": "a/b"}, "body.id"),
        ({"name": " "}, "body.name"),
        ({"time_zone": "Mars/Base"}, "body"),
        ({"staff": [{"id": "x", "name": "X", "address": "x"}]}, "body.staff.0"),
        ({"staff": PARTNER["staff"] * 2}, "body"),
    ],
)
async def test_what_is_no_partner_is_named_and_not_repeated(changes: dict[str, Any], field: str) -> None:
    async with Web().client() as client:
        answer = await client.post(f"{API}/partners", json={**PARTNER, **changes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert "nobody" not in answer.text


async def test_an_offer_comes_with_its_variants_and_each_says_which_rules_hold() -> None:
    """OR-1, OR-8, OR-10, SL-8, SL-9, ST-7, ST-21, ST-23, SV-2, SV-3, SV-12, SL-B2"""
    async with Web().client() as client:
        added = await client.post(f"{API}/offers", json=OFFER)
        variant = (await client.get(f"{API}/offers/kayak/variants/kayak-long")).json()
        closed = await client.patch(f"{API}/offers/kayak", json={"is_closed": True})
        listed = (await client.get(f"{API}/offers/kayak/variants")).json()
        offers = (await client.get(f"{API}/offers", params={"partner": "p1"})).json()
    assert added.status_code == 201
    assert added.json()["promotion"] == "4711"
    assert added.json()["required_action"]["before_start"] == "P7D"
    assert (variant["switches"]["mode"], variant["rules"]["mode"]) == ("on_request", "on_request")
    assert (variant["switches"]["margin"], variant["rules"]["margin"], variant["rules"]["request_for"]) == (None, "P1D", "PT12H")
    assert variant["rules"]["reservable"] == [{"audience": "group", "channel": "online"}]
    assert variant["prices"][0]["people"] == 1
    assert variant["required_action"]["instruction"] == {"en": "Sign the contract."}
    assert variant["lacks"] is None
    assert closed.json()["is_closed"] is True
    assert listed["items"][0]["is_closed"] is True
    assert [one["id"] for one in offers["items"]] == ["kayak", "o1"]


async def test_a_mode_for_which_the_partner_lacks_something_is_refused_with_what_it_is() -> None:
    """SL-2"""
    custom = {
        **OFFER,
        "partner": "kayaks",
        "switches": {"mode": "custom_request"},
        "variants": [{"id": "any", "title": {"en": "Any"}}],
    }
    async with Web().client() as client:
        await client.post(f"{API}/partners", json={**PARTNER, "tier": "gold"})
        answer = await client.post(f"{API}/offers", json=custom)
    assert answer.status_code == 409
    assert "an active payment account" in answer.json()["detail"]


async def test_variants_are_added_and_changed() -> None:
    """OR-10, SV-12"""
    async with Web().client() as client:
        new = {"id": "evening", "title": {"en": "In the evening"}, "switches": {"mode": "voucher"}}
        added = await client.post(f"{API}/offers/o1/variants", json=new)
        changed = await client.patch(f"{API}/offers/o1/variants/evening", json={"is_closed": True, "duration": "PT2H"})
        elsewhere = await client.get(f"{API}/offers/o2/variants/evening")
    assert (added.status_code, added.json()["rules"]["mode"]) == (201, "voucher")
    assert (changed.json()["is_closed"], changed.json()["duration"]) == (True, "PT2H")
    assert elsewhere.status_code == 404


async def test_slots_say_how_much_room_there_is_and_never_lose_what_is_taken() -> None:
    """ST-4, GY-B4"""
    path = f"{API}/offers/o1/variants/v1/slots"
    at = {"starts_at": "2026-07-01T09:00:00+02:00", "ends_at": "2026-07-01T12:00:00+02:00", "time_zone": "Europe/Rome"}
    async with Web().client() as client:
        added = await client.post(
            path, json={"slots": [{"occasion": at, "capacity": 8}, {"id": "s9", "occasion": at, "capacity": 1}]}
        )
        listed = (await client.get(path)).json()["items"]
        closed = await client.patch(f"{path}/t1", json={"is_closed": True})
        small = await client.patch(f"{path}/t1", json={"capacity": 1})
        assert (await client.patch(f"{path}/none", json={})).status_code == 404
    assert added.status_code == 201
    assert added.json()["items"][0]["occasion"]["starts_at"] == "2026-07-01T07:00:00Z"
    assert {one["id"]: (one["capacity"], one["taken"]) for one in listed}["t1"] == (8, 2)
    assert "s9" in {one["id"] for one in listed}
    assert closed.json()["is_closed"] is True
    assert small.status_code == 409


async def test_profiles_that_overlap_are_refused() -> None:
    """ST-6, ST-8"""
    one = {"id": "summer", "name": "Summer", "variants": ["v1"], "first": "2026-06-01", "last": "2026-08-31"}
    async with Web().client() as client:
        added = await client.post(f"{API}/profiles", json=one)
        overlapping = await client.post(f"{API}/profiles", json={**one, "id": "july", "name": "July", "first": "2026-07-01"})
        changed = await client.patch(f"{API}/profiles/summer", json={"reservable": [{"audience": "group", "channel": "phone"}]})
        listed = (await client.get(f"{API}/profiles", params={"variant": "v1"})).json()
        backwards = await client.post(f"{API}/profiles", json={**one, "id": "x", "last": "2026-05-01"})
    assert added.status_code == 201
    assert overlapping.status_code == 409
    assert "2026-07-01" in overlapping.json()["detail"]
    assert changed.json()["reservable"] == [{"audience": "group", "channel": "phone"}]
    assert [each["id"] for each in listed["items"]] == ["summer"]
    assert backwards.status_code == 422


@pytest.mark.parametrize(
    ("switches", "field"),
    [
        ({"mode": "sometimes"}, "body.switches.mode"),
        ({"margin": "-P1D"}, "body.switches"),
        ({"margin": "P9000D"}, "body.switches"),
        ({"term": {"days_after": -1}}, "body.switches.term.days_after"),
        ({"cancellation": [{"days_before": 1, "basis_points": 1}, {"days_before": 2, "basis_points": 0}]}, "body.switches"),
        ({"hurry": True}, "body.switches.hurry"),
    ],
)
async def test_a_switch_that_cannot_be_is_named(switches: dict[str, Any], field: str) -> None:
    async with Web().client() as client:
        answer = await client.post(f"{API}/offers", json={**OFFER, "switches": switches})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("octets", [b"\xff{}", b"{", b""])
async def test_a_body_that_is_no_json_text_is_a_422_whatever_is_wrong_with_it(octets: bytes) -> None:
    async with Web().client() as client:
        answer = await client.post(f"{API}/partners", content=octets, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("body")
