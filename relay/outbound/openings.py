"""Sessions that are being opened: with time to answer, and with less of it while others wait for a connection (FAULT-100)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Openings:
    """Each has `opening_s`, and `crowded_s` from the time on when others are kept waiting. For one event loop."""

    def __init__(self, opening_s: float, crowded_s: float) -> None:
        self._opening_s = opening_s
        self._crowded_s = crowded_s
        self._began: dict[asyncio.Timeout, float] = {}

    @asynccontextmanager
    async def one(self, *, crowded: bool) -> AsyncIterator[None]:
        """Another one, opened in here. `crowded`: others wait already. Raises TimeoutError when its time is over."""
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(began + (self._crowded_s if crowded else self._opening_s)) as patience:
            self._began[patience] = began
            try:
                yield
            finally:
                del self._began[patience]

    def hurry(self) -> None:
        """Others wait from now on: who has had `crowded_s` gives way."""
        for patience, began in self._began.items():
            until = patience.when()
            if not patience.expired() and until is not None and until > began + self._crowded_s:
                patience.reschedule(began + self._crowded_s)
