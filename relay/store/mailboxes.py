"""The mailboxes behind known addresses: which of them are dead (GW-54).

Only failures count that say that the address will never do (`Failed.is_hard`). An address is dead in every conversation
that it is known in, until somebody resumes one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select, text, update

from relay.store import alerts, timeline
from relay.store.alerts import Came
from relay.store.rows import micros
from relay.store.tables import mailboxes
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.alarm import Alarm
from relay.values import RealAddress

hard_failures_max: Final = 3
"""With so many, an address is dead."""
counted_within: Final = timedelta(days=30)
"""Failures farther apart than this say nothing together: servers have bad days."""


def failed_for_good(connection: Connection, address: RealAddress, came: Came, now: datetime) -> None:
    """Mail to `address`, of the party that `came` names, failed in a way that concerns the address itself; with the third time it
    is dead."""
    counted = {"key": address.key, "now": micros(now), "since": micros(now - counted_within)}
    row = connection.execute(_COUNTED, counted).one()
    if row.hard_failures < hard_failures_max or row.dead_since is not None:
        return
    connection.execute(update(mailboxes).where(mailboxes.c.key == address.key).values(dead_since=now))
    if came.conversation is not None:
        facts: dict[str, Fact] = {"party": came.party.value if came.party is not None else None, "message": came.message}
        if came.notification is not None:
            facts["notification"] = came.notification
        timeline.append(connection, [Draft(came.conversation, Kind.ADDRESS_DEAD, facts)], now)
    alerts.raised(connection, Alarm.ADDRESS_DEAD, came, now)


def first_alive(connection: Connection, addresses: Sequence[RealAddress]) -> RealAddress | None:
    """The first of `addresses` that is not dead; None where each is."""
    dead = dead_among(connection, addresses)
    return next((one for one in addresses if one.key not in dead), None)


def dead_among(connection: Connection, addresses: Iterable[RealAddress]) -> frozenset[str]:
    """The keys of those that are dead, in one question."""
    keys = sorted({one.key for one in addresses})
    chosen = select(mailboxes.c.key).where(mailboxes.c.key.in_(keys), mailboxes.c.dead_since.is_not(None))
    return frozenset(connection.execute(chosen).scalars())


_COUNTED: Final = text(
    """INSERT INTO mailboxes (key, hard_failures, failed_at) VALUES (:key, 1, :now)
       ON CONFLICT (key) DO UPDATE SET failed_at = :now,
         hard_failures = CASE WHEN mailboxes.failed_at < :since THEN 1 ELSE mailboxes.hard_failures + 1 END
       RETURNING hard_failures, dead_since"""
).bindparams(bindparam("key"), bindparam("now"), bindparam("since"))
