"""The command `relay` as a process: exit codes, streams, and what a shell does to it (design.md section 5)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RELAY = Path(sys.executable).parent / "relay"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "relay.toml"
    file.write_text(f'[relay]\nstate_dir = "{tmp_path}"\n[database]\nurl = "sqlite:///{tmp_path}/relay.db"\n')
    return file


def relay(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RELAY_")}
    return subprocess.run([RELAY, *words], capture_output=True, text=True, timeout=60, env={**ours, **environment}, check=False)


def test_done_is_0_and_stdout_holds_json_alone(config: Path) -> None:
    done = relay(
        *("conversation", "open", "--config", str(config), "--reference", "B1", "--json", "--activity-end", "2099-06-10"),
        *("--partner-email", "m@tours.example", "--partner-name", "Marco"),
        *("--customer-email", "z@mail.example", "--customer-name", "Zofia"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)) == {"reference", "partner_alias", "customer_alias", "opens_at", "closes_at"}


def test_the_environment_names_the_configuration_and_overrules_it(config: Path) -> None:
    assert relay("conversation", "show", "B1", RELAY_CONFIG=str(config)).returncode == 1
    done = relay("queue", "list", RELAY_CONFIG=str(config), RELAY_DATABASE__URL="mysql://x")
    assert done.returncode == 78
    assert done.stderr.startswith("RELAY_DATABASE__URL: database.url: ")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("config", "example"), 0),
        (("queue", "show", "none"), 1),
        (("queue", "show"), 2),
        (("nonsense",), 2),
        (("serve", "--config", "missing.toml"), 78),
    ],
)
def test_the_exit_code_tells_what_became_of_it(config: Path, words: tuple[str, ...], code: int) -> None:
    done = relay(*words, RELAY_CONFIG=str(config))
    assert done.returncode == code
    assert bool(done.stderr) is (code != 0)
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_accident(config: Path) -> None:
    command = f"{RELAY} config show --config {config} | head -1; {RELAY} config show --config {config} | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("# ")
