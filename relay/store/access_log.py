"""Who of the house looked at what: append-only, the database itself refuses to change an entry (AR-1 access audit)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select

from relay.store import rows
from relay.store.catalogue_tables import person_characters_max
from relay.store.rows import Found
from relay.store.support_tables import access_log
from relay.transit.casework import Access, Looked, object_characters_max, reason_characters_max

repeated_within: Final = timedelta(minutes=5)
"""Looking at the same again within this time is the same look, as chatwoot#13508 has it."""
noted_each_time: Final = frozenset({Looked.REVEAL, Looked.DOWNLOAD, Looked.EXPORT})
listed_max: Final = 200


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looks. The columns are Access's."""

    account: str
    name: str
    what: Looked
    object_: str = field(repr=False)
    case: int | None = None
    reason: str = field(default="", repr=False)


def note(connection: Connection, look: Look, now: datetime) -> bool:
    """Writes that down; False where it is the same look as one of the last minutes."""
    values: dict[str, object] = {
        "account": look.account,
        "what": look.what.value,
        "object": rows.text(look.object_, object_characters_max),
        "case_number": look.case,
        "reason": rows.text(look.reason, reason_characters_max),
    }
    if look.what not in noted_each_time and _is_noted(connection, values, now):
        return False
    connection.execute(insert(access_log).values(at=now, name=rows.text(look.name, person_characters_max), **values))
    return True


def is_noted(connection: Connection, look: Look, now: datetime) -> bool:
    """Whether it is the same look as one of the last minutes: asked first, it costs no transaction that writes."""
    values: dict[str, object] = {
        "account": look.account,
        "what": look.what.value,
        "object": rows.text(look.object_, object_characters_max),
        "case_number": look.case,
        "reason": rows.text(look.reason, reason_characters_max),
    }
    return look.what not in noted_each_time and _is_noted(connection, values, now)


def listed(
    connection: Connection,
    *,
    account: str = "",
    object_: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[Access, ...]:
    """At most `limit` entries, the newest first, those numbered below `before`; [since, until) in UTC."""
    chosen = select(access_log).order_by(access_log.c.seq.desc()).limit(min(limit, listed_max))
    if account:
        chosen = chosen.where(access_log.c.account == account)
    if object_:
        chosen = chosen.where(access_log.c.object == object_)
    if since is not None:
        chosen = chosen.where(access_log.c.at >= since)
    if until is not None:
        chosen = chosen.where(access_log.c.at < until)
    if before is not None:
        chosen = chosen.where(access_log.c.seq < before)
    return tuple(_access(row) for row in connection.execute(chosen))


def _is_noted(connection: Connection, values: dict[str, object], now: datetime) -> bool:
    lately = (
        select(access_log.c.seq)
        .where(
            *(
                access_log.c[name] == value if value is not None else access_log.c[name].is_(None)
                for name, value in values.items()
            ),
            access_log.c.at > now - repeated_within,
        )
        .limit(1)
    )
    return connection.execute(lately).first() is not None


def _access(row: Found) -> Access:
    return Access(row.seq, row.at, row.account, row.name, Looked(row.what), row.object, row.case_number, row.reason)
