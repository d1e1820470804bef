"""More mail than people write."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Absorb, Defer, Refuse, Verdict


def rate(facts: Facts, now: datetime) -> Defer | Refuse | None:
    """Put off what is beyond the rate of its writer or its conversation; refuse it when it still is after a while. Source: GW-27.

    A burst passes by itself as its bearer tries again. Who goes on and on has to learn that nobody reads it.
    """
    if facts.crowd is None:
        return None
    if facts.put_off_at is None or now - facts.put_off_at < facts.local_policy.put_off_for:
        return Defer(Reason.RATE)
    return Refuse(Reason.RATE, detail=f"beyond the rate of the {facts.crowd.value}")


def within_rate(facts: Facts, verdict: Verdict) -> Verdict:
    """`verdict`; but what would be kept and go no further is put off where it is beyond a rate. Source: GW-27, invariant 12.

    Copies and loops stand before the rate, since nobody is told that they do not pass; without end they would fill the archive.
    """
    return Defer(Reason.RATE) if isinstance(verdict, Absorb) and facts.crowd is not None else verdict
