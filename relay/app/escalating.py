"""Entering into the histories of bookings what their parties did not receive (GW-54)."""

from __future__ import annotations

from typing import Final

from relay.app.upkeep import kept_up
from relay.desk.escalation import Escalation

pause_s: Final = 2.0
"""Between two looks: commands and other processes raise alerts too, and nobody wakes this one."""


async def keep_escalating(escalation: Escalation) -> None:
    """Enter for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        return 0.0 if await escalation.enter_some() else pause_s

    await kept_up("escalation", once, after_trouble_s=pause_s)
