"""A lane for what there is room for but so much of at once, octets or checks: the others wait their turn (PERF-6, PERF-9)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lane:
    """Lets at most `room` through at once; what takes more than that passes alone.

    Whoever brings many waits behind whoever brings few: the networks that the messages came from take turns, and each has its own
    in the order of arrival. The one whose turn it is waits until it fits, so a large one is not passed by for ever.
    """

    __slots__ = ("_inside", "_room", "_waiting")

    def __init__(self, room: int) -> None:
        self._room = room
        self._inside = 0
        self._waiting: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()
        """By network, the one whose turn is next in front; none of them is empty."""

    @asynccontextmanager
    async def passage(self, takes: int, network: str = "") -> AsyncIterator[None]:
        """Be inside with so many octets, or whatever the room is measured in."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append((takes, turn))
        self._let_in()
        try:
            await turn
            yield
        finally:
            if turn.cancelled():
                self._leave(network, turn)
            else:
                self._inside -= takes
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting:
            network, queue = next(iter(self._waiting.items()))
            takes, turn = queue[0]
            if self._inside and self._inside + takes > self._room:
                return
            queue.popleft()
            self._waiting.move_to_end(network)
            if not queue:
                del self._waiting[network]
            if not turn.cancelled():
                self._inside += takes
                turn.set_result(None)

    def _leave(self, network: str, turn: asyncio.Future[None]) -> None:
        """Whoever gave up may have been in front, and passed over since."""
        left = deque(one for one in self._waiting.get(network, ()) if one[1] is not turn)
        if left:
            self._waiting[network] = left
        else:
            self._waiting.pop(network, None)
