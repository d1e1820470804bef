"""docs/mails shows what is sent: each mail of the catalogue, in two languages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from support.notified import EXAMPLES

from relay.booking.notification import Notification

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "mails.py"


def test_the_pages_are_what_the_code_renders(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("mails", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr("sys.argv", ["mails.py", "--check"])
    assert script.main() == 0, capsys.readouterr().err


def test_every_mail_of_the_catalogue_is_shown() -> None:
    assert {one.name.split("-")[0] for one in EXAMPLES} == {one.value for one in Notification}
    assert len({one.name for one in EXAMPLES}) == len(EXAMPLES)
