"""A request that comes again is carried out once, whatever happens meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.world import NOW

from relay.desk.repeats import RepeatDesk, kept
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.web.once import KeyReused, Once, Repeated


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(migrated, tmp_path / "relay.db")
    store = Store(open_engine(f"sqlite:///{file}"))
    yield store
    await store.close()


def once(digest: bytes = b"1" * 32) -> Once[int]:
    return Once("t1", "k", digest, lambda outcome: f"it is {outcome}")


async def test_the_answer_is_kept_with_what_it_is_about(store: Store) -> None:
    desk = RepeatDesk(store)
    assert await desk.of(once()) is None
    assert await store.write(lambda connection: kept(connection, once(), 7, now=NOW)) == 7
    assert await desk.of(once()) == "it is 7"
    with pytest.raises(KeyReused):
        await desk.of(once(b"2" * 32))


async def test_of_two_the_second_comes_to_nothing(store: Store) -> None:
    await store.write(lambda connection: kept(connection, once(), 7, now=NOW))
    with pytest.raises(Repeated):
        await store.write(lambda connection: kept(connection, once(), 8, now=NOW))
    with pytest.raises(KeyReused):
        await store.write(lambda connection: kept(connection, once(b"2" * 32), 8, now=NOW))
    assert await RepeatDesk(store).of(once()) == "it is 7"


async def test_without_a_key_nothing_is_kept(store: Store) -> None:
    assert await store.write(lambda connection: kept(connection, None, 7, now=NOW)) == 7
