"""When somebody audited, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from relay.store.operator_tables import audits


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit, and how much it found that is not accounted for. `at` in UTC."""

    at: datetime
    findings: int


def made(connection: Connection, at: datetime, findings: int) -> None:
    """Somebody audited."""
    connection.execute(insert(audits).values(at=at, findings=findings))


def last(connection: Connection) -> Audited | None:
    """The last one; None where there was none."""
    row = connection.execute(select(audits).order_by(audits.c.seq.desc()).limit(1)).one_or_none()
    return Audited(row.at, row.findings) if row is not None else None
