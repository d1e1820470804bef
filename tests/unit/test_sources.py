"""docs/sources.md and docs/faults.md say what the code and its tests say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["sources.py", "faults.py"])
def test_the_pages_of_sources_and_faults_are_what_the_modules_and_tests_cite(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
