"""docs/bounds.md says what the code says: each figure is the code's, and each test is there (invariant 12)."""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from relay import resolver
from relay.inbound import limits as inbound
from relay.outbound import dane, dialogue, https, mta_sts, mx, tls_report
from relay.outbound import lanes as outbound
from relay.store import evidence

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| `(relay\.[\w.]+)` \| (\d+)(?: (KiB|MiB|GiB))? \| [^|]+ \| `([\w/.]+)::(\w+)` \|")
BOUND = (int, float, timedelta)
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


@pytest.mark.parametrize("module", [resolver, mx, mta_sts, https, dane, dialogue, tls_report, evidence])
def test_every_bound_of_what_strangers_servers_say_is_on_the_page(module: ModuleType) -> None:
    """Each is a figure in lower case at the top of its module."""
    page = "".join(ROWS)
    own = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body
    named = [one.target.id for one in own if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    bounds = [
        name for name in named if name.islower() and name[0] != "_" and isinstance(found(f"{module.__name__}.{name}"), BOUND)
    ]
    assert len(bounds) > 0
    assert [name for name in bounds if f"`{module.__name__}.{name}`" not in page] == []


@pytest.mark.parametrize("limits", [inbound.Limits, outbound.Limits])
def test_every_bound_of_sessions_and_deliveries_is_on_the_page(limits: type[inbound.Limits | outbound.Limits]) -> None:
    page = "".join(ROWS)
    assert [one.name for one in fields(limits) if f"`{limits.__module__}.Limits.{one.name}`" not in page] == []
