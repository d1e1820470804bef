"""When a delivery is tried again, when its writer hears that it takes longer, and when it is given up (GW-50)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

AGES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
"""How long after the first attempt the retries come; after the last of them, every `EVERY`."""
EVERY: Final = timedelta(hours=4)
DELAY_TOLD_AFTER: Final = timedelta(hours=4)
LIFETIME: Final = timedelta(hours=48)
JITTER_SHARE: Final = 0.1
"""A wait is longer by up to this share of itself, so that what failed together does not come back together (FAULT-103)."""

_WAITS: Final = tuple(later - earlier for earlier, later in zip((timedelta(), *AGES), AGES, strict=False))


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at` (UTC). `tell_delay`: the writer is told now, once, that it takes longer."""

    at: datetime
    tell_delay: bool


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The queue lifetime is over: the writer gets the failure notice (FAULT-102)."""


def next_step(accepted_at: datetime, attempts: int, delay_told: bool, now: datetime, jitter: float) -> Retry | GiveUp:
    """What follows an attempt that came to "not now". `attempts` includes it; `jitter` lies in [0, 1).

    The wait counts from `now`, not from the acceptance: neither a long stand-still nor a clock that jumped makes
    retries pile up (FAULT-99). The last attempt is made when the lifetime ends, not up to four hours before it.
    """
    end = accepted_at + LIFETIME
    if now >= end:
        return GiveUp()
    made = max(attempts, 1)
    wait = _WAITS[made - 1] if made <= len(_WAITS) else EVERY
    at = min(now + wait * (1 + JITTER_SHARE * jitter), end)
    return Retry(at, tell_delay=not delay_told and now - accepted_at >= DELAY_TOLD_AFTER)
