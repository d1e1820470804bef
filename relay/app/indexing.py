"""Making what was accepted findable, outside the path of mail (AR-3)."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import structlog

from relay.errors import Unavailable, raised_at

log = structlog.get_logger("relay.index")

at_once: Final = 200
"""Messages that are indexed for search in one go."""
pause_s: Final = 0.5
"""Between two looks for messages to index: a message is found within two seconds of its acceptance."""
pause_after_failure_s: Final = 5.0
"""After a look that failed in a way that nobody thought of: it may fail for long."""


class Indexed(Protocol):
    """What is indexed; relay.store.store.Store is one."""

    async def index_some(self, count_max: int, /) -> int:
        """Index at most that many messages, and say how many it was. Raises Unavailable."""
        ...


async def keep_index(store: Indexed) -> None:
    """Index what was accepted, for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""
    while True:
        pause = pause_s
        try:
            if await store.index_some(at_once) == at_once:
                continue
        except Unavailable as why:
            log.warning("index.waits", why=str(why))
        except Exception as broke:  # noqa: BLE001 -- without the index nothing is found, and nobody else would start it again
            log.error("index.failed", error=type(broke).__name__, at=raised_at(broke))
            pause = pause_after_failure_s
        await asyncio.sleep(pause)
