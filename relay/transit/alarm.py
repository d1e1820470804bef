"""What somebody at the house has to hear of: support, and the operators (GW-54, FAULT-75, FAULT-101)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from relay.values import MessageId, NotificationId, Role


class Alarm(Enum):
    """Each is told to the operators by mail, and stands in the log, the figures and the API."""

    ADDRESS_DEAD = "address_dead"
    """Mail to an address of a party failed for good several times; none goes there any more."""
    COMPLAINT = "complaint"
    """A party reported mail of the conversation as abuse; none goes to them until it is resumed."""
    NOTICE_FAILED = "notice_failed"
    """A writer could not be told what became of their message: where a bounce of a bounce ends."""
    QUESTION_FAILED = "question_failed"
    """A party could not be asked whether a message is theirs, which waits for their answer (GW-6)."""
    NOTIFICATION_FAILED = "notification_failed"
    """Mail about a booking could not be delivered: whoever it was for does not know what it says (GW-54)."""
    NOTIFICATION_PARKED = "notification_parked"
    """Mail about a booking could not be written, or nobody is reached; it waits for a person."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alarm. `party` is whose address it is, who complained, or who could not be told; None where that are the operators.

    It came with `message`, or with `notification`, mail about a booking. `number` grows with each. `detail` says more in a word
    or two, never an address. `at`, and `told_at`, when the operators were told, in UTC.
    """

    number: int
    at: datetime
    alarm: Alarm
    reference: str
    party: Role | None
    message: MessageId | None
    detail: str
    told_at: datetime | None
    notification: NotificationId | None = None
