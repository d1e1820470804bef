"""What the tests of several packages begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.store.engine import open_engine
from relay.store.schema import migrate


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the present schema, to be copied: a copy takes less than making one."""
    file = tmp_path_factory.mktemp("migrated") / "relay.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file
