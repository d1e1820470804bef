"""When the parties may write to each other (GY-15, GY-16)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from relay.conversation import Standing
from relay.policy.facts import Facts
from relay.policy.reasons import Reason
from relay.policy.verdict import Refuse

_REASON: Final = {
    Standing.PENDING: Reason.NOT_YET_OPEN,
    Standing.OVER: Reason.CLOSED,
    Standing.CLOSED: Reason.CLOSED,
}


def not_open(facts: Facts, now: datetime) -> Refuse | None:
    """Refuse mail before the confirmation, after the window, or when support has closed it. Source: GW-22, GY-6, GY-25."""
    reason = _REASON.get(facts.conversation.standing(now))
    return Refuse(reason) if reason else None
