"""Many bookings at once over HTTP, each looked at before."""

from __future__ import annotations

from support.bookings import NOW, STARTS, paid
from support.web import Web

from relay.booking.booking import HoldKind, Stage

API = "/api/v1"
PERIOD = {"offer": "o1", "starts_from": "2026-06-01T00:00:00Z", "starts_before": "2026-07-01T00:00:00Z"}


async def test_a_release_screen_shows_what_may_go_and_each_tick_has_its_outcome() -> None:
    """ST-22, ST-B3, ST-B4: what is blocked stays, whoever ticked it."""
    web = Web()
    bookings = web.booking.bookings
    for blocked in (False, True, False, False):
        bookings.put(Stage.AWAITING_PAYMENT, deadline=NOW, release_blocked=blocked)
    screen = {"hold": "reservation", "deadline_before": "2026-06-02T00:00:00Z", "offer": "o1"}
    ticks = {
        "release": ["BOAT1", "BOAT2", "BOAT9"],
        "keep": [{"reference": "BOAT3", "until": STARTS.isoformat()}],
        "remind": ["BOAT4"],
    }
    async with web.client() as client:
        shown = (await client.get(f"{API}/releases", params=screen)).json()
        done = (await client.post(f"{API}/releases", json=ticks)).json()["items"]
        wide = await client.get(f"{API}/releases", params={"hold": "reservation", "deadline_before": "2026-06-02T00:00:00Z"})
        many = await client.post(f"{API}/releases", json={"release": ["X"] * 101})
    assert [one["reference"] for one in shown["items"]] == ["BOAT1", "BOAT2", "BOAT3", "BOAT4"]
    assert bookings.wanted[0].hold is HoldKind.RESERVATION
    assert {one["reference"]: one["done"] for one in done} == {
        "BOAT1": True, "BOAT2": False, "BOAT9": False, "BOAT3": True, "BOAT4": True,
    }  # fmt: skip
    assert "blocked" in done[1]["why"]
    assert bookings.kept["BOAT1"].stage is Stage.EXPIRED
    assert bookings.kept["BOAT3"].deadline == STARTS
    assert (wide.status_code, many.status_code) == (422, 422)


async def test_a_period_is_cancelled_after_it_was_looked_at_and_is_not_sold_any_more() -> None:
    """GY-B4"""
    web = Web()
    web.booking.bookings.put(Stage.AWAITING_PAYMENT)
    web.booking.bookings.put(Stage.DECLINED)
    async with web.client() as client:
        shown = (await client.get(f"{API}/cancellations", params=PERIOD)).json()
        cancelled = await client.post(
            f"{API}/cancellations",
            json={
                **PERIOD,
                "references": ["BOAT1", "BOAT2"],
                "actor": "operator",
                "reason": "The boat sank.",
                "stop_selling": True,
            },
        )
        turned = await client.get(f"{API}/cancellations", params={**PERIOD, "starts_before": PERIOD["starts_from"]})
    assert len(shown["items"]) == 2
    assert [one["done"] for one in cancelled.json()["items"]] == [True, False]
    assert web.booking.bookings.stopped[0].stop_selling
    assert turned.status_code == 422


async def test_everybody_on_a_date_is_written_to_once() -> None:
    """SL-B5"""
    web = Web()
    web.booking.bookings.put(Stage.CONFIRMED, paid())
    web.booking.bookings.put()
    said = {**PERIOD, "subject": "Another pier", "text": "We meet at pier 4."}
    async with web.client() as client:
        for _ in range(2):
            answer = await client.post(f"{API}/announcements", json=said, headers={"Idempotency-Key": "pier"})
            assert answer.json()["items"] == [{"reference": "BOAT1", "done": True, "why": ""}]
    assert len(web.booking.bookings.announced) == 1
