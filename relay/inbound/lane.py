"""A lane for large messages: so many octets are worked on at once, the others wait their turn (PERF-6, PERF-9)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lane:
    """Lets at most `octets_max` through at once; what is larger than that passes alone.

    Whoever brings many waits behind whoever brings few: the networks that the messages came from take turns, and each has its own
    in the order of arrival. The one whose turn it is waits until it fits, so a large one is not passed by for ever.
    """

    __slots__ = ("_inside", "_octets_max", "_waiting")

    def __init__(self, octets_max: int) -> None:
        self._octets_max = octets_max
        self._inside = 0
        self._waiting: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()
        """By network, the one whose turn is next in front; none of them is empty."""

    @asynccontextmanager
    async def passage(self, octets: int, network: str = "") -> AsyncIterator[None]:
        """Be inside with so many octets."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append((octets, turn))
        self._let_in()
        try:
            await turn
            yield
        finally:
            if turn.cancelled():
                self._leave(network, turn)
            else:
                self._inside -= octets
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting:
            network, queue = next(iter(self._waiting.items()))
            octets, turn = queue[0]
            if self._inside and self._inside + octets > self._octets_max:
                return
            queue.popleft()
            self._waiting.move_to_end(network)
            if not queue:
                del self._waiting[network]
            if not turn.cancelled():
                self._inside += octets
                turn.set_result(None)

    def _leave(self, network: str, turn: asyncio.Future[None]) -> None:
        """Whoever gave up may have been in front, and passed over since."""
        left = deque(one for one in self._waiting.get(network, ()) if one[1] is not turn)
        if left:
            self._waiting[network] = left
        else:
            self._waiting.pop(network, None)
