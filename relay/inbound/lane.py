"""A lane for large messages: so many octets are worked on at once, the others wait their turn (PERF-6, PERF-9)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lane:
    """Lets at most `octets_max` through at once, in the order of arrival; one that is larger than that passes alone."""

    __slots__ = ("_inside", "_octets_max", "_waiting")

    def __init__(self, octets_max: int) -> None:
        self._octets_max = octets_max
        self._inside = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def passage(self, octets: int) -> AsyncIterator[None]:
        """Be inside with so many octets."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((octets, turn))
        self._let_in()
        try:
            await turn
            yield
        finally:
            if turn.cancelled():
                self._waiting = deque(one for one in self._waiting if one[1] is not turn)
            else:
                self._inside -= octets
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting:
            octets, turn = self._waiting[0]
            if self._inside and self._inside + octets > self._octets_max:
                return
            self._waiting.popleft()
            if not turn.cancelled():
                self._inside += octets
                turn.set_result(None)
