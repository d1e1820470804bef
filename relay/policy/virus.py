"""What the scanner found: it crosses to nobody (GY-22, GY-30)."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def virus(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse the whole message when the scanner found anything in it. Source: GW-26, GY-22."""
    if facts.infection is None:
        return None
    return Refuse(Reason.VIRUS, files=facts.infection.files, detail=facts.infection.signature)
