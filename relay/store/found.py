"""What was taken out of a rendition, and what the second reading found in it, as a passage's columns hold them: as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from relay.message.leaks import Finding
from relay.message.leaks.finding import Kind
from relay.message.removal import Removal
from relay.message.treatment import Treatment


def removed_text(removed: Iterable[Removal]) -> str:
    """`removed` as the column holds it."""
    return json.dumps([(one.kind, one.place, one.treatment.value) for one in removed])


def removed_in(text: str) -> tuple[Removal, ...]:
    """What a column says was taken out, or was seen and left."""
    return tuple(Removal(kind, place, Treatment(treatment)) for kind, place, treatment in json.loads(text))


def findings_text(findings: Iterable[Finding]) -> str:
    """`findings` as the column holds it."""
    return json.dumps([(one.kind.value, one.place, one.layer) for one in findings])


def findings_in(text: str) -> tuple[Finding, ...]:
    """What a column says was found."""
    return tuple(Finding(Kind(kind), place, layer) for kind, place, layer in json.loads(text))
