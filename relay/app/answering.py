"""What becomes of answers by mail: carried out when they can be taken back no more, messages at once."""

from __future__ import annotations

from typing import Final

from relay.app.upkeep import kept_up
from relay.desk.mail_answers import MailAnswerDesk

pause_s: Final = 2.0
"""Between two looks: whoever wrote to the other side waits for it."""


async def keep_answering(desk: MailAnswerDesk) -> None:
    """Settle for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        await desk.settle()
        return pause_s

    await kept_up("answers", once, after_trouble_s=pause_s)
