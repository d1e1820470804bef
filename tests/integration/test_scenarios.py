"""The scenarios of docs/scenarios are played from beginning to end, as whoever reads them would play them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCENARIOS = Path(__file__).parents[2] / "docs" / "scenarios"
PLAYS = sorted(one for one in SCENARIOS.glob("*.py") if one.name != "stage.py")
NOT_HERE = 77
ends_within_s = 600


@pytest.mark.parametrize("play", PLAYS, ids=[one.stem for one in PLAYS])
def test_a_scenario_comes_to_its_end(play: Path) -> None:
    """Each holds what it says itself: a mail that does not come, or an answer that is another one, ends it with an error."""
    played = subprocess.run([sys.executable, str(play)], capture_output=True, text=True, timeout=ends_within_s, check=False)
    if played.returncode == NOT_HERE:
        pytest.skip(played.stderr.strip())
    assert played.returncode == 0, f"{played.stdout[-3000:]}\n{played.stderr[-3000:]}"
    assert played.stdout.rstrip().endswith("The end."), played.stdout[-1000:]
