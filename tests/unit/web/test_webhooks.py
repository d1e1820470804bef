"""Where events go, over HTTP."""

from __future__ import annotations

from support.booking_web import A_TRY
from support.web import Web

HOOKS = "/api/v1/webhooks"


async def test_a_secret_is_shown_once_and_rotated() -> None:
    async with Web().client() as client:
        added = await client.post(HOOKS, json={"url": "https://shop.example/hook", "events": ["booking.accept"]})
        looked = await client.get(f"{HOOKS}/e1")
        listed = await client.get(HOOKS)
        rotated = await client.post(f"{HOOKS}/e1/rotate")
    assert added.status_code == 201
    assert added.json()["secret"].startswith("whsec_")
    assert "secret" not in looked.json()
    assert "whsec_" not in listed.text
    assert rotated.json()["secret"] != added.json()["secret"]
    assert rotated.json()["rotated_until"] is not None


async def test_the_log_tells_each_attempt_and_an_event_is_sent_once_more() -> None:
    web = Web()
    web.booking.webhooks.sent = [A_TRY]
    async with web.client() as client:
        await client.post(HOOKS, json={"url": "https://shop.example/hook"})
        [sent] = (await client.get(f"{HOOKS}/e1/log", params={"state": "failed"})).json()["items"]
        again = await client.post(f"{HOOKS}/e1/log/s1/redeliver")
        assert (await client.post(f"{HOOKS}/e1/log/s2/redeliver")).status_code == 404
        assert (await client.get(f"{HOOKS}/e2/log")).status_code == 404
    assert [(one["code"], one["trouble"]) for one in sent["tries"]] == [(500, ""), (None, "timeout")]
    assert again.json()["state"] == "due"


async def test_an_endpoint_is_switched_off_and_taken_away() -> None:
    async with Web().client() as client:
        await client.post(HOOKS, json={"url": "https://shop.example/hook"})
        changed = await client.patch(f"{HOOKS}/e1", json={"is_enabled": False, "events": ["booking.cancel"]})
        removed = await client.delete(f"{HOOKS}/e1")
        gone = await client.get(f"{HOOKS}/e1")
        wrong = await client.post(HOOKS, json={"url": "https://shop.example/hook", "events": ["Booking Accept"]})
    assert (changed.json()["is_enabled"], changed.json()["events"]) == (False, ["booking.cancel"])
    assert removed.json()["id"] == "e1"
    assert gone.status_code == 404
    assert wrong.status_code == 422
