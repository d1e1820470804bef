"""The index outlives every trouble: without it nothing is found (AR-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from support.patience import patience_s

from relay.app import indexing
from relay.errors import Unavailable


class PlayedStore:
    """Answers as played, then waits for ever."""

    def __init__(self, answers: Iterator[int | Exception]) -> None:
        self._answers = answers
        self.exhausted = asyncio.Event()

    async def index_some(self, count_max: int, /) -> int:
        answer = next(self._answers, None)
        if answer is None:
            self.exhausted.set()
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, int)
        return answer


async def played(*answers: int | Exception) -> list[dict[str, object]]:
    store = PlayedStore(iter(answers))
    with capture_logs() as lines:
        keeping = asyncio.create_task(indexing.keep_index(store))
        async with asyncio.timeout(patience_s):
            await store.exhausted.wait()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    return [dict(line) for line in lines]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes any time."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def passed(seconds: float) -> None:
        made.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", passed)
    return made


async def test_what_waits_is_indexed_without_a_pause_until_little_is_left(pauses: list[float]) -> None:
    assert await played(indexing.at_once, indexing.at_once, 3) == []
    assert pauses == [indexing.pause_s]


async def test_a_database_in_trouble_is_asked_again(pauses: list[float]) -> None:
    [line] = await played(Unavailable("locked"), 0)
    assert (line["event"], line["why"]) == ("index.waits", "locked")
    assert pauses == [indexing.pause_after_trouble_s, indexing.pause_s]


async def test_an_error_that_nobody_thought_of_is_logged_without_its_words_and_tried_again_later(pauses: list[float]) -> None:
    [line] = await played(ValueError("zofia@poczta.example"), 0)
    assert (line["event"], line["error"], line["log_level"]) == ("index.failed", "ValueError", "error")
    assert str(line["at"]).startswith("test_indexing.py:")
    assert "zofia" not in str(line)
    assert pauses == [indexing.pause_after_trouble_s, indexing.pause_s]
