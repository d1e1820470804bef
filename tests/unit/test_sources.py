"""docs/sources.md says what the code says, both ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_sources_is_what_the_modules_and_tests_cite() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "sources.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
