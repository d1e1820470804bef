"""Writing down how sessions with other hosts were protected."""

from __future__ import annotations

from relay.app.upkeep import kept_up
from relay.errors import Unavailable
from relay.machine import clock
from relay.outbound.tls_report import Tallies
from relay.store.store import Store
from relay.store.transport import TlsResult, count_tls

pause_s = 60.0
"""What a process that dies has counted since then is lost."""


async def keep_tallied(tallies: Tallies, store: Store) -> None:
    """Write down what was counted, for as long as it is not cancelled."""

    async def once() -> float:
        await write_down(tallies, store)
        return pause_s

    await kept_up("tallies", once, after_trouble_s=pause_s)


async def write_down(tallies: Tallies, store: Store) -> None:
    """What was counted until now. Raises Unavailable; then it is for the next time."""
    counts = tallies.taken()
    if not counts:
        return
    results = [TlsResult(told.day, told.domain, told.followed.value, told.finding.value, count) for told, count in counts.items()]
    try:
        await store.write(lambda connection: count_tls(connection, results, clock()))
    except Unavailable:
        tallies.give_back(counts)
        raise
