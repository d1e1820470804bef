"""A database in a file of its own, brought to the present schema once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.archive import World

from relay.store.engine import open_engine


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty database. Nobody waits long for a lock."""
    path = tmp_path / "relay.db"
    shutil.copy(migrated, path)
    engine = open_engine(f"sqlite:///{path}", patience=timedelta(milliseconds=50))
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """An empty database, and what it takes to fill it."""
    return World(engine)
