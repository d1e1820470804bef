"""Writing down how sessions with other hosts were protected."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Final

from relay.app.upkeep import kept_up
from relay.errors import Unavailable
from relay.machine import clock
from relay.outbound.tls_report import Tallies
from relay.store.store import Store
from relay.store.transport import TlsResult, count_tls

pause_s = 60.0
"""What a process that dies has counted since then is lost."""
results_at_once: Final = 500
"""In one transaction: accepted mail waits for the same writer, and there may be thousands of results."""


async def keep_tallied(tallies: Tallies, store: Store) -> None:
    """Write down what was counted, for as long as it is not cancelled."""

    async def once() -> float:
        await write_down(tallies, store)
        return pause_s

    await kept_up("tallies", once, after_trouble_s=pause_s)


async def write_down(tallies: Tallies, store: Store) -> None:
    """What was counted until now. Raises Unavailable; then what is not written down is for the next time."""
    left = dict(tallies.taken())
    while left:
        portion = list(islice(left.items(), results_at_once))
        results = [TlsResult(told.day, told.domain, told.followed.value, told.finding.value, count) for told, count in portion]
        try:
            await store.write(partial(count_tls, results=results, now=clock()))
        except Unavailable:
            tallies.give_back(left)
            raise
        for told, _ in portion:
            del left[told]
