"""What a thread came to, brought to the event loop: one waking for all of a batch (PERF-3).

Waking the loop is a system call, in which the thread lets go of the interpreter: told one by one, the first of a batch is at work
again while the others wait for their turn to be told, and comes back alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

T = TypeVar("T")


class Arrivals:
    """Results under way to those who wait for them, all in one event loop at a time."""

    def __init__(self) -> None:
        self._came: Final[deque[Callable[[], None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def of(self, future: Future[T]) -> T:
        """The result of `future`, once somebody calls `wake` after it has one. Raises what it raised."""
        self._loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = self._loop.create_future()
        # A future keeps its callbacks: one that knew it would keep a large message until the next search for garbage (PERF-6).
        future.add_done_callback(lambda came: self._came.append(partial(_tell, came, answer)))
        if future.done():
            self._tell()
        return await answer

    def wake(self) -> None:
        """From any thread: what has come is told in the next turn of the loop."""
        # A loop that was closed has nobody in it who waits.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        while self._came:
            self._came.popleft()()


def _tell(came: Future[T], answer: asyncio.Future[T]) -> None:
    if answer.done():
        return  # nobody waits for it any more
    if (error := came.exception()) is not None:
        answer.set_exception(error)
    else:
        answer.set_result(came.result())
