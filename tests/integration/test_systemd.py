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


@pytest.mark.parametrize("name", sorted(unit.name for kind in ("service", "socket", "timer") for unit in UNITS.glob(f"*.{kind}")))
def test_systemd_understands_every_line(units: Path, name: str) -> None:
    said = analyzed("verify", "--man=no", "--recursive-errors=no", str(units / name))
    assert [line for line in said.splitlines() if name in line] == []


@pytest.mark.parametrize("name", ["relay.service", "relay-backup.service"])
def test_what_runs_in_it_is_shut_in(units: Path, name: str) -> None:
    said = analyzed("security", "--offline=yes", str(units / name))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= 1.5


def test_the_user_is_made_and_what_only_it_may_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    for name, command in (("relay.sysusers", ["systemd-sysusers"]), ("relay.tmpfiles", ["systemd-tmpfiles", "--create"])):
        done = subprocess.run(
            [*command, f"--root={root}", str(UNITS / name)], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "") or "Creating" in done.stderr, done
    assert "relay:x:" in (root / "etc" / "passwd").read_text()
    modes = {place: oct((root / place).stat().st_mode & 0o777) for place in ("var/lib/relay", "var/backups/relay", "etc/relay")}
    assert modes == {"var/lib/relay": "0o700", "var/backups/relay": "0o700", "etc/relay": "0o750"}
