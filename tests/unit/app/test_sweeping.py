"""Objects that nobody names are removed once a day, and trouble is for the next day."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from support.objects import Shelf
from support.patience import patience_s

from relay.app import sweeping
from relay.errors import Unavailable
from relay.store.engine import open_engine
from relay.store.orphans import Swept


@pytest.mark.parametrize("trouble", [Unavailable("object store: gone"), RuntimeError("a fault of ours")])
async def test_a_sweep_that_fails_is_not_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(sweeping, "first_after_s", 0.0)
    monkeypatch.setattr(sweeping, "pause_s", 0.0)
    engine = open_engine(f"sqlite:///{tmp_path}/relay.db", objects=Shelf())
    again = asyncio.Event()
    loop = asyncio.get_running_loop()
    tries = 0

    def swept(*_: object) -> Swept:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise trouble
        loop.call_soon_threadsafe(again.set)
        return Swept(0, 0)

    monkeypatch.setattr(sweeping, "sweep", swept)
    task = asyncio.create_task(sweeping.keep_swept(engine))
    await asyncio.wait_for(again.wait(), patience_s)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    engine.dispose()


async def test_where_everything_is_in_the_database_there_is_nothing_to_sweep_and_it_does_not_end(tmp_path: Path) -> None:
    """A part of a process that ends by itself would end the process."""
    engine = open_engine(f"sqlite:///{tmp_path}/relay.db")
    task = asyncio.create_task(sweeping.keep_swept(engine))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    engine.dispose()
