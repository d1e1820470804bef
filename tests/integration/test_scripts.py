"""The scripts that put the whole product under load, in a size for every run (invariant 1); kill_relay.py has test_kills.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
CORPUS = Path(os.environ.get("RELAY_CORPUS", HERE.parents[2] / "shared" / "corpus"))


def run(script: str, *words: str) -> str:
    done = subprocess.run([sys.executable, str(HERE / script), *words], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_real_mail_crosses_without_a_leak_or_a_loss() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of real mails is not at {CORPUS} (RELAY_CORPUS names another place)")
    said = run("corpus_relay.py", str(CORPUS), "--kinds", "html,nested,replies,calendar", "--every", "3")
    assert said.count("leaks: 0") == said.count("says something else: 0") == 2


def test_every_real_bounce_and_report_comes_to_its_class_and_to_no_leak_and_no_loop() -> None:
    """LEAK-80, LEAK-83, GW-51, CASE-25, CASE-26, FAULT-74: each sent twice to a return path of its own. Exits 1 on any fault."""
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of real mails is not at {CORPUS} (RELAY_CORPUS names another place)")
    said = run("corpus_bounces.py", str(CORPUS))
    assert "contradicted: 0" in said
    matched = re.search(r"bounces: \d+ of \d+ matched, (\d+) %", said)
    assert matched is not None
    assert int(matched[1]) >= 97
