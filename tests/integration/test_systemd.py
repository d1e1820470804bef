"""The unit is one that systemd understands, and it shuts in what it starts (faults.md 4.1)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "relay.service"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"),
]


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, starting the command that is installed here: systemd looks whether it is there."""
    copy = tmp_path / UNIT.name
    relay = Path(sys.executable).parent / "relay"
    copy.write_text(UNIT.read_text().replace("/opt/relay/.venv/bin/relay", str(relay)))
    return copy


def analyzed(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_systemd_understands_every_line(unit: Path) -> None:
    said = analyzed("verify", "--man=no", "--recursive-errors=no", str(unit))
    assert [line for line in said.splitlines() if unit.name in line] == []


def test_what_runs_in_it_is_shut_in(unit: Path) -> None:
    said = analyzed("security", "--offline=yes", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= 1.5
