"""Making what was accepted findable, outside the path of mail (AR-3)."""

from __future__ import annotations

from typing import Final, Protocol

from relay.app.upkeep import kept_up

at_once: Final = 200
"""Messages that are indexed for search in one go."""
pause_s: Final = 0.5
"""Between two looks for messages to index: a message is found within two seconds of its acceptance."""
pause_after_trouble_s: Final = 5.0
"""After a look that failed: the next ones may fail for long, and each is a line in the log."""


class Indexed(Protocol):
    """What is indexed; relay.store.store.Store is one."""

    async def index_some(self, count_max: int, /) -> int:
        """Index at most that many messages, and say how many it was. Raises Unavailable."""
        ...


async def keep_index(store: Indexed) -> None:
    """Index what was accepted, for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        return 0 if await store.index_some(at_once) == at_once else pause_s

    await kept_up("index", once, after_trouble_s=pause_after_trouble_s)
