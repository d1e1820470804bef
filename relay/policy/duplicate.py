"""A message that came twice."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Absorb


def duplicate(facts: Facts, now: datetime) -> Absorb | None:
    """Take over, and do not send again, what the same writer sent within five days. Source: GW-31, FAULT-52, CASE-62."""
    return Absorb(Reason.DUPLICATE, detail=f"same as {facts.duplicate_of}") if facts.duplicate_of else None
