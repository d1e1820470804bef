"""An empty database for each test, at the present schema.

Every test here runs on SQLite, and in the run of everything on PostgreSQL too: one SQL text for both (design.md section 6). What
is about SQLite alone is marked `sqlite_only`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from support.archive import World
from support.postgresql import Server

from relay.store.engine import open_engine

ON_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database at the present schema."""
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "relay.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        yield f"sqlite:///{path}"
        return
    if request.node.get_closest_marker("sqlite_only") is not None:
        pytest.skip("about SQLite alone")
    server: Server = request.getfixturevalue("postgresql")
    yield server.emptied()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database. Nobody waits long for a lock."""
    on_sqlite = database_url.startswith("sqlite")
    engine = open_engine(database_url, patience=timedelta(seconds=0.25 if on_sqlite else 2))
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """An empty database, and what it takes to fill it."""
    return World(engine)
