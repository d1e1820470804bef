"""The mails about a booking, each with whom it is for (booking.md, "Notification catalogue")."""

from __future__ import annotations

from enum import Enum


class To(Enum):
    """Whom a notification is for."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    OPERATOR = "operator"


class Notification(Enum):
    """The catalogue's numbers and what each says."""

    NEW_REQUEST = "N1"
    REQUEST_RECEIVED = "N2"
    RESERVED = "N3"
    PARTNER_WRITES = "N4"
    """To the customer; and what they answer, to the partner."""
    COUNTER_OFFER = "N5"
    PLEASE_PAY = "N6"
    DECLINED = "N7"
    WITHDRAWN = "N8"
    BOOKED = "N9"
    ACCEPTANCE_WITHDRAWN = "N10"
    BOOKED_AND_PAID = "N11"
    PAYMENT_FAILED = "N12"
    PAID_TOO_LATE = "N13"
    TERM_EXTENDED = "N14"
    RELEASED = "N15"
    REQUEST_EXPIRED = "N16"
    RESCHEDULED = "N17"
    ACTION_CHANGED = "N18"
    CANCELLED = "N19"
    REFERRED_TO_PARTNER = "N20"
    REFUND_SENT = "N21"
    REFUND_FAILED = "N22"
    COMPLETED = "N23"
    CONVERSATION_CLOSED = "N24"
    REQUEST_UNANSWERED = "N25"
    UNPAID = "N26"
    ACTION_OPEN = "N27"
