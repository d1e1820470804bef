"""Saying that this worker lives, and taking over what one that died had claimed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import structlog

from relay.app.upkeep import kept_up
from relay.values import Clock

log = structlog.get_logger("relay.presence")

beat_s: Final = 5.0
"""Between two signs of life."""
silence_s: Final = 45.0
"""Nine beats that did not come: the worker is dead, or cannot reach the database."""
entitled_s: Final = 15.0
"""A worker that could give no sign for so long begins nothing that another might be about to take over."""


class Register(Protocol):
    """Where workers give their signs of life; relay.store.store.Store is one. Every call may raise Unavailable."""

    async def beat(self, worker: str, /) -> bool: ...
    async def beats(self) -> dict[str, int]: ...
    async def bury(self, worker: str, beat: int, now: datetime, /) -> int | None: ...
    async def leave(self, worker: str, now: datetime, /) -> int: ...


class Sender(Protocol):
    """What sends under claims; relay.outbound.courier.Courier is one."""

    entitled_until: float

    def hand_back(self) -> None: ...
    def wake(self) -> None: ...


class Presence:
    """Keeps `worker` known as alive while `keep` runs. `monotonic` counts seconds; `clock` gives the time in the table."""

    def __init__(self, register: Register, courier: Sender, worker: str, *, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._register = register
        self._courier = courier
        self._worker = worker
        self._clock = clock
        self._monotonic = monotonic
        self._seen: dict[str, tuple[int, float]] = {}
        """Of the other workers: their count, and since when it has been that."""

    async def keep(self) -> None:
        """Give signs of life and watch the others, while it is not cancelled. Trouble of any kind is for the next time."""
        await kept_up("presence", self.once, after_trouble_s=beat_s)

    async def once(self) -> float:
        """One sign of life, and one look at the others; the seconds until the next. Raises Unavailable."""
        asked = self._monotonic()
        if not await self._register.beat(self._worker):
            self._courier.hand_back()
        # From when it was asked for: the others count from when it was there, which is later.
        self._courier.entitled_until = asked + entitled_s
        for worker, beat in self._silent(await self._register.beats()):
            taken_over = await self._register.bury(worker, beat, self._clock())
            if taken_over is not None:
                log.error("presence.worker_silent", worker=worker, due_again=taken_over)
                self._courier.wake()
        return beat_s

    async def leave(self) -> None:
        """Nothing is being sent any more, and nobody is to wait for a sign. Raises Unavailable."""
        await self._register.leave(self._worker, self._clock())

    def _silent(self, counts: dict[str, int]) -> list[tuple[str, int]]:
        """The workers whose count has not changed for long, with it."""
        now = self._monotonic()
        before, self._seen = self._seen, {}
        for worker, beat in counts.items():
            if worker != self._worker:
                known = before.get(worker)
                self._seen[worker] = known if known is not None and known[0] == beat else (beat, now)
        return [(worker, beat) for worker, (beat, since) in self._seen.items() if now - since >= silence_s]
