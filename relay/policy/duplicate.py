"""A message that came twice: a sender's server that lost our answer sends it again."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Absorb, Refuse, Verdict


def duplicate(facts: Facts, now: datetime) -> Absorb | None:
    """Take over, and do not send again, what the same writer sent within five days. Source: GW-31, FAULT-52, CASE-62.

    Whatever is against it by now: of a message that arrived, or whose end its writer knows, they would hear that it did not pass.
    """
    return Absorb(Reason.DUPLICATE, detail=f"same as {facts.duplicate_of}") if facts.duplicate_of else None


def told_once(facts: Facts, verdict: Verdict) -> Verdict:
    """`verdict`; but a proven writer who was told the same about the same message is not told again. Source: GW-31, GW-52.

    For another reason, or once nothing is against it any more, it is judged like any other: people send again what was refused.
    """
    if isinstance(verdict, Refuse) and facts.proven and (first := facts.refused_before.get(verdict.reason)) is not None:
        return Absorb(Reason.DUPLICATE, detail=f"same as {first}, refused as {verdict.reason.value}")
    return verdict
