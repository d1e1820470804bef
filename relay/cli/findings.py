"""What the second reading found, as commands show it: kind, place and layer, never the thing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from relay.cli.printing import Json

if TYPE_CHECKING:
    from relay.message.leaks import Finding


def findings_as_json(findings: Sequence[Finding]) -> list[Json]:
    """All of it."""
    return [{"kind": one.kind.value, "place": one.place, "layer": one.layer} for one in findings]


def findings_in_short(findings: Sequence[Finding]) -> str:
    """How many of which kind: "2 address, 1 host"."""
    counted = Counter(one.kind.value for one in findings)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
