"""What a delivery was about: what a notice about it has to say, and to whom it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.booking.notification import To
from relay.conversation import Conversation
from relay.store import blobs
from relay.store.accepting import notices_since
from relay.store.conversations import by_id
from relay.store.exchange_tables import notifications
from relay.store.tables import deliveries, messages, passages, texts
from relay.transit.delivery import Carries
from relay.values import ConversationId, DeliveryId, MessageId, MsgId, Role


@dataclass(frozen=True, slots=True)
class About:
    """The message that a delivery carries. `received_at` in UTC."""

    message: MessageId
    conversation: Conversation
    writer: Role
    carries: Carries
    subject: str = field(repr=False)
    original_id: MsgId | None
    received_at: datetime
    return_path: str = field(repr=False)
    content: bytes = field(repr=False)
    """As received."""
    notices_today: int
    """Notices to the writer about this conversation in the 24 hours before."""


def about(connection: Connection, delivery: DeliveryId, now: datetime) -> About | None:
    """What `delivery` is about, at `now`; None when there is no such delivery, or it belongs to no conversation."""
    row = connection.execute(_ABOUT, {"delivery": delivery}).one_or_none()
    if row is None:
        return None
    conversation = by_id(connection, ConversationId(row.conversation))
    writer = conversation.party(Role(row.writer)).mailbox
    return About(
        message=MessageId(row.id),
        conversation=conversation,
        writer=Role(row.writer),
        carries=Carries(row.carries),
        subject=row.subject,
        original_id=MsgId(row.original_id) if row.original_id is not None else None,
        received_at=row.received_at,
        return_path=row.return_path,
        content=blobs.read(connection, {row.raw})[row.raw],
        notices_today=notices_since(connection, conversation.id, writer, now - timedelta(days=1)),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """To whom a delivery went: `reader` is None for the operators. `reports` counts the mail that came to its return path."""

    conversation: Conversation | None
    reader: Role | None
    carries: Carries
    reports: int


def sent(connection: Connection, delivery: DeliveryId) -> Sent | None:
    """To whom `delivery` went; None when there is no such one, or nothing but the operators' own mail."""
    row = connection.execute(_SENT, {"delivery": delivery}).one_or_none()
    if row is None:
        return None
    carries = Carries(row.carries)
    if carries is Carries.NOTIFICATION:
        reader = Role(row.addressee) if row.addressee != To.OPERATOR.value else None
    elif row.writer is not None:
        reader = Role(row.writer) if carries.is_to_writer else Role(row.writer).other
    else:
        return None
    conversation = by_id(connection, ConversationId(row.conversation)) if row.conversation is not None else None
    return Sent(conversation, reader, carries, row.reports)


def sent_as(connection: Connection, ids: Sequence[MsgId]) -> tuple[DeliveryId, ...]:
    """The deliveries of the renditions whose Message-IDs are among `ids`."""
    named = select(deliveries.c.id).join(
        passages, (passages.c.message == deliveries.c.message) & (passages.c.ordinal == deliveries.c.passage)
    )
    chosen = named.where(passages.c.rendition_id.in_(ids), deliveries.c.carries == Carries.RENDITION.value)
    return tuple(DeliveryId(one) for one in connection.execute(chosen.order_by(deliveries.c.id)).scalars())


_SENT: Final = (
    select(deliveries.c.conversation, deliveries.c.carries, deliveries.c.reports, passages.c.writer, notifications.c.addressee)
    .select_from(deliveries)
    .outerjoin(passages, (passages.c.message == deliveries.c.message) & (passages.c.ordinal == deliveries.c.passage))
    .outerjoin(notifications, notifications.c.delivery == deliveries.c.id)
    .where(deliveries.c.id == bindparam("delivery"))
)
_ABOUT: Final = (
    select(
        messages.c.id,
        messages.c.received_at,
        messages.c.original_id,
        messages.c.return_path,
        messages.c.raw,
        passages.c.conversation,
        passages.c.writer,
        deliveries.c.carries,
        texts.c.subject,
    )
    .select_from(deliveries)
    .join(messages, messages.c.id == deliveries.c.message)
    .join(passages, (passages.c.message == deliveries.c.message) & (passages.c.ordinal == deliveries.c.passage))
    .join(texts, texts.c.message == deliveries.c.message)
    .where(deliveries.c.id == bindparam("delivery"))
)
