"""Pages that lead a reader: the maps of packages, the glossary, the log's events. None of them is behind the code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^ {0,4}(\w+)  +\S", re.MULTILINE)
EVENT = re.compile(r'(?:log\.(?:info|warning|error)|complain|_end_round)\(\s*"([a-z_.]+)"')
KEPT_UP = re.compile(r'kept_up\("([a-z]+)"')


@pytest.mark.parametrize("package", ["relay.app", "relay.booking", "relay.payments", "relay.store", "relay.store.bookings"])
def test_the_map_of_a_package_names_each_of_its_modules(package: str) -> None:
    module = importlib.import_module(package)
    [folder] = module.__path__
    modules = {path.stem for path in Path(folder).glob("*.py")} - {"__init__"}
    assert set(ENTRY.findall(module.__doc__ or "")) == modules


def test_the_glossary_is_in_the_order_of_the_alphabet_and_names_a_word_once() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.startswith("| ")][1:]
    assert words == sorted(set(words))


def test_each_event_of_the_log_is_told_to_operators() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_.]+)`", page))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "relay").rglob("*.py"))
    kept_up = {f"{part}.{ends}" for part in KEPT_UP.findall(code) for ends in ("waits", "failed")}
    assert "presence.waits" in kept_up
    assert sorted({*EVENT.findall(code), *kept_up} - told) == []
