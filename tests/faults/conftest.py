"""What the tests of faults begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.installation import gateway, sink
from support.nursery import Nursery, Nursling
from support.sink import Sink

__all__ = ["gateway", "sink"]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    one = Nursery()
    yield one
    one.close()


@pytest.fixture
async def nursling(tmp_path: Path, sink: Sink, nursery: Nursery) -> AsyncIterator[Nursling]:
    """A gateway that is not started yet, so that a test can give it faults."""
    one = Nursling(tmp_path, sink.port, nursery=nursery)
    yield one
    if one.process is not None:
        assert await one.off_loop("stop") == 0
    one.close()
