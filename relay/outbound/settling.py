"""What follows an attempt: the next time, the notice to the writer, and the entry in the table, together or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from relay import figures
from relay.errors import Unavailable
from relay.outbound.ports import Notices, Outbox
from relay.outbound.schedule import JITTER_SHARE, GiveUp, next_step
from relay.outbound.troubles import complain, log
from relay.transit.bounce import MAIL_OF_OURS, Untold
from relay.transit.delivery import Carries, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import Clock

T = TypeVar("T")

PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Between two tries to write down a result; the last one repeats."""


ABOUT_A_NOTICE: Final = Untold("nothing is sent about a notice (GW-53)")
NOT_WRITTEN: Final = Untold("the notice could not be written")


@dataclass(frozen=True, slots=True)
class Settled:
    """What was recorded."""

    outcome: Outcome
    next_due_at: datetime | None
    further: Sequence[Delivery] = ()


@dataclass(slots=True)
class Settler:
    """Writes down what attempts came to. `jitter` gives a float in [0, 1).

    A result that cannot be written down is kept and tried again until it can: sending once more instead would be a
    duplicate. `sound` is cleared meanwhile, so that nothing further is sent whose result could not be kept either.
    """

    outbox: Outbox
    notices: Notices
    clock: Clock
    jitter: Callable[[], float]
    pauses_s: tuple[float, ...] = PAUSES_S
    sound: asyncio.Event = field(default_factory=asyncio.Event)
    _without_store: int = 0

    def __post_init__(self) -> None:
        self.sound.set()

    async def settle(self, delivery: Delivery, outcome: Outcome, rest_s: float = 0) -> Settled:
        """Returns once it is durable. `rest_s`: the destination is left alone for that long, so no retry before."""
        now = self.clock()
        next_due_at: datetime | None = None
        tell_delay = False
        if isinstance(outcome, Deferred):
            jitter = self.jitter()
            step = next_step(delivery.accepted_at, delivery.attempts, delivery.delay_told, now, jitter)
            if isinstance(step, GiveUp):
                outcome = Failed(outcome.cause, outcome.code, outcome.text)
            else:
                # All that waited for one destination would come back in the same instant (FAULT-103).
                rested = now + timedelta(seconds=rest_s * (1 + JITTER_SHARE * jitter))
                next_due_at, tell_delay = max(step.at, rested), step.tell_delay
        told = await self._told(delivery, outcome, tell_delay, now)
        further = (told,) if isinstance(told, Delivery) else ()
        untold = told.reason if isinstance(told, Untold) else ""
        delay_told = delivery.delay_told or tell_delay
        await self._surely(
            delivery, lambda: self.outbox.record(delivery, outcome, next_due_at, further, delay_told, untold), _always
        )
        _tell_the_log(delivery, outcome)
        if further:
            figures.NOTICES.add("failed" if isinstance(outcome, Failed) else "delayed")
        return Settled(outcome, next_due_at, further)

    async def _told(self, delivery: Delivery, outcome: Outcome, tell_delay: bool, now: datetime) -> Delivery | Untold | None:
        """The notice that goes with the result, or why there is none; None where there is nothing to tell.

        A fault of our own in the making of a notice keeps no result from the table: it would come again each time.
        """
        if not isinstance(outcome, Failed) and not tell_delay:
            return None
        if delivery.carries is Carries.NOTICE:
            return ABOUT_A_NOTICE
        if delivery.carries in {Carries.NOTIFICATION, Carries.SIGN_IN}:
            return MAIL_OF_OURS

        async def asked() -> Delivery | Untold:
            if isinstance(outcome, Failed):
                return await self.notices.failure(delivery, outcome.cause, now)
            return await self.notices.delay(delivery, now)

        try:
            return await self._surely(delivery, asked, _while_unavailable)
        except Exception as broke:  # noqa: BLE001 - whatever it was, the outcome stands, and is to be recorded
            complain("delivery.no_notice", broke, delivery=delivery.id, message=delivery.message)
            return NOT_WRITTEN

    async def _surely(self, delivery: Delivery, step: Callable[[], Awaitable[T]], again: Callable[[Exception], bool]) -> T:
        """The result of `step`, however often it has to be tried; what it raises unless `again` says to try again."""
        tries = 0
        counted = False
        try:
            while True:
                try:
                    return await step()
                except Exception as broke:
                    if not again(broke):
                        raise
                    tries += 1
                    counted = self._count(counted, _while_unavailable(broke))
                    complain("delivery.not_recorded", broke, delivery=delivery.id, tries=tries)
                await asyncio.sleep(self.pauses_s[min(tries, len(self.pauses_s)) - 1])
        finally:
            self._count(counted, without_store=False)

    def _count(self, counted: bool, without_store: bool) -> bool:
        """Keep the number of results that wait for the store, and `sound` with it."""
        self._without_store += without_store - counted
        if self._without_store == 0:
            self.sound.set()
        else:
            self.sound.clear()
        return without_store


def _while_unavailable(broke: Exception) -> bool:
    return isinstance(broke, Unavailable)


def _always(_: Exception) -> bool:
    """A result that is not written down is a message sent twice."""
    return True


def _tell_the_log(delivery: Delivery, outcome: Outcome) -> None:
    facts = {
        "delivery": delivery.id,
        "message": delivery.message,
        "carries": delivery.carries.value,
        "attempt": delivery.attempts,
    }
    figures.ATTEMPTS.add(type(outcome).__name__.lower(), delivery.carries.value)
    match outcome:
        case Delivered():
            log.info("delivery.delivered", code=outcome.code, **facts)
        case Deferred():
            log.warning("delivery.deferred", code=outcome.code, cause=outcome.cause.value, in_doubt=outcome.in_doubt, **facts)
        case Failed():
            log.warning("delivery.failed", code=outcome.code, cause=outcome.cause.value, **facts)
