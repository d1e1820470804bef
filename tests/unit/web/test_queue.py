"""The queue over HTTP."""

from __future__ import annotations

from support.web import Web


async def test_what_is_under_way_is_listed() -> None:
    async with Web().client() as client:
        body = (await client.get("/api/v1/queue")).json()
    assert body["next"] is None
    [entry] = body["items"]
    assert (entry["id"], entry["state"], entry["next_at"], entry["last_code"]) == ("d1", "due", "2026-06-01T12:05:00Z", 452)


async def test_a_held_message_is_shown_with_what_was_found_and_never_the_thing_itself() -> None:
    """GW-55, LEAK-86: a list of findings for support."""
    async with Web().client() as client:
        entry = (await client.get("/api/v1/queue/m2-0")).json()
        assert (await client.get("/api/v1/queue/none")).status_code == 404
    assert (entry["state"], entry["reason"], entry["can_be_released"]) == ("held", "leak", True)
    assert entry["findings"] == [{"kind": "address", "place": "part 2 file", "layer": "base64"}]


async def test_each_step_is_taken_in_the_name_of_the_token() -> None:
    web = Web()
    async with web.client() as client:
        assert (await client.post("/api/v1/queue/d1/retry")).json() == {"id": "d1", "done": "retry"}
        await client.post("/api/v1/queue/d1/retry", json={"confirmed": True})
        await client.post("/api/v1/queue/d1/hold")
        await client.post("/api/v1/queue/d1/drop", json={"because": "a test"})
    assert web.queue.steps == [
        ("retry", "d1", "token id-all"),
        ("retry", "d1", "token id-all", "confirmed"),
        ("hold", "d1", "token id-all"),
        ("drop", "d1", "token id-all", "a test"),
    ]


async def test_a_held_message_is_let_out_without_its_attachments_or_returned() -> None:
    """GW-55"""
    web = Web()
    async with web.client() as client:
        for step, body in (
            ("release", None),
            ("release", {"without_attachments": True}),
            ("return", None),
            ("return", {"because": "asked by support"}),
        ):
            assert (await client.post(f"/api/v1/queue/m2-0/{step}", json=body)).json() == {"id": "m2-0", "done": step}
        assert (await client.post("/api/v1/queue/m2-0/release", json={"without_files": True})).status_code == 422
    assert web.queue.steps == [
        ("release", "m2-0", "token id-all"),
        ("release", "m2-0", "token id-all", "without attachments"),
        ("return", "m2-0", "token id-all", ""),
        ("return", "m2-0", "token id-all", "asked by support"),
    ]


async def test_a_step_that_is_not_possible_is_refused() -> None:
    async with Web().client() as client:
        assert (await client.post("/api/v1/queue/d1/release")).status_code == 409
        assert (await client.post("/api/v1/queue/d2/retry")).status_code == 404
        assert (await client.post("/api/v1/queue/d1/drop")).status_code == 422
        assert (await client.post("/api/v1/queue/d1/drop", json={"because": ""})).status_code == 422
