"""Alerts over HTTP: a booking system that asks from time to time misses none (GW-54, FAULT-75)."""

from __future__ import annotations

from support.alerts import an_alert
from support.web import Web

from relay.transit.alarm import Alarm


async def test_who_asks_from_the_last_number_on_misses_none() -> None:
    web = Web()
    web.alerts.raised = [an_alert(Alarm.ADDRESS_DEAD, number=number) for number in range(1, 6)]
    seen: list[int] = []
    async with web.client() as client:
        while True:
            after = seen[-1] if seen else 0
            page = (await client.get("/api/v1/alerts", params={"limit": 2, "after": after})).json()["items"]
            if not page:
                break
            seen += [one["number"] for one in page]
        assert seen == [1, 2, 3, 4, 5]
        assert (await client.get("/api/v1/alerts", params={"limit": 0})).status_code == 422


async def test_an_alert_says_what_happened_to_whom_and_reveals_nobody() -> None:
    """LEAK-86"""
    web = Web()
    web.alerts.raised = [an_alert(Alarm.COMPLAINT, detail="abuse")]
    async with web.client() as client:
        (one,) = (await client.get("/api/v1/alerts")).json()["items"]
    assert one == {
        "number": 1,
        "at": "2026-06-01T12:00:00Z",
        "alarm": "complaint",
        "reference": "GYG4K7Q2X9ABC",
        "party": "customer",
        "message": "m1",
        "notification": None,
        "detail": "abuse",
        "told_at": None,
    }
