"""An answer by mail about a booking: what its writer wants by it, when that is carried out, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NewType
from zoneinfo import ZoneInfo

from relay.booking.booking import BookingId, Stage
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.booking.terms import Occasion
from relay.conversation import Conversation
from relay.values import MessageId, Role

AnswerId = NewType("AnswerId", str)

undone_within: Final = timedelta(minutes=15)
"""For so long an answer that acts can be taken back; it is carried out afterwards, so that nobody is told "yes" and then "no"."""

ROLES: Final = {To.PARTNER: Role.PARTNER, To.CUSTOMER: Role.CUSTOMER}
WRITES: Final = {To.PARTNER: Act.CONTACT, To.CUSTOMER: Act.WRITE_BACK}
"""The act of whoever only says something to the other side."""


class Ended(Enum):
    """How it ended."""

    DONE = "done"
    UNDONE = "undone"
    """Its writer took it back in time."""
    REFUSED = "refused"
    """It was not possible any more; its writer was told."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What is known of the booking at whose address a mail came. `to` is the party whose answers come there.

    `can` is what that party may do now, `terms_version` that of the terms that are talked of, `uid` the name of the calendar
    entry; `zone` is the activity's.
    """

    booking: BookingId
    to: To
    conversation: Conversation
    stage: Stage
    can: tuple[Act, ...]
    terms_version: int
    occasion: Occasion | None
    uid: str
    zone: ZoneInfo

    @property
    def role(self) -> Role:
        return ROLES[self.to]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the message `message` says, to be carried out at `due_at`. `undo` is the digest of the secret that takes it back."""

    id: AnswerId
    booking: BookingId
    to: To
    message: MessageId
    act: Act
    text: str = field(repr=False)
    occasion: Occasion | None
    terms_version: int
    received_at: datetime
    due_at: datetime
    undo: bytes | None = field(default=None, repr=False)

    @property
    def is_message(self) -> bool:
        """Whether it only says something to the other side."""
        return self.act in WRITES.values()


def due(act: Act, received_at: datetime, begins_at: datetime | None) -> datetime:
    """When it is carried out: a message at once; what acts when it can be taken back no more, or at once where the booking would
    begin before, for then it would be too late (OR-34)."""
    later = received_at + undone_within
    if act in WRITES.values() or (begins_at is not None and begins_at <= later):
        return received_at
    return later
