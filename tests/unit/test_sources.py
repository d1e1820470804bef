"""docs/sources.md, docs/faults.md and docs/lifecycle.md say what the code and its tests say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["sources.py", "faults.py", "lifecycle.py"])
def test_pages_that_are_written_from_the_code_are_not_behind_it(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
