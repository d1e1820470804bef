"""Fixtures: a gateway as its operators run it, between an SMTP client and a sink; every test has its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.gateway import Gateway
from support.sink import Sink


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as one:
        yield one


@pytest.fixture
async def gateway(tmp_path: Path, sink: Sink) -> AsyncIterator[Gateway]:
    one = Gateway(tmp_path, sink.port)
    await one.off_loop("start")
    yield one
    if one.process is not None:
        assert await one.off_loop("stop") == 0
    one.close()
