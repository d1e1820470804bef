"""A house that sells the boat tour, on each database, and whoever acts in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine
from support.archive import World
from support.booking_house import opened, stocked
from support.postgresql import Server

from relay.store.engine import open_engine


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database at the present schema."""
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "relay.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        url = f"sqlite:///{path}"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.emptied()
    engine = open_engine(url, patience=timedelta(seconds=5))
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
async def client(migrated: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP side over a database, stocked with an offer of each mode."""
    web, store = opened(migrated, tmp_path)
    async with web.client() as client:
        await stocked(client)
        yield client
    await store.close()
