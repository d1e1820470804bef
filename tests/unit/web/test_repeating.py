"""Requests that come again: carried out once, answered the same (Idempotency-Key)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.booking_web import FakeRepeats
from support.web import ALL, FakeAccess, Web

from relay.web.once import Once

BOOKINGS = "/api/v1/bookings"
TO_BOOK: dict[str, Any] = {"offer": "o1", "variant": "v1", "customer": {"name": "Zofia", "address": "zofia@poczta.example"}}


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


async def test_the_same_request_is_carried_out_once_and_answered_the_same() -> None:
    web = Web()
    async with web.client() as client:
        first = await client.post(BOOKINGS, json=TO_BOOK, headers=key("k1"))
        await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "see", "actor": "partner"})
        again = await client.post(BOOKINGS, json=TO_BOOK, headers=key("k1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(web.booking.bookings.asked) == 1


async def test_without_a_key_each_request_is_meant_anew() -> None:
    web = Web()
    async with web.client() as client:
        for _ in range(2):
            await client.post(BOOKINGS, json=TO_BOOK)
    assert len(web.booking.bookings.asked) == 2


async def test_another_request_under_the_same_key_is_refused() -> None:
    async with Web().client() as client:
        await client.post(BOOKINGS, json=TO_BOOK, headers=key("k1"))
        other = await client.post(BOOKINGS, json={**TO_BOOK, "participants": 2}, headers=key("k1"))
        elsewhere = await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "see", "actor": "partner"}, headers=key("k1"))
    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert "another request" in other.json()["detail"]


async def test_each_token_has_keys_of_its_own() -> None:
    web = Web(access=FakeAccess({"one": ALL, "two": ALL}))
    for token in ("one", "two"):
        async with web.client(token=token) as client:
            assert (await client.post(BOOKINGS, json=TO_BOOK, headers=key("k1"))).status_code == 201
    assert len(web.booking.bookings.asked) == 2


async def test_what_was_refused_may_succeed_later_under_its_key() -> None:
    web = Web()
    web.booking.bookings.put(version=2)
    act = {"act": "see", "actor": "partner", "version": 3}
    async with web.client() as client:
        assert (await client.post(f"{BOOKINGS}/BOAT1/acts", json=act, headers=key("k1"))).status_code == 409
        await client.post(f"{BOOKINGS}/BOAT1/acts", json={"act": "mark_contacted", "actor": "partner"})
        assert (await client.post(f"{BOOKINGS}/BOAT1/acts", json=act, headers=key("k1"))).status_code == 200


async def test_of_two_at_the_same_time_one_is_carried_out() -> None:
    class Late(FakeRepeats):
        """Nobody has answered when either of them looks first."""

        looked = 0

        async def of(self, once: Once[Any]) -> str | None:
            self.looked += 1
            return await super().of(once) if self.looked > 2 else None

    web = Web()
    web.booking.bookings.repeats = Late()
    async with web.client() as client:
        answers = await asyncio.gather(*(client.post(BOOKINGS, json=TO_BOOK, headers=key("k1")) for _ in range(2)))
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("wrong", ["", "x" * 256, "a b"])
async def test_a_key_is_bounded_and_has_no_blanks(wrong: str) -> None:
    async with Web().client() as client:
        answer = await client.post(BOOKINGS, json=TO_BOOK, headers=key(wrong))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"
