"""Which workers are at work, so that what one of them held when it died is soon another's (invariants 4 and 8).

Each worker counts its beats in a row of its own. The others watch the count and measure its silence by clocks of their own: no
two clocks are ever compared, so neither a clock that is wrong nor one that jumps makes anybody look dead (FAULT-99).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from relay.store.claims import release_claims
from relay.store.tables import workers


def beat(connection: Connection, worker: str) -> bool:
    """One more sign of life of `worker`. False: it is its first, or it had been taken for dead and its claims are others' now."""
    counted = update(workers).where(workers.c.name == worker).values(beat=workers.c.beat + 1)
    if connection.execute(counted).rowcount:
        return True
    connection.execute(insert(workers).values(name=worker, beat=1))
    return False


def beats(connection: Connection) -> dict[str, int]:
    """The count of every worker that is at work, or died without taking leave."""
    return {row.name: row.beat for row in connection.execute(select(workers.c.name, workers.c.beat))}


def bury(connection: Connection, worker: str, beat: int, now: datetime) -> int | None:
    """Takes `worker` for dead: what it had claimed is due at once, and how many that was. None, and nothing changes, when it has
    given a sign of life since its count was `beat`, or somebody else was quicker."""
    silent = delete(workers).where(workers.c.name == worker, workers.c.beat == beat)
    if not connection.execute(silent).rowcount:
        return None
    return release_claims(connection, worker, now)


def leave(connection: Connection, worker: str, now: datetime) -> int:
    """`worker` ends: what it could not give back by itself is due at once, and how many that was."""
    connection.execute(delete(workers).where(workers.c.name == worker))
    return release_claims(connection, worker, now)
