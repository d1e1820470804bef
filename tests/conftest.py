"""How much the properties try: some examples at every save, many in the run of everything. The databases that tests run on."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from support import statements
from support.postgresql import Server, running

settings.register_profile("thorough", max_examples=100, deadline=None)
settings.register_profile("fast", max_examples=25, deadline=None)

_ALL_SLOW: Final = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.slow\b", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("fast" if _is_fast(config) else "thorough")
    statements.share()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only the fast tests are to run, a file of nothing but slow ones is not imported: every worker would pay for it.

    Asking the API's description for its cases alone takes longer than collecting all that is fast.
    """
    if _is_fast(config) and collection_path.suffix == ".py" and _ALL_SLOW.search(collection_path.read_text()):
        return True
    return None


def _is_fast(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


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
