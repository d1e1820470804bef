"""A few of the random kills of kill_relay.py, which is for hundreds of them (invariants 3, 4 and 8, FAULT-96, GY-13)."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration import kill_relay

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("choice", [("--kills", "5"), ("--kills", "4", "--nodes", "2", "--postgresql")], ids=["one", "two nodes"])
async def test_what_got_a_250_survives_kills_under_load(choice: tuple[str, ...], tmp_path: Path) -> None:
    given = kill_relay.options().parse_args([*choice, "--connections", "4", "--between", "8"])
    with kill_relay.database(given.postgresql) as url:
        assert await kill_relay.run(given, tmp_path, url) == 0
