"""A booking: where it stands on a few small axes, and the facts about it.

"Contacted", "overdue" and "paid" are facts about a stage and no stages of their own: what was paid the ledger tells, what is
overdue the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, NewType

from relay.booking.catalogue import OfferId, SlotId, VariantId
from relay.booking.offer import DeadlinePolicy, Reach, Rules
from relay.booking.partner import PartnerId, StaffId
from relay.booking.requirement import Requirement
from relay.booking.terms import Terms

BookingId = NewType("BookingId", str)

reason_characters_max: Final = 2000


class Stage(Enum):
    """How far it has come."""

    DRAFT = "draft"
    REQUESTED = "requested"
    COUNTERED = "countered"
    """Other terms were offered; `turn` says who has to answer."""
    AWAITING_PAYMENT = "awaiting payment"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN: Final = frozenset({Stage.REQUESTED, Stage.COUNTERED})
"""Asked for, and not answered to the end."""
CLOSED: Final = frozenset({Stage.COMPLETED, Stage.DECLINED, Stage.WITHDRAWN, Stage.EXPIRED, Stage.CANCELLED})


class Actor(Enum):
    """Who acts: a party, the house, or what acts by itself."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    """The partner's staff who may handle this booking."""
    SUPPORT = "support"
    OPERATOR = "operator"
    """Also the box office, and whoever uses the API for the house."""
    CLOCK = "clock"
    PAYMENTS = "payments"
    """The payment provider, by its signed messages."""


class HoldKind(Enum):
    """Why a place is kept (ST-20)."""

    CHECKOUT = "checkout"
    RESERVATION = "reservation"
    OPTION = "option"


class Keeping(Enum):
    """What became of the place."""

    HELD = "held"
    CONVERTED = "converted"
    """Sold."""
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Hold:
    """A place of the capacity; `until` in UTC, None where the clock takes nothing away."""

    kind: HoldKind
    keeping: Keeping
    until: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it lowers what others can book (ST-4)."""
        return self.keeping is not Keeping.RELEASED


class RequiredAction(Enum):
    """What the customer has to do before they go: sign a contract, hand in data (SV-2..4)."""

    NONE = "none"
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking, as of `version`: each step makes the next, and two from the same version cannot both be. Times in UTC.

    Who the customer is, is not in it: their address and name are kept apart, where they can be erased.
    """

    id: BookingId
    reference: str
    partner: PartnerId
    offer: OfferId
    variant: VariantId
    stage: Stage
    terms: Terms
    created_at: datetime
    reach: Reach = field(default_factory=Reach)
    """For whom and where it was made (ST-5, ST-16)."""
    slot: SlotId | None = None
    """None for goods without a date, and for a date of the customer's own (SL-3)."""
    assignee: StaffId | None = None
    """None: anybody of the team (OR-27)."""
    version: int = 1
    turn: Actor | None = None
    """Who has to answer the terms, while they are countered."""
    hold: Hold | None = None
    action: RequiredAction = RequiredAction.NONE
    requirement: Requirement | None = None
    """As the offer had it when this was made (SV-12)."""
    action_at: datetime | None = None
    """When it was last set done or open, and by whom (SV-4)."""
    action_by: str = ""
    deadline: datetime | None = None
    """Until when it is to be paid."""
    contacted_at: datetime | None = None
    contacted_by: str = ""
    seen_at: datetime | None = None
    """When somebody of the partner's first looked at it (OR-20)."""
    release_blocked: bool = False
    """Never released, by the clock or in bulk, until it is unblocked (ST-B4)."""
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    redeemed_at: datetime | None = None
    no_show: bool = False
    valid_until: datetime | None = None
    """Until when goods and vouchers can be had (SV-B2)."""
    reason: str = ""
    """Why it was declined, withdrawn or cancelled, as written (OR-37)."""
    parent: BookingId | None = None
    """That of which it was asked again (T18)."""
    composite: str = ""
    """Names those that are held and released together, one for all (T16); empty where it stands alone."""

    @property
    def has_room(self) -> bool:
        """Whether it has a place already."""
        return self.hold is not None and self.hold.counts

    def has_begun(self, now: datetime) -> bool:
        """From the start instant on (OR-34). Goods without a date never begin."""
        return self.terms.occasion is not None and now >= self.terms.occasion.starts_at

    def is_over(self, now: datetime) -> bool:
        """From the end of what was booked on."""
        return self.terms.occasion is not None and now >= self.terms.occasion.ends_at

    def is_overdue(self, now: datetime) -> bool:
        """Not paid in time, and its place kept all the same: no stage, for it may still be paid (ST-22)."""
        return self.stage is Stage.AWAITING_PAYMENT and self.deadline is not None and now >= self.deadline

    def may_be_released(self, rules: Rules, now: datetime) -> bool:
        """Whether the clock takes its place away: firm, and past the margin (ST-21, ST-23)."""
        if self.deadline is None or rules.deadline_policy is not DeadlinePolicy.FIRM or self.release_blocked:
            return False
        return now >= self.deadline + rules.margin
