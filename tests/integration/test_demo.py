"""`relay demo`: everything on the embedded default, with one exchange that is shown, and nothing that leaves the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.demonstration import Demonstration

pytestmark = pytest.mark.slow


def test_it_shows_one_exchange_end_to_end_at_every_start(tmp_path: Path) -> None:
    one = Demonstration(tmp_path)
    first, second = one.once(), one.once()
    for done in (first, second):
        assert done.returncode == 0, done.stderr
        assert "The partner wrote to customer-" in done.stdout
        assert "The customer wrote to local-partner-" in done.stdout
        shown = done.stdout.partition("Who is who")[0]
        assert "marco.bellini@" not in shown
        assert "zofia.kowalska@" not in shown

    def aliases(text: str) -> set[str]:
        return {word for word in text.split() if word.startswith(("local-partner-", "<customer-")) and "@" in word}

    assert aliases(first.stdout) == aliases(second.stdout)
