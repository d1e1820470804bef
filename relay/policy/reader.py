"""Whether the other party can be written to at all."""

from __future__ import annotations

from datetime import datetime

from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse


def suspended(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse mail to a party who reported mail of this conversation as abuse, until support resumes it. Source: FAULT-75.

    The writer learns that it waits for support, and not that anybody complained.
    """
    return Refuse(Reason.SUSPENDED) if facts.recipient.suspended_at is not None else None


def unreachable(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse mail to a party none of whose addresses is alive: it would come back each time. Source: GW-54."""
    return None if facts.recipient.is_reachable else Refuse(Reason.UNREACHABLE)
