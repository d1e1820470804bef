"""Forgetting what nobody can want any more: answers to requests that may have come again, and events that were told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from relay.app.upkeep import kept_up
from relay.machine import clock
from relay.store.bookings import events, repeats
from relay.store.store import Store

pause_s: Final = 3_600.0
more_after_s: Final = 1.0
"""While there is more: others write in between."""
after_trouble_s: Final = 60.0
events_kept_for: Final = timedelta(days=30)
"""How long the log of a webhook goes back."""


async def keep_forgetting(store: Store) -> None:
    """Again and again while it is not cancelled."""

    async def once() -> float:
        now = clock()
        answered = await store.write(lambda connection: repeats.forget(connection, now))
        told = await store.write(lambda connection: events.forget(connection, now - events_kept_for))
        return more_after_s if answered or told else pause_s

    await kept_up("forgetting", once, after_trouble_s=after_trouble_s)
