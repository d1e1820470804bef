"""What domains demand of the hosts that take their mail, and how sessions with those were protected (RFC 8461, RFC 8460)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, text

from relay.store.rows import in_one, micros
from relay.store.tables import policy_characters_max, tls_results, transport_policies

results_kept: Final = timedelta(days=30)
policies_kept: Final = timedelta(days=366)
"""No policy holds for longer."""


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy as a domain published it, the id with which it was announced, and when it was fetched."""

    id: str
    content: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class TlsResult:
    """So many sessions with the hosts of a domain on a day (UTC), under a policy, came to the same."""

    day: date
    domain: str
    followed: str
    finding: str
    sessions: int


def policy_of(connection: Connection, domain: str) -> KeptPolicy | None:
    """What is remembered of `domain`, however old."""
    row = connection.execute(select(transport_policies).where(transport_policies.c.domain == domain)).one_or_none()
    return KeptPolicy(row.id, row.content, row.fetched_at) if row is not None else None


def keep_policy(connection: Connection, domain: str, announced: str, content: str, now: datetime) -> None:
    """Remember what was fetched `now`, in the place of what was, and forget what has run out for long."""
    connection.execute(delete(transport_policies).where(transport_policies.c.fetched_at < now - policies_kept))
    values = {"domain": domain, "id": announced, "content": content[:policy_characters_max], "at": micros(now)}
    connection.execute(_KEEP, values)


def count_tls(connection: Connection, results: Sequence[TlsResult], now: datetime) -> None:
    """Add to what was counted, in one statement, and forget what was counted long ago. `results` differ not in number alone.

    In their order, always the same: two nodes that count the same must not wait for one another crosswise.
    """
    connection.execute(delete(tls_results).where(tls_results.c.day < (now - results_kept).date().isoformat()))
    rows = sorted((one.day.isoformat(), one.domain, one.followed, one.finding, one.sessions) for one in results)
    in_one(connection, "INSERT INTO tls_results (day, domain, followed, finding, sessions)", rows, _COUNTED)


def tls_counted(connection: Connection, since: date) -> tuple[TlsResult, ...]:
    """What was counted since a day, the newest first, then by domain."""
    chosen = select(tls_results).where(tls_results.c.day >= since.isoformat())
    ordered = chosen.order_by(tls_results.c.day.desc(), tls_results.c.domain, tls_results.c.followed, tls_results.c.finding)
    return tuple(
        TlsResult(date.fromisoformat(row.day), row.domain, row.followed, row.finding, row.sessions)
        for row in connection.execute(ordered)
    )


_KEEP: Final = text(
    "INSERT INTO transport_policies (domain, id, content, fetched_at) VALUES (:domain, :id, :content, :at)"
    " ON CONFLICT (domain) DO UPDATE SET id = excluded.id, content = excluded.content, fetched_at = excluded.fetched_at"
)
_COUNTED: Final = "ON CONFLICT (day, domain, followed, finding) DO UPDATE SET sessions = tls_results.sessions + excluded.sessions"
