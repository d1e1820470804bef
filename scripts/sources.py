"""Write docs/sources.md: each requirement id with the modules and the tests that cite it. `--check` only compares.

An id counts where it is written out in a docstring or comment of `relay/` (module) or `tests/` (test).
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "sources.md"
ID = re.compile(r"\b(GW|GY|SL|OR|SV|ST|FAULT|CASE|LEAK|PERF)-(B?\d{1,3})\b")
ORDER = ["GY", "GW", "CASE", "LEAK", "FAULT", "PERF", "SL", "OR", "SV", "ST"]
HEAD = """# Sources

Every requirement that the code or a test cites, with the module that holds it and the test that shows it.
Written by `python scripts/sources.py`; a test compares this page with the citations, so it is never behind.
An id without a test, or without a module, says so: that is work left, or a rule that only a test can hold. On which page a
row about bookings is, `docs/pages.md` says.

The ids are those of the product's specification, which is not part of this repository. So are the sections that docstrings name
as `design.md`, `gateway.md`, `leaks.md`, `performance.md`, `archive.md`, and `faults.md 4.5` or the like. `docs/faults.md` is a
page of its own, without sections: what a FAULT id asks for, in a line each.

| id | module | test | |
|---|---|---|---|
"""
LATER = {
    "GY-B1": "links, telephone numbers and accounts have switches (GW-29); coupons and listed hosts have none",
    "OR-B3": "later, as its row says: a booking that repeats itself, and one that several share",
}
"""Of the rows that are to be done where they fit: those that did not, and why."""


def citations(folder: str) -> dict[tuple[int, int, str], set[str]]:
    """The files below `folder` by the id that they cite, in the order of the page."""
    found: dict[tuple[int, int, str], set[str]] = defaultdict(set)
    for path in sorted((ROOT / folder).rglob("*.py")):
        for kind, number in ID.findall(path.read_text(encoding="utf-8")):
            found[_key(kind, number)].add(path.relative_to(ROOT).as_posix())
    return found


def _key(kind: str, number: str) -> tuple[int, int, str]:
    return ORDER.index(kind), int(number.lstrip("B")) + (1000 if number.startswith("B") else 0), f"{kind}-{number}"


def page() -> str:
    modules, tests = citations("relay"), citations("tests")
    rows = {}
    for key in {*modules, *tests}:
        in_modules = ", ".join(f"`{path}`" for path in sorted(modules.get(key, ()))) or "none"
        in_tests = ", ".join(f"`{path}`" for path in sorted(tests.get(key, ()))) or "none"
        rows[key] = f"| {key[2]} | {in_modules} | {in_tests} | |"
    for id_, why in LATER.items():
        rows[_key(*id_.split("-"))] = f"| {id_} | none | none | {why} |"
    return HEAD + "\n".join(rows[key] for key in sorted(rows)) + "\n"


def main() -> int:
    wanted = page()
    if "--check" in sys.argv:
        current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
        if current != wanted:
            print("docs/sources.md is behind the code: run `python scripts/sources.py`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
