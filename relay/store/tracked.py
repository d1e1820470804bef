"""A delivery as operators see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from relay.store.rows import Found
from relay.store.tables import State, deliveries, passages
from relay.transit.delivery import Carries
from relay.values import ConversationId, DeliveryId, MessageId, RealAddress, Role


@dataclass(frozen=True, slots=True)
class Tracked:
    """One delivery without its content, as operators see it; `recipient` prints masked, `last_text` is the receiver's reply.

    `message` is the one it is about, `writer` who wrote that: None for mail to the operators, and mail about a booking.
    """

    id: DeliveryId
    message: MessageId | None
    passage: int | None
    conversation: ConversationId | None
    writer: Role | None
    carries: Carries
    state: State
    return_path: str = field(repr=False)
    recipient: RealAddress
    domain: str = field(repr=False)
    due_at: datetime
    attempts: int
    accepted_at: datetime
    delay_told: bool
    in_doubt: bool
    last_code: int | None
    last_text: str | None = field(repr=False)
    claimed_by: str | None


TRACKED: Final = (
    select(
        *(column for column in deliveries.c if column.name not in {"content", "failure_notice", "untold"}),
        passages.c.writer,
    )
    .select_from(deliveries)
    .outerjoin(
        passages,
        (passages.c.message == deliveries.c.message) & (passages.c.ordinal == func.coalesce(deliveries.c.passage, 0)),
    )
)
"""What `as_tracked` reads."""


def as_tracked(row: Found) -> Tracked:
    """A row of `TRACKED` as a value."""
    return Tracked(
        id=DeliveryId(row.id),
        message=MessageId(row.message) if row.message is not None else None,
        passage=row.passage,
        conversation=ConversationId(row.conversation) if row.conversation is not None else None,
        writer=Role(row.writer) if row.writer is not None else None,
        carries=Carries(row.carries),
        state=State(row.state),
        return_path=row.return_path,
        recipient=RealAddress(row.recipient),
        domain=row.domain,
        due_at=row.due_at,
        attempts=row.attempts,
        accepted_at=row.accepted_at,
        delay_told=row.delay_told,
        in_doubt=row.in_doubt,
        last_code=row.last_code,
        last_text=row.last_text,
        claimed_by=row.claimed_by,
    )
