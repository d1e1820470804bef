"""Conversations over HTTP. The same specification for the fake and for the desk over a database."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from support.web import WINDOW_AFTER, Web
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS, a_conversation

from relay.desk.conversations import ConversationDesk
from relay.store.engine import open_engine
from relay.store.steps import Mint
from relay.store.store import Store
from relay.values import NameShown, Role
from relay.web.conversations import ShownConversation

CONVERSATIONS = "/api/v1/conversations"
TO_OPEN: dict[str, Any] = {
    "reference": "GYG4K7Q2X9ABC",
    "partner": {"name": "Marco Bellini", "addresses": [PARTNER_ADDRESS], "language": "it"},
    "customer": {"name": "Zofia Kowalska", "addresses": [CUSTOMER_ADDRESS]},
    "activity_end": "2026-06-10T20:00:00+02:00",
}
REVEALING = (PARTNER_ADDRESS, CUSTOMER_ADDRESS, "Bellini", "Kowalska", "alpine-tours", "poczta")


@pytest.fixture(params=["in memory", "over a database"])
async def client(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    if request.param == "in memory":
        async with Web().client() as client:
            yield client
        return
    file = shutil.copy(migrated, tmp_path / "relay.db")
    store = Store(open_engine(f"sqlite:///{file}"))
    numbers = count(1)
    mint = Mint(
        new_id=lambda: f"{next(numbers):026d}",
        hex_digits=lambda: f"{next(numbers):012x}",
        domain=DOMAIN,
        prefixes={Role.PARTNER: "local-partner-", Role.CUSTOMER: "customer-"},
    )
    desk = ConversationDesk(store, mint, WINDOW_AFTER, lambda: NOW)
    async with Web(conversations=desk).client() as client:  # type: ignore[arg-type]  # another implementation of the port
        yield client
    await store.close()


def changed(**changes: object) -> dict[str, Any]:
    return {**TO_OPEN, **changes}


async def test_opening_answers_with_the_aliases_and_the_window_and_reveals_nobody(client: httpx.AsyncClient) -> None:
    """GW-1, GW-3, LEAK-86"""
    answer = await client.post(CONVERSATIONS, json=TO_OPEN)
    assert answer.status_code == 201
    body = answer.json()
    assert body["reference"] == "GYG4K7Q2X9ABC"
    assert body["partner_alias"].startswith("local-partner-")
    assert body["customer_alias"].startswith("customer-")
    assert body["opens_at"] == "2026-06-01T12:00:00Z"
    assert body["closes_at"] == "2026-06-17T18:00:00Z"
    assert body["standing"] == "open"
    assert body["partner"] == {
        "alias": body["partner_alias"],
        "name": "Marco",
        "language": "it",
        "known_addresses": 1,
        "known_domains": 0,
        "dead_addresses": 0,
        "suspended_at": None,
    }
    assert not any(word in answer.text for word in REVEALING)


async def test_a_date_alone_ends_at_midnight_after_it_in_its_own_zone(client: httpx.AsyncClient) -> None:
    """GW-3"""
    body = (await client.post(CONVERSATIONS, json=changed(activity_end="2026-06-10", time_zone="Europe/Rome"))).json()
    assert body["activity_end"] == "2026-06-10T22:00:00Z"


async def test_opening_the_same_again_answers_with_what_there_is(client: httpx.AsyncClient) -> None:
    first = await client.post(CONVERSATIONS, json=TO_OPEN)
    again = await client.post(CONVERSATIONS, json=TO_OPEN)
    assert again.status_code == 200
    assert again.json() == first.json()


@pytest.mark.parametrize(
    "changes",
    [
        {"activity_end": "2026-06-11T20:00:00+02:00"},
        {"partner": {**TO_OPEN["partner"], "name": "Mario Bellini"}},
        {"partner": {**TO_OPEN["partner"], "language": "en"}},
        {"customer": {**TO_OPEN["customer"], "addresses": ["somebody.else@poczta.example"]}},
    ],
)
async def test_other_data_for_the_same_booking_is_a_conflict(client: httpx.AsyncClient, changes: dict[str, object]) -> None:
    await client.post(CONVERSATIONS, json=TO_OPEN)
    answer = await client.post(CONVERSATIONS, json=changed(**changes))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(word in answer.text for word in REVEALING)


async def test_what_waits_for_its_confirmation_opens_with_it_and_only_once(client: httpx.AsyncClient) -> None:
    """GY-6"""
    pending = (await client.post(CONVERSATIONS, json=changed(pending=True))).json()
    assert (pending["opens_at"], pending["standing"]) == (None, "pending")
    confirmed = await client.post(f"{CONVERSATIONS}/GYG4K7Q2X9ABC/confirm")
    assert confirmed.json()["standing"] == "open"
    assert (await client.post(f"{CONVERSATIONS}/GYG4K7Q2X9ABC/confirm")).status_code == 409


async def test_support_may_close_reopen_and_extend(client: httpx.AsyncClient) -> None:
    """GW-3"""
    await client.post(CONVERSATIONS, json=TO_OPEN)
    path = f"{CONVERSATIONS}/GYG4K7Q2X9ABC"
    closed = (await client.post(f"{path}/close")).json()
    assert (closed["standing"], closed["closed_at"]) == ("closed", "2026-06-01T12:00:00Z")
    assert (await client.post(f"{path}/close")).status_code == 409
    assert (await client.post(f"{path}/extend", json={"closes_at": "2026-08-01T00:00:00Z"})).status_code == 409
    reopened = (await client.post(f"{path}/reopen", json={"closes_at": "2026-07-01T02:00:00+02:00"})).json()
    assert (reopened["standing"], reopened["closes_at"]) == ("open", "2026-07-01T00:00:00Z")
    assert (await client.post(f"{path}/reopen", json={"closes_at": "2026-07-01T00:00:00Z"})).status_code == 409
    extended = await client.post(f"{path}/extend", json={"closes_at": "2026-08-01T00:00:00Z"})
    assert extended.json()["closes_at"] == "2026-08-01T00:00:00Z"
    assert (await client.post(f"{path}/extend", json={"closes_at": "2026-07-01T00:00:00Z"})).status_code == 409


async def test_what_is_moved_has_its_window_seven_days_after_its_new_end(client: httpx.AsyncClient) -> None:
    """GW-3, GY-15"""
    await client.post(CONVERSATIONS, json=TO_OPEN)
    path = f"{CONVERSATIONS}/GYG4K7Q2X9ABC"
    moved = (await client.post(f"{path}/move", json={"activity_end": "2026-06-20T18:00:00+02:00"})).json()
    assert (moved["activity_end"], moved["closes_at"]) == ("2026-06-20T16:00:00Z", "2026-06-27T16:00:00Z")
    assert (await client.post(f"{CONVERSATIONS}/NONE/move", json={"activity_end": "2026-06-20T18:00:00Z"})).status_code == 404


async def test_a_party_may_get_one_more_address_but_not_the_other_partys(client: httpx.AsyncClient) -> None:
    """GW-5"""
    await client.post(CONVERSATIONS, json=TO_OPEN)
    path = f"{CONVERSATIONS}/GYG4K7Q2X9ABC/addresses"
    added = await client.post(path, json={"party": "partner", "address": "office@alpine-tours.example"})
    assert added.json()["partner"]["known_addresses"] == 2
    assert "office" not in added.text
    known = await client.post(path, json={"party": "partner", "address": "Office+x@Alpine-Tours.example"})
    assert known.json()["partner"]["known_addresses"] == 2
    assert (await client.post(path, json={"party": "partner", "address": CUSTOMER_ADDRESS})).status_code == 409
    assert (await client.post(CONVERSATIONS, json=TO_OPEN)).status_code == 200


async def test_an_address_and_a_whole_domain_may_be_added_and_taken_back(client: httpx.AsyncClient) -> None:
    """GW-5: colleagues, and the senders of booking systems."""
    await client.post(CONVERSATIONS, json=TO_OPEN)
    path = f"{CONVERSATIONS}/GYG4K7Q2X9ABC"
    address = {"party": "partner", "address": "office@alpine-tours.example"}
    await client.post(f"{path}/addresses", json=address)
    assert (await client.post(f"{path}/addresses/remove", json=address)).json()["partner"]["known_addresses"] == 1
    assert (await client.post(f"{path}/addresses/remove", json=address)).status_code == 409
    domain = {"party": "partner", "domain": " Fare.example"}
    added = await client.post(f"{path}/domains", json={**domain, "subdomains": True})
    assert added.json()["partner"]["known_domains"] == 1
    assert "fare" not in added.text
    assert (await client.post(f"{path}/domains/remove", json={**domain, "domain": "fare.example"})).status_code == 200
    assert (await client.post(f"{path}/domains/remove", json=domain)).status_code == 409
    wrong = await client.post(f"{path}/domains", json={"party": "partner", "domain": "no domain"})
    assert (wrong.status_code, wrong.json()["errors"][0]["detail"]) == (422, "not a domain name, for example tours.example")
    theirs = {"party": "partner", "domain": CUSTOMER_ADDRESS.partition("@")[2]}
    assert (await client.post(f"{path}/domains", json=theirs)).status_code == 409


async def test_the_list_is_told_in_pages_the_newest_first(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await client.post(CONVERSATIONS, json=changed(reference=f"B{number}", pending=number == 2))
    first = (await client.get(CONVERSATIONS, params={"limit": 2})).json()
    second = (await client.get(CONVERSATIONS, params={"limit": 2, "after": first["next"]})).json()
    third = (await client.get(CONVERSATIONS, params={"limit": 2, "after": second["next"]})).json()
    references = [one["reference"] for page in (first, second, third) for one in page["items"]]
    assert references == ["B4", "B3", "B2", "B1", "B0"]
    assert third["next"] is None
    pending = (await client.get(CONVERSATIONS, params={"standing": "pending"})).json()
    assert [one["reference"] for one in pending["items"]] == ["B2"]


@pytest.mark.parametrize("reference", ["2026/06/10-7", "ä ö", "x.y~z", "B%2F1"])
async def test_a_reference_may_be_any_printable_text(client: httpx.AsyncClient, reference: str) -> None:
    await client.post(CONVERSATIONS, json=changed(reference=reference, pending=True))
    path = f"{CONVERSATIONS}/{quote(reference, safe='')}"
    assert (await client.get(path)).json()["reference"] == reference
    assert (await client.post(f"{path}/confirm")).json()["standing"] == "open"


@pytest.mark.parametrize("step", ["confirm", "close"])
async def test_a_step_of_what_does_not_exist_is_a_404(client: httpx.AsyncClient, step: str) -> None:
    assert (await client.post(f"{CONVERSATIONS}/none/{step}")).status_code == 404
    assert (await client.get(f"{CONVERSATIONS}/none")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"activity_end": "10 June"}, "body", "activity end"),
        ({"time_zone": "Europe/Atlantis"}, "body", "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "body", "time_zone"),
        ({"reference": ""}, "body.reference", "at least 1"),
        ({"reference": "a\nb"}, "body", "reference"),
        ({"reference": "x" * 101}, "body.reference", "at most 100"),
        ({"customer": {"name": " ", "addresses": [CUSTOMER_ADDRESS]}}, "body", "customer name"),
        ({"customer": {"name": "Z", "addresses": []}}, "body.customer.addresses", "at least 1"),
        ({"customer": {"name": "Z", "addresses": ["zofia poczta.example"]}}, "body", "customer: one of the addresses"),
        ({"customer": {"name": "Z", "addresses": [PARTNER_ADDRESS.upper()]}}, "body", "share an address"),
        ({"customer": {"name": "Z", "addresses": [CUSTOMER_ADDRESS], "language": "tlh"}}, "body.customer.language", "'en'"),
        ({"pendign": True}, "body.pendign", "Extra inputs"),
    ],
)
async def test_what_cannot_be_used_is_named_field_by_field_and_not_repeated(
    client: httpx.AsyncClient, changes: dict[str, object], field: str, said: str
) -> None:
    answer = await client.post(CONVERSATIONS, json=changed(**changes))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert said in error["detail"]
    assert not any(word in answer.text for word in (*REVEALING, "zofia", "MARCO"))


async def test_the_timeline_names_the_token_and_not_its_name() -> None:
    web = Web()
    async with web.client() as client:
        await client.post(CONVERSATIONS, json=TO_OPEN)
        await client.post(f"{CONVERSATIONS}/GYG4K7Q2X9ABC/close")
    assert web.conversations.by == ["token id-all", "token id-all"]


async def test_names_are_shown_as_the_house_decided() -> None:
    """GW-40"""
    conversation = a_conversation()
    shown = {names: ShownConversation.of(conversation, names, NOW).partner.name for names in NameShown}
    assert shown == {NameShown.FIRST: "Marco", NameShown.FULL: "Marco Bellini", NameShown.NONE: ""}


@pytest.mark.parametrize(("step", "field"), [("extend", "closes_at"), ("reopen", "closes_at"), ("move", "activity_end")])
@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
async def test_a_time_outside_the_calendar_that_we_count_in_is_a_422(
    client: httpx.AsyncClient, step: str, field: str, at: str
) -> None:
    answer = await client.post(f"{CONVERSATIONS}/R1/{step}", json={field: at})
    assert answer.status_code == 422
    assert field in answer.text


async def test_what_was_not_stopped_cannot_be_resumed(client: httpx.AsyncClient) -> None:
    """GW-54, FAULT-75: how it is resumed is in tests/unit/store/test_mailboxes.py."""
    await client.post(CONVERSATIONS, json=TO_OPEN)
    answer = await client.post(f"{CONVERSATIONS}/{TO_OPEN['reference']}/resume", json={"party": "customer"})
    assert answer.status_code == 409
    assert "not stopped" in answer.json()["detail"]
