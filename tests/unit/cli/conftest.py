"""An installation for each test, with nothing of ours in the environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.archive import World
from support.cli import House, a_house

from relay.store.engine import open_engine
from relay.store.schema import migrate


@pytest.fixture(autouse=True)
def _nothing_of_ours_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RELAY_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the present schema."""
    file = tmp_path_factory.mktemp("cli") / "relay.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def house(migrated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    shutil.copy(migrated, tmp_path / "relay.db")
    return a_house(tmp_path, capsys)


@pytest.fixture
def world(house: House) -> Iterator[World]:
    """What stands in the database of `house`."""
    engine = open_engine(house.database)
    yield World(engine)
    engine.dispose()
