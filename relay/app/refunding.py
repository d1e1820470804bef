"""Giving back what is due, beside everything else (SL-26 to SL-30, SL-B4)."""

from __future__ import annotations

from typing import Final

from relay.app.upkeep import kept_up
from relay.desk.refunds import RefundDesk

pause_s: Final = 5.0
"""Between two looks: a refund takes days to arrive."""


async def keep_refunding(desk: RefundDesk) -> None:
    """Give back for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        return 0.0 if await desk.give_back_some() else pause_s

    await kept_up("refunds", once, after_trouble_s=pause_s)
