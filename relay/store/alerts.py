"""What somebody at the house has to hear of. It is written with what caused it, and told afterwards (GW-54, FAULT-75)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select, text, update

from relay.store.accepting import add_deliveries
from relay.store.booking_tables import bookings
from relay.store.exchange_tables import notifications
from relay.store.rows import Found
from relay.store.tables import IS_UNTOLD, alerts, conversations
from relay.transit.alarm import Alarm, Alert
from relay.transit.delivery import Delivery
from relay.values import ConversationId, MessageId, NotificationId, Role

listed_max: Final = 500


@dataclass(frozen=True, slots=True)
class Came:
    """What an alert came with: a message in a conversation, or mail about a booking. `party` as Alert has it."""

    conversation: ConversationId | None
    party: Role | None
    message: MessageId | None
    notification: NotificationId | None = None


def raised(connection: Connection, alarm: Alarm, came: Came, at: datetime, detail: str = "") -> None:
    """Writes an alert, to be told soon."""
    connection.execute(
        insert(alerts).values(
            at=at,
            kind=alarm.value,
            conversation=came.conversation,
            party=came.party.value if came.party is not None else None,
            message=came.message,
            notification=came.notification,
            detail=detail,
        )
    )


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


def newest(connection: Connection, limit: int = 50, before: int | None = None) -> tuple[Alert, ...]:
    """At most `limit`, the newest first, those before the number `before`."""
    chosen = _WHOLE.order_by(None).order_by(alerts.c.seq.desc()).limit(min(limit, listed_max))
    rows = connection.execute(chosen.where(alerts.c.seq < before) if before is not None else chosen)
    return tuple(_alert(row) for row in rows)


def counted(connection: Connection) -> Mapping[Alarm, int]:
    """How many there have been of each kind."""
    rows = connection.execute(select(alerts.c.kind, func.count().label("times")).group_by(alerts.c.kind))
    found = {Alarm(row.kind): int(row.times) for row in rows}
    return {alarm: found.get(alarm, 0) for alarm in Alarm}


_WHOLE: Final = (
    select(alerts, func.coalesce(conversations.c.reference, bookings.c.reference).label("reference"))
    .select_from(alerts)
    .outerjoin(conversations, conversations.c.id == alerts.c.conversation)
    .outerjoin(notifications, notifications.c.id == alerts.c.notification)
    .outerjoin(bookings, bookings.c.id == notifications.c.booking)
    .order_by(alerts.c.seq)
)


def _alert(row: Found) -> Alert:
    return Alert(
        number=row.seq,
        at=row.at,
        alarm=Alarm(row.kind),
        reference=row.reference,
        party=Role(row.party) if row.party is not None else None,
        message=MessageId(row.message) if row.message is not None else None,
        detail=row.detail,
        told_at=row.told_at,
        notification=NotificationId(row.notification) if row.notification is not None else None,
    )
