"""The unit is one that systemd understands, and it shuts in what it starts (faults.md 4.1)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"),
]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, starting the command that is installed here: systemd looks whether it is there."""
    relay = Path(sys.executable).parent / "relay"
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/relay/.venv/bin/relay", str(relay)))
    return tmp_path


def analyzed(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(unit.name for unit in UNITS.iterdir()))
def test_systemd_understands_every_line(units: Path, name: str) -> None:
    said = analyzed("verify", "--man=no", "--recursive-errors=no", str(units / name))
    assert [line for line in said.splitlines() if name in line] == []


@pytest.mark.parametrize("name", ["relay.service", "relay-backup.service"])
def test_what_runs_in_it_is_shut_in(units: Path, name: str) -> None:
    said = analyzed("security", "--offline=yes", str(units / name))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= 1.5
