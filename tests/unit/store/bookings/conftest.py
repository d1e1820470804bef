"""A house with the boat tour in its catalogue, on each database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from support.archive import World
from support.bookkeeping import Office
from support.postgresql import Server

from relay.store.engine import open_engine
from relay.store.schema import migrate


@pytest.fixture
def office(world: World) -> Office:
    """It takes reservations for a boat with eight places."""
    return Office(world)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def kept_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database for all the tests of a module, which leave it as it is."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("kept") / "relay.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        engine = open_engine(f"sqlite:///{path}")
    else:
        server: Server = request.getfixturevalue("postgresql")
        engine = open_engine(server.empty())
        migrate(engine)
    yield World(engine)
    engine.dispose()
