"""What rows about pages need, the API has: whatever a page will show or offer, it can be made of these answers."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import Engine, event
from support.booking_house import AT, MODES
from support.world import CUSTOMER_ADDRESS

BOOKINGS = "/api/v1/bookings"


async def asked(client: httpx.AsyncClient, mode: str, **more: Any) -> dict[str, Any]:
    customer = {"name": "Zofia Kowalska", "address": CUSTOMER_ADDRESS, "language": "pl"}
    body = {"offer": "o1", "variant": f"v-{mode}", "slot": f"t-{mode}", "customer": customer, "choices": [{"price": "adult"}]}
    answer = await client.post(BOOKINGS, json={**body, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(client: httpx.AsyncClient, reference: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await client.get(BOOKINGS, params={"reference": reference})).json()["items"]
    [row] = items
    return row


async def test_how_each_variant_is_booked_is_known_before_anything_is_entered(client: httpx.AsyncClient) -> None:
    """OR-8, OR-9, OR-11, OR-12, ST-3, ST-9: the sign, the text and the button follow the mode."""
    variants = (await client.get("/api/v1/offers/o1/variants")).json()["items"]
    assert [one["rules"]["mode"] for one in variants] == sorted(MODES)
    changed = await client.patch("/api/v1/offers/o1", json={"switches": {"mode": "on_request"}})
    assert changed.json()["switches"]["mode"] == "on_request"


async def test_a_row_of_the_list_has_its_signs_its_menu_and_whom_it_waits_for(client: httpx.AsyncClient) -> None:
    """SL-13, SL-14, OR-18, OR-20, OR-21, OR-22, OR-28, SV-15"""
    reference = (await asked(client, "on_request", staff="s1"))["reference"]
    row = await listed(client, reference)
    assert (row["status"]["tab"], row["status"]["waits_for"], row["status"]["on_calendar"]) == ("requests", "partner", True)
    assert set(row["status"]["badges"]) == {"new", "not_contacted", "asked_for"}
    assert {"contact", "mark_contacted", "book", "accept", "decline"} <= set(row["possible"]["partner"])
    assert (await client.get(f"{BOOKINGS}/{reference}")).json() == row
    await client.post(f"{BOOKINGS}/{reference}/acts", json={"act": "decline", "actor": "partner", "by": "s1"})
    closed = await listed(client, reference)
    assert not {"accept", "decline", "contact"} & set(closed["possible"].get("partner", ()))
    assert closed["status"]["badges"] == []


async def test_a_request_waits_on_the_page_of_its_customer_too(client: httpx.AsyncClient) -> None:
    """OR-18, ST-11"""
    reference = (await asked(client, "on_request"))["reference"]
    mine = (await client.post(f"{BOOKINGS}/of-customer", json={"address": CUSTOMER_ADDRESS})).json()["items"]
    assert [(one["reference"], one["status"]["stage"]) for one in mine] == [(reference, "requested")]


async def test_the_required_action_is_shown_in_the_partners_words_and_ticked_by_one_act(client: httpx.AsyncClient) -> None:
    """SV-11, SV-14, SV-16, SV-18, SV-19"""
    booking = await asked(client, "reserve")
    assert booking["required_action"]["instruction"] == {"en": "Sign the contract."}
    act = {"act": "action_done", "actor": "partner", "by": "s1"}
    done = (await client.post(f"{BOOKINGS}/{booking['reference']}/acts", json=act)).json()
    assert (done["status"]["action"], done["required_action"]["changed_by"]) == ("done", "s1 (token id-all)")
    assert done["required_action"]["changed_at"] is not None


async def test_a_calendar_can_draw_a_line_at_the_present_time_between_those_it_shows(client: httpx.AsyncClient) -> None:
    """OR-26, OR-33: instants are UTC, beside the zone of the activity; the viewer's own is the page's."""
    reference = (await asked(client, "on_request", staff="s1"))["reference"]
    [shown] = (await client.get(BOOKINGS, params={"on_calendar": True, "starts_from": "2099-06-10T00:00:00Z"})).json()["items"]
    assert shown["reference"] == reference
    assert shown["terms"]["occasion"] == AT


async def test_a_page_of_bookings_asks_no_question_for_each_of_them(client: httpx.AsyncClient) -> None:
    """ST-10, ST-18: fifty rows cost the database no more questions than one."""
    modes = ("on_request", "custom_request", "reserve")
    references = [(await asked(client, mode, staff="s1"))["reference"] for mode in modes]
    again = await client.post(f"{BOOKINGS}/{references[0]}/acts", json={"act": "decline", "actor": "partner"})
    assert again.status_code == 200
    repeated = (await client.post(f"{BOOKINGS}/{references[0]}/ask-again")).json()["reference"]
    asked_for: list[str] = []

    def count(*sent: Any) -> None:
        asked_for.append(sent[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        questions = []
        for several in ([repeated], [*references, repeated]):
            asked_for.clear()
            items = (await client.get(BOOKINGS, params={"reference": several})).json()["items"]
            questions.append(len(asked_for))
            assert {row["reference"] for row in items} == set(several)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert questions[0] == questions[1] <= 15
    for row in items:
        assert (await client.get(f"{BOOKINGS}/{row['reference']}")).json() == row
