"""The archive over HTTP."""

from __future__ import annotations

from support.web import Web


async def test_a_search_tells_what_was_found() -> None:
    async with Web().client() as client:
        answer = await client.get("/api/v1/archive/search", params={"q": "meet"})
    assert answer.json()["items"] == [
        {
            "message": "m1",
            "received_at": "2026-06-01T12:00:00Z",
            "shares": [{"reference": "GYG4K7Q2X9ABC", "writer": "customer", "fate": "passed", "reason": None}],
            "subject": "Where do we meet?",
            "snippet": "Where is the meeting point?",
            "files": ["map.pdf"],
        }
    ]


async def test_a_query_that_cannot_be_read_is_an_error_with_a_suggestion() -> None:
    """AR-2 box: a visible error, not a silent text search."""
    async with Web().client() as client:
        answer = await client.get("/api/v1/archive/search", params={"q": "bukin:x"})
        assert (answer.status_code, answer.json()["detail"]) == (422, "unknown operator bukin: (did you mean booking:?)")
        for params in ({}, {"q": "x" * 1001}, {"q": "x", "limit": "0"}):
            assert (await client.get("/api/v1/archive/search", params=params)).status_code == 422


async def test_a_message_is_told_with_what_came_of_it_and_without_its_content() -> None:
    async with Web().client() as client:
        body = (await client.get("/api/v1/archive/messages/m1")).json()
        assert body["aliases"] == ["local-partner-1a2b3c4d5678@reply.example.com"]
        [share] = body["recipients"]
        assert (share["fate"], share["removed"]) == (
            "passed",
            [{"kind": "address", "place": "text/plain", "treatment": "mask", "count": 1}],
        )
        [delivery] = body["deliveries"]
        assert delivery["attempts"] == [
            {"at": "2026-06-01T12:00:00Z", "outcome": "deferred", "cause": "mailbox_full", "code": 452}
        ]
        assert (await client.get("/api/v1/archive/messages/m2")).status_code == 404
