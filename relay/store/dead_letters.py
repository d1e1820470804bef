"""Deliveries that failed for good, and whether anybody was told (GW-51, GW-53)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, select, text

from relay.store.tables import IS_FAILED, attempts, deliveries

counted_max: Final = 1_000
listed_max: Final = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One delivery that failed. `untold` is why nobody was told; `cause` and `ended_at` are of its last attempt. Times in UTC."""

    id: str
    message: str | None
    carries: str
    accepted_at: datetime
    ended_at: datetime | None
    attempts: int
    cause: str | None
    last_code: int | None
    untold: str


def listed(connection: Connection, limit: int, after: str | None = None, *, untold: bool = False) -> Sequence[DeadLetter]:
    """The newest first, those before `after`; `untold`: only those of which nobody could be told."""
    chosen = select(_d.id, _d.message, _d.carries, _d.accepted_at, _d.attempts, _d.last_code, _d.untold).where(_IS_FAILED)
    if after is not None:
        chosen = chosen.where(_d.id < after)
    if untold:
        chosen = chosen.where(_d.untold != "")
    rows = connection.execute(chosen.order_by(_d.id.desc()).limit(min(limit, listed_max))).all()
    ids = [row.id for row in rows]
    last = select(func.max(attempts.c.seq)).where(attempts.c.delivery.in_(ids)).group_by(attempts.c.delivery)
    ends = {
        row.delivery: row
        for row in connection.execute(
            select(attempts.c.delivery, attempts.c.at, attempts.c.cause).where(attempts.c.seq.in_(last))
        )
    }
    return [
        DeadLetter(
            id=row.id,
            message=row.message,
            carries=row.carries,
            accepted_at=row.accepted_at,
            ended_at=ends[row.id].at if row.id in ends else None,
            attempts=row.attempts,
            cause=ends[row.id].cause if row.id in ends else None,
            last_code=row.last_code,
            untold=row.untold,
        )
        for row in rows
    ]


def counted(connection: Connection, since: datetime) -> tuple[int, int]:
    """How many failed of what was accepted since, and of how many of these nobody was told; at most `counted_max`."""
    newest = select(_d.accepted_at, _d.untold).where(_IS_FAILED).order_by(_d.id.desc()).limit(counted_max).subquery()
    late = newest.c.accepted_at >= since
    row = connection.execute(
        select(
            func.count().filter(late).label("failed"), func.count().filter(and_(late, newest.c.untold != "")).label("untold")
        ).select_from(newest)
    ).one()
    return row.failed, row.untold


_d: Final = deliveries.c
_IS_FAILED: Final = text(f"{deliveries.name}.{IS_FAILED}")
