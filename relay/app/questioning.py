"""What becomes of held mail whose writer was asked about: sent when the party says yes, archived when not (GW-6)."""

from __future__ import annotations

from typing import Final

from relay.app.upkeep import kept_up
from relay.desk.questions import QuestionDesk

pause_s: Final = 2.0
"""Between two looks: whoever has said that it is them waits for it."""


async def keep_settling(desk: QuestionDesk) -> None:
    """Settle for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        await desk.settle()
        return pause_s

    await kept_up("questions", once, after_trouble_s=pause_s)
