"""A house that sells the boat tour, on each database, and whoever acts in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from support.archive import World
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
    opened = open_engine(url, patience=timedelta(seconds=5))
    yield opened
    opened.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
