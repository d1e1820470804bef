"""Questions to parties: what the page shows, what an answer does, and what becomes of what was held (GW-6, GW-12).

An answer is taken at once and for good. What waits for it is decided afterwards, as it would have been when it came: a scanner in
trouble delays the message, and not the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.desk.anew import Anew
from relay.errors import NotDone, Unavailable, raised_at
from relay.store import held, questions
from relay.store.questions import Asked, Standing, Waiting
from relay.store.stepping import Step
from relay.store.store import Store
from relay.store.timeline import Kind
from relay.transit.question import Response, doubt
from relay.values import Clock
from relay.web.ports import OpenQuestion, QuestionIs

log = structlog.get_logger("relay.questions")

looked_up_at_once: Final = 20
"""Held shares whose question has its end, of which one look at the database tells."""
put_off_first: Final = timedelta(seconds=2)
put_off_longest: Final = timedelta(minutes=5)
"""Between two tries of one that cannot be decided, in an outage or with damaged octets; each pause is twice the one before."""

_IS: Final = {
    Standing.OPEN: QuestionIs.OPEN,
    Standing.CONFIRMED: QuestionIs.CONFIRMED,
    Standing.DENIED: QuestionIs.DENIED,
    Standing.OVER: QuestionIs.OVER,
}


@dataclass(frozen=True, slots=True)
class _PutOff:
    """Not to be tried before `until`, `pause` after it was tried last."""

    until: datetime
    pause: timedelta

    @classmethod
    def again(cls, before: _PutOff | None, now: datetime) -> _PutOff:
        pause = min(2 * before.pause, put_off_longest) if before is not None else put_off_first
        return cls(now + pause, pause)


@dataclass(frozen=True, slots=True)
class QuestionDesk:
    """relay.web.ports.Questions over the store."""

    store: Store
    clock: Clock
    anew: Callable[[], Anew] = field(repr=False)
    put_off: dict[Waiting, _PutOff] = field(default_factory=dict, repr=False)
    """Shares that could not be decided, for as long as they wait."""

    async def asked(self, secret: str) -> OpenQuestion:
        now = self.clock()
        return _shown(await self.store.read(lambda connection: questions.asked(connection, secret, now)))

    async def answer(self, secret: str, response: Response, *, stop_asking: bool) -> OpenQuestion:
        now = self.clock()
        after = await self.store.write(
            lambda connection: questions.answer(connection, secret, response, stop_asking=stop_asking, now=now)
        )
        return _shown(after)

    async def settle(self) -> int:
        """Decide what was answered, and archive what nobody claimed in time; how many shares that was.

        One that cannot be decided now is tried again later and later, and keeps nobody else waiting.
        """
        now, settled = self.clock(), 0
        last: Waiting | None = None
        put_off: dict[Waiting, _PutOff] = {}
        while ended := await self._ended(now, last):
            last = ended[-1]
            for one in ended:
                before = self.put_off.get(one)
                if before is not None and now < before.until:
                    put_off[one] = before
                elif await self._settled(one):
                    settled += 1
                else:
                    put_off[one] = _PutOff.again(before, now)
        self.put_off.clear()
        self.put_off.update(put_off)
        return settled

    async def _ended(self, now: datetime, after: Waiting | None) -> Sequence[Waiting]:
        return await self.store.read(lambda connection: questions.ended(connection, now, looked_up_at_once, after))

    async def _settled(self, waiting: Waiting) -> bool:
        try:
            await self._settle(waiting)
        except NotDone as why:
            # Somebody was quicker: an operator, or another node.
            log.info("question.settled_before", id=waiting.message, why=str(why))
        except Unavailable as why:
            log.warning("question.later", id=waiting.message, why=str(why))
            return False
        except Exception as broke:  # noqa: BLE001  whatever it is, it is about this share, and the others wait behind it
            log.error("question.failed", id=waiting.message, error=type(broke).__name__, at=raised_at(broke))
            return False
        return True

    async def _settle(self, waiting: Waiting) -> None:
        now = self.clock()
        case = await self.store.read(lambda connection: held.case(connection, waiting.message, waiting.ordinal))
        anew = self.anew()
        if waiting.is_claimed(case.conversation.party(waiting.writer)):
            kind, passage = Kind.CLAIMED, await anew.claimed(case, now)
        else:
            kind, passage = Kind.UNCLAIMED, await anew.unclaimed(case, now)
        step = Step(waiting.writer.value if waiting.response is not None else "system", now)

        def decide(connection: Connection) -> None:
            held.decide(connection, waiting.message, waiting.ordinal, passage, kind, step, {})
            questions.refuse_answered_since(connection, waiting)

        await self.store.write(decide)
        log.info("question.settled", id=waiting.message, fate=passage.fate.value, reason=passage.reason)


def _shown(asked: Asked) -> OpenQuestion:
    return OpenQuestion(
        is_=_IS[asked.standing],
        conversation=asked.conversation,
        party=asked.conversation.party(asked.party),
        address=asked.address,
        doubt=doubt(asked.network),
        message=asked.message,
        subject=asked.subject,
        received_at=asked.received_at,
    )
