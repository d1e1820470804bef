"""Timers of bookings, worked off: what has come due is done, each once, whichever node comes first.

A step that finds payment pages open ends them first and is tried again; what breaks over a booking is that booking's trouble, is
put off and told in the log, and keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.desk.bookings import Stopping
from relay.desk.lifecycle import Lifecycle
from relay.errors import Conflict, Unavailable, raised_at
from relay.store.bookings import timers
from relay.store.bookings.checkouts import Begun, StillOpen
from relay.store.bookings.timers import Due
from relay.store.store import Store
from relay.values import Clock

log = structlog.get_logger("relay.timers")

put_off_first: Final = timedelta(seconds=10)
put_off_longest: Final = timedelta(hours=1)
"""Until what went wrong is tried again; each pause is twice the one before."""
done_at_once: Final = 100
"""Timers worked off before others have their turn."""


@dataclass(frozen=True, slots=True)
class TimerDesk:
    """Works timers off. `told` is called when mail may wait to be posted."""

    store: Store
    lifecycle: Lifecycle
    payments: Stopping = field(repr=False)
    clock: Clock
    told: Callable[[], None] = field(repr=False)

    async def work_some(self) -> int:
        """Do what is due, at most `done_at_once` of it; how much that was. Raises Unavailable."""
        done = 0
        while done < done_at_once:
            now = self.clock()
            next_at = await self.store.read(timers.next_at)
            if next_at is None or next_at > now or not await self._one(now):
                break
            done += 1
        if done:
            self.told()
        return done

    async def _one(self, now: datetime) -> bool:
        """Whether there was one that nobody else is at work on."""
        chosen: list[Due] = []

        def work(connection: Connection) -> bool:
            chosen[:] = timers.due(connection, now, 1)
            for one in chosen:
                self.lifecycle.work_off(connection, one, now=now)
            return bool(chosen)

        try:
            return await self.store.write(work)
        except StillOpen as still:
            await self._stop(still.pages, chosen[0], now)
        except Unavailable:
            raise
        except Exception as broke:
            one = next(iter(chosen), None)
            if one is None:
                raise
            log.error("timer.failed", booking=one.booking, key=one.timer.key, error=type(broke).__name__, at=raised_at(broke))
            await self._put_off(one, now)
        return True

    async def _stop(self, pages: Begun, due: Due, now: datetime) -> None:
        """Nobody can pay there any more; whoever is paying is waited for (T16)."""
        try:
            await self.payments.stop(pages)
        except Conflict:
            await self._put_off(due, now)

    async def _put_off(self, due: Due, now: datetime) -> None:
        pause = min(put_off_first * 2 ** min(due.attempts, 20), put_off_longest)
        await self.store.write(lambda connection: timers.put_off(connection, due, now + pause))
