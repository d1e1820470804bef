"""The published suite of RFC 7208 (openspf.org, 2014.04), which `make suites` fetches; or wherever RELAY_SPF_SUITE says it is.

Some of its cases allow several results. Its explanations are not read: ours is left out.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import pytest
import yaml

PATH = Path(os.environ.get("RELAY_SPF_SUITE") or Path(sys.prefix) / "spf-suite" / "rfc7208-tests.yml")
Entry = str | dict[str, str | list[str]]


class Given(TypedDict):
    mailfrom: str
    host: str
    helo: str
    result: str | list[str]


class Scenario(TypedDict):
    description: str
    tests: dict[str, Given]
    zonedata: dict[str, list[Entry]]


@dataclass(frozen=True)
class Case:
    """`records` by name, by type, in the form of an `Answer`; names may have none. `silent` ones are in trouble for other types
    than those."""

    mail_from: str
    host: str
    helo: str
    allowed: frozenset[str]
    records: dict[str, dict[str, list[str]]]
    silent: frozenset[str]


def cases() -> list[object]:
    """For `parametrize`; without the suite, one that is skipped and says why."""
    if not PATH.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no suite at {PATH}: make suites"), id="suite")]
    found: list[object] = []
    # Text, lists and maps: nothing in it is a number to us. The loader in C, where there is one, spares every run a second.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    for scenario in cast("list[Scenario]", list(yaml.load_all(PATH.read_text(encoding="utf-8"), Loader=loader))):
        records = {name.lower(): _records(entries) for name, entries in scenario["zonedata"].items()}
        silent = frozenset(name.lower() for name, entries in scenario["zonedata"].items() if "TIMEOUT" in entries)
        for name, test in scenario["tests"].items():
            allowed = test["result"] if isinstance(test["result"], list) else [test["result"]]
            case = Case(test["mailfrom"], test["host"], test["helo"], frozenset(allowed), records, silent)
            found.append(pytest.param(case, id=f"{scenario['description']}: {name}"))
    return found


def _records(entries: list[Entry]) -> dict[str, list[str]]:
    """What is given as SPF, a type that is no more, is meant as TXT where no TXT is given; NONE is no record."""
    given = [(kind, value) for one in entries if isinstance(one, dict) for kind, value in one.items()]
    has_txt = any(kind == "TXT" for kind, _ in given)
    found: dict[str, list[str]] = {}
    for kind, value in given:
        if value != "NONE" and not (kind == "SPF" and has_txt):
            found.setdefault("TXT" if kind == "SPF" else kind, []).append(_written(kind, value))
    return found


def _written(kind: str, value: str | list[str]) -> str:
    if kind == "MX":
        return f"{value[0]} {value[1] or '.'}"
    text = value if isinstance(value, str) else "".join(value)
    return text if kind in {"TXT", "SPF"} else text.removesuffix(".")
