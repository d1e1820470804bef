"""How much the properties try: some examples at every save, many in the run of everything. The databases that tests run on."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings
from support.postgresql import Server, running

settings.register_profile("thorough", max_examples=100, deadline=None)
settings.register_profile("fast", max_examples=25, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("fast" if config.option.markexpr == "not slow" else "thorough")


def pytest_collection_finish() -> None:
    """The tests themselves, thousands of objects, stay to the end: no use in looking through them for garbage again and again.

    And what one test leaves is little: it is sought ten times as seldom as usual.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(7_000, 10, 10)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server that runs for the whole session; skips where there is none."""
    with running() as server:
        yield server
