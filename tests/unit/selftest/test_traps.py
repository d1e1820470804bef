"""The trap corpus against the core: nothing of either party arrives, and what the writer said does (leaks.md, invariant 1)."""

from __future__ import annotations

from collections import Counter

from relay.selftest.traps import TRAPS


def test_each_trap_has_a_name_of_its_own_that_begins_with_its_row() -> None:
    assert [name for name, count in Counter(trap.name for trap in TRAPS).items() if count > 1] == []
    assert [trap.name for trap in TRAPS if not trap.name.startswith(f"{trap.row} ")] == []
