"""How an offer or one of its variants is booked: the switches that tell one marketplace's rules from another's.

An organisation's defaults are `Rules` like an offer's; where systems contradict each other, the difference is a field here, with
the default that suits most (booking.md, "Where the sources contradict each other").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from relay.booking.cancellation import Policy
from relay.booking.deadlines import Term


class Mode(Enum):
    """How a booking begins."""

    INSTANT = "instant"
    ON_REQUEST = "on request"
    """The customer asks, the partner's staff say whether they can (OR-1, OR-2)."""
    CUSTOM_REQUEST = "custom request"
    """The customer asks for something made for them; both may counter (SL-1..7)."""
    RESERVE = "reserve"
    """Reserved now, paid later (ST-1, ST-2)."""
    VOUCHER = "voucher"


class Pay(Enum):
    """When money is due (OR-B2)."""

    BEFORE_CONFIRMATION = "before confirmation"
    """No booking without payment (SL-18)."""
    AFTER_CONFIRMATION = "after confirmation"
    ON_SITE = "on site"


class DeadlinePolicy(Enum):
    """What the clock does to what is not paid in time (SL-21, ST-21)."""

    NONE = "none"
    FLEXIBLE = "flexible"
    """An operator decides."""
    FIRM = "firm"


class PaidCancellation(Enum):
    """Whether a partner may cancel what was paid (SL-26, SL-B3, SV-B3)."""

    WITH_REFUND = "with refund"
    REFUND_ONLY = "refund only"
    SUPPORT_ONLY = "support only"


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of one offer or variant."""

    mode: Mode
    pay: Pay = Pay.BEFORE_CONFIRMATION
    deadline_policy: DeadlinePolicy = DeadlinePolicy.NONE
    term: Term = field(default_factory=Term)
    margin: timedelta = timedelta()
    """What a reservation is left beyond its deadline before the clock releases it (ST-23)."""
    checkout_for: timedelta = timedelta(minutes=30)
    """How long a place is held for somebody who is paying (T3)."""
    request_for: timedelta | None = None
    """How long a request waits for an answer, if not until it starts (T17)."""
    request_holds: bool = False
    """Whether a request takes a place already (ST-4); accepting looks again either way."""
    customer_may_counter: bool = True
    decline_needs_reason: bool = False
    cancellation: Policy = field(default_factory=Policy)
    customer_cancels: bool = True
    paid_cancellation: PaidCancellation = PaidCancellation.WITH_REFUND
    may_be_reinstated: bool = False
    """Whether an operator may take an expired reservation up again (T19); reservations alone."""
