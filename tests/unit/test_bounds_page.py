"""docs/bounds.md says what the code says: each figure is the code's, and each test is there (invariant 12)."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from relay.inbound import limits as inbound
from relay.outbound import lanes as outbound

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| `(relay\.[\w.]+)` \| (\d+)(?: (KiB|MiB|GiB))? \| [^|]+ \| `([\w/.]+)::(\w+)` \|")
UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
ROWS = [line for line in (ROOT / "docs" / "bounds.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]


def found(name: str) -> object:
    """What stands in the code under a dotted name: in a module, or as the default of a class in one."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        holder, _, cls = module.rpartition(".")
        return getattr(getattr(importlib.import_module(holder), cls)(), attribute)


@pytest.mark.parametrize("row", ROWS)
def test_a_bound_has_the_figure_of_the_code_and_a_test(row: str) -> None:
    told = ROW.fullmatch(row)
    assert told is not None, "a row has a name, a figure, what happens beyond it, and a test"
    name, figure, unit, path, test = told.groups()
    value = found(name)
    assert (value.total_seconds() if isinstance(value, timedelta) else value) == int(figure) * UNITS[unit or ""]
    assert re.search(rf"^(async )?def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("limits", [inbound.Limits, outbound.Limits])
def test_every_bound_of_sessions_and_deliveries_is_on_the_page(limits: type[inbound.Limits | outbound.Limits]) -> None:
    page = "".join(ROWS)
    assert [one.name for one in fields(limits) if f"`{limits.__module__}.Limits.{one.name}`" not in page] == []
