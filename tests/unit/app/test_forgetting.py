"""What nobody can want any more is forgotten, as much at once as leaves others room."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path

import pytest
from support.patience import patience_s
from support.world import NOW

from relay.app import forgetting
from relay.store.bookings import repeats
from relay.store.bookings.repeats import Answered, keep, kept, kept_for
from relay.store.engine import open_engine
from relay.store.store import Store


async def test_answers_go_when_their_time_is_over(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    monkeypatch.setattr(forgetting, "clock", lambda: NOW + kept_for)
    monkeypatch.setattr(forgetting, "more_after_s", 0.0)
    monkeypatch.setattr(repeats, "forgotten_max", 1)
    for key, at in (("old", NOW - kept_for), ("older", NOW - 2 * kept_for), ("new", NOW + kept_for / 2)):
        answered = Answered(b"1" * 32, "{}")
        await store.write(lambda connection, key=key, at=at, answered=answered: keep(connection, "t", key, answered, now=at))  # type: ignore[misc]
    task = asyncio.create_task(forgetting.keep_forgetting(store))
    async with asyncio.timeout(patience_s):
        while await store.read(lambda connection: kept(connection, "t", "old")):
            await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await store.read(lambda connection: kept(connection, "t", "older")) is None
    assert await store.read(lambda connection: kept(connection, "t", "new")) is not None
    await store.close()
