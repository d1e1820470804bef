"""What a process does again and again beside the path of mail: signs of life, the index, alerts, the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from relay.errors import Unavailable, raised_at


async def kept_up(part: str, once: Callable[[], Awaitable[float]], *, after_trouble_s: float) -> None:
    """Does `once`, then nothing for as many seconds as it answers, for as long as it is not cancelled.

    What it raises is logged under the name of `part`, as "PART.waits" when it was Unavailable, else as "PART.failed", and the
    next time comes after `after_trouble_s`.
    """
    log = structlog.get_logger(f"relay.{part}")
    while True:
        try:
            pause_s = await once()
        except Unavailable as why:
            log.warning(f"{part}.waits", why=str(why))
            pause_s = after_trouble_s
        except Exception as broke:  # noqa: BLE001 -- whatever it was, nobody else would start this again
            log.error(f"{part}.failed", error=type(broke).__name__, at=raised_at(broke))
            pause_s = after_trouble_s
        if pause_s:
            await asyncio.sleep(pause_s)
