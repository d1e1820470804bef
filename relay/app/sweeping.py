"""Removing the objects that nobody names, beside the path of mail."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy import Engine

from relay.app.upkeep import kept_up
from relay.machine import clock
from relay.store.engine import objects_of
from relay.store.orphans import sweep

log = structlog.get_logger("relay.sweep")

first_after_s: Final = 600.0
"""After the start, so that a process that starts again and again does not list the bucket each time."""
pause_s: Final = 24 * 3_600.0


async def keep_swept(engine: Engine) -> None:
    """Sweep once a day, for as long as it is not cancelled. Trouble of any kind is logged, and for the next day."""
    objects = objects_of(engine)
    if objects is None:
        await asyncio.Event().wait()  # there is nothing to sweep, and this is not to end
        return

    async def once() -> float:
        swept = await asyncio.to_thread(sweep, engine, objects, clock())
        log.info("sweep.done", objects=swept.seen, removed=swept.removed)
        return pause_s

    await asyncio.sleep(first_after_s)
    await kept_up("sweep", once, after_trouble_s=pause_s)
