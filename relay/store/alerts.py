"""What somebody at the house has to hear of. It is written with what caused it, and told afterwards (GW-54, FAULT-75)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select, text, update

from relay.store.accepting import add_deliveries
from relay.store.rows import Found
from relay.store.tables import IS_UNTOLD, alerts, conversations
from relay.transit.alarm import Alarm, Alert
from relay.transit.delivery import Delivery
from relay.values import ConversationId, MessageId, Role

listed_max: Final = 500


def raised(
    connection: Connection,
    alarm: Alarm,
    conversation: ConversationId,
    party: Role,
    message: MessageId,
    at: datetime,
    detail: str = "",
) -> None:
    """Writes an alert, to be told soon."""
    values = {"at": at, "kind": alarm.value, "conversation": conversation, "party": party.value, "message": message}
    connection.execute(insert(alerts).values(**values, detail=detail))


def untold(connection: Connection, limit: int) -> tuple[Alert, ...]:
    """At most `limit` of those that nobody was told, the oldest first."""
    rows = connection.execute(_WHOLE.where(text(f"{alerts.name}.{IS_UNTOLD}")).limit(limit))
    return tuple(_alert(row) for row in rows)


def told(connection: Connection, numbers: Collection[int], letters: Collection[Delivery], at: datetime) -> bool:
    """The operators are being told by `letters`, due at once. False, and nothing changes, when another node was quicker."""
    mine = update(alerts).where(alerts.c.seq.in_(numbers), text(IS_UNTOLD)).values(told_at=at)
    if connection.execute(mine).rowcount != len(set(numbers)):
        return False
    add_deliveries(connection, letters, None, at)
    return True


def listed(connection: Connection, limit: int = 50, after: int = 0) -> tuple[Alert, ...]:
    """At most `limit`, the oldest first, those after the number `after`: who asks from time to time misses none."""
    rows = connection.execute(_WHOLE.where(alerts.c.seq > after).limit(min(limit, listed_max)))
    return tuple(_alert(row) for row in rows)


def counted(connection: Connection) -> Mapping[Alarm, int]:
    """How many there have been of each kind."""
    rows = connection.execute(select(alerts.c.kind, func.count().label("times")).group_by(alerts.c.kind))
    found = {Alarm(row.kind): int(row.times) for row in rows}
    return {alarm: found.get(alarm, 0) for alarm in Alarm}


_WHOLE: Final = (
    select(alerts, conversations.c.reference)
    .join_from(alerts, conversations, conversations.c.id == alerts.c.conversation)
    .order_by(alerts.c.seq)
)


def _alert(row: Found) -> Alert:
    return Alert(
        number=row.seq,
        at=row.at,
        alarm=Alarm(row.kind),
        reference=row.reference,
        party=Role(row.party),
        message=MessageId(row.message),
        detail=row.detail,
        told_at=row.told_at,
    )
