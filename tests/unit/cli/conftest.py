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


@pytest.fixture(autouse=True)
def _nothing_of_ours_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RELAY_"):
            monkeypatch.delenv(name)


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
