"""What the clock does to bookings, done when it comes due, beside everything else."""

from __future__ import annotations

from typing import Final

from relay.app.upkeep import kept_up
from relay.desk.timers import TimerDesk

pause_s: Final = 2.0
"""Between two looks: a deadline is told in minutes."""


async def keep_time(desk: TimerDesk) -> None:
    """Work off what comes due for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        return 0.0 if await desk.work_some() else pause_s

    await kept_up("timers", once, after_trouble_s=pause_s)
