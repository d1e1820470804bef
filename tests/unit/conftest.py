"""What the tests of several packages begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from relay.store.engine import open_engine
from relay.store.schema import migrate


@pytest.fixture(autouse=True)
def _logs_are_set_up_for_one_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A logger that was used once keeps what was set up then, stream and all, into tests that never asked for it."""
    configure = structlog.configure

    def kept_by_nobody(**settings: object) -> None:
        configure(**{**settings, "cache_logger_on_first_use": False})  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(structlog, "configure", kept_by_nobody)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the present schema, to be copied: a copy takes less than making one."""
    file = tmp_path_factory.mktemp("migrated") / "relay.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file
