"""Running goes on until it is told to stop or a part ends by itself, which nobody may overlook (FAULT-43)."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from relay.app.running import first_to_end


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _at_once() -> None:
    pass


async def _broken() -> None:
    raise RuntimeError("somebody@example.com")


@pytest.fixture
async def lasting() -> asyncio.Task[None]:
    return asyncio.create_task(_for_ever(), name="lasting")


async def test_being_told_to_stop_is_no_trouble(lasting: asyncio.Task[None]) -> None:
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as lines:
        assert await first_to_end(stop, [lasting]) is None
    assert lines == []
    assert not lasting.done()
    lasting.cancel()


async def test_a_part_that_breaks_is_named_with_the_kind_and_place_of_its_error_and_not_its_words(
    lasting: asyncio.Task[None],
) -> None:
    with capture_logs() as lines:
        assert await first_to_end(asyncio.Event(), [lasting, asyncio.create_task(_broken(), name="web")]) == "web"
    [line] = lines
    assert (line["event"], line["part"], line["error"], line["log_level"]) == ("ended", "web", "RuntimeError", "error")
    assert line["at"].startswith("test_running.py:")
    assert "somebody" not in str(line)
    lasting.cancel()


async def test_a_part_that_ends_without_a_word_is_trouble_too(lasting: asyncio.Task[None]) -> None:
    with capture_logs() as lines:
        assert await first_to_end(asyncio.Event(), [lasting, asyncio.create_task(_at_once(), name="web")]) == "web"
    assert [line["event"] for line in lines] == ["ended"]
    lasting.cancel()
