"""A booking: where it stands on a few small axes, and the facts about it.

"Contacted", "overdue" and "paid" are facts about a stage and no stages of their own: what was paid the ledger tells, what is
overdue the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NewType
from zoneinfo import ZoneInfo

from relay.booking.catalogue import OfferId, VariantId
from relay.booking.ledger import Account
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Reach, Redeem, Rules
from relay.booking.partner import PartnerId, StaffId
from relay.booking.requirement import Requirement
from relay.booking.terms import SlotId, Terms

BookingId = NewType("BookingId", str)

reason_characters_max: Final = 2000


_REDEEMED_AFTER: Final = {Redeem.FIRST_DAY: timedelta(), Redeem.DAY_AFTER: timedelta(days=1)}


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
PAYABLE: Final = frozenset({Stage.AWAITING_PAYMENT, Stage.CONFIRMED, Stage.COMPLETED})
"""What is outstanding can be paid: also after it was confirmed, and had (SL-16)."""


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


class Cause(Enum):
    """Why a partner cancels (GY-B2)."""

    OPERATIONAL = "operational"
    FORCE_MAJEURE = "force majeure"
    """Weather, strikes: whatever befell everybody there."""
    ISOLATED = "isolated force majeure"
    """It befell the partner alone, who has to say what."""
    CUSTOMER_ASKED = "customer asked, to be refunded"
    CUSTOMER_ASKED_BY_POLICY = "customer asked, refunded by the policy"
    """The partner does not agree to give more back than the terms say."""


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
    """`places` of the capacity of `slot`, None where that is not counted; `until` in UTC, None where it has no end."""

    kind: HoldKind
    keeping: Keeping
    until: datetime | None = None
    slot: SlotId | None = None
    places: int = 1

    @property
    def counts(self) -> bool:
        """Whether it lowers what others can book (ST-4)."""
        return self.keeping is not Keeping.RELEASED


class Relay(Enum):
    """The axis of the conversation: whether the two may write to each other."""

    MINTED = "minted"
    """Both have their alias; nothing passes yet (GY-6)."""
    OPEN = "open"
    CLOSED = "closed"


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
    since: datetime
    """When it came to its stage, or other terms were offered: from then on somebody is waited for."""
    zone: ZoneInfo
    """Of the activity, whether it has a date or not."""
    reach: Reach = field(default_factory=Reach)
    """For whom and where it was made (ST-5, ST-16)."""
    assignee: StaffId | None = None
    """None: anybody of the team (OR-27)."""
    version: int = 1
    turn: Actor | None = None
    """Who has to answer the terms while they are countered, or the change that is proposed."""
    terms_made: int = 1
    """How many versions of terms there were; the next that somebody offers is one more, whatever became of the last."""
    proposal: Terms | None = None
    """Other terms for what is confirmed, until the other side has answered (T20)."""
    relay: Relay = Relay.MINTED
    relay_until: datetime | None = None
    """Until when they may write, once they may (GY-15)."""
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
    redemption_undone: bool = False
    """It counted as redeemed, wrongly: from then on it does not do so by itself any more (SV-B2)."""
    no_show: bool = False
    valid_until: datetime | None = None
    """Until when goods and vouchers can be had (SV-B2)."""
    cause: Cause | None = None
    """Why a partner cancelled it (GY-B2)."""
    erased_at: datetime | None = None
    """When what the people wrote was taken out of it (T26)."""
    reason: str = ""
    """Why it was declined, withdrawn or cancelled, as written (OR-37)."""
    parent: BookingId | None = None
    """That of which it was asked again (T18)."""
    composite: str = ""
    """Names those that are held and released together, one for all (T16); empty where it stands alone."""

    @property
    def slot(self) -> SlotId | None:
        return self.terms.slot

    @property
    def terms_in_question(self) -> Terms:
        """Those that somebody has to answer: the change that is proposed, else what was asked for, offered or agreed."""
        return self.proposal or self.terms

    @property
    def has_room(self) -> bool:
        """Whether what its terms need of the capacity is theirs already."""
        held = self.hold
        if held is None or not held.counts:
            return False
        return held.slot == self.terms.slot and held.places >= self.terms.participants

    @property
    def is_checkout(self) -> bool:
        """Whether its place is kept for the minutes of paying alone (T3)."""
        return self.hold is not None and self.hold.kind is HoldKind.CHECKOUT

    @property
    def action_due(self) -> datetime | None:
        """Until when the required action is to be done, in UTC; None without one, and without a date (SV-13)."""
        occasion = self.terms.occasion
        return (
            self.requirement.due(occasion.starts_at if occasion is not None else None) if self.requirement is not None else None
        )

    def has_begun(self, now: datetime) -> bool:
        """From the start instant on (OR-34). Goods without a date never begin."""
        return self.terms.occasion is not None and now >= self.terms.occasion.starts_at

    def is_over(self, now: datetime) -> bool:
        """From the end of what was booked on."""
        return self.terms.occasion is not None and now >= self.terms.occasion.ends_at

    def is_overdue(self, now: datetime) -> bool:
        """Not paid in time, and its place kept all the same: no stage, for it may still be paid (ST-22)."""
        return self.stage is Stage.AWAITING_PAYMENT and self.deadline is not None and now >= self.deadline

    def released_at(self, rules: Rules) -> datetime | None:
        """When the clock takes its place away, in UTC: firm deadlines with their margin, a checkout without one (T3, T16).

        None where it never does; a block beats it, and so does a payment that is under way (ST-B4).
        """
        if self.stage is not Stage.AWAITING_PAYMENT or self.deadline is None:
            return None
        if self.is_checkout:
            return self.deadline
        return self.deadline + rules.margin if rules.deadline_policy is DeadlinePolicy.FIRM else None

    def lapses_at(self, rules: Rules) -> datetime | None:
        """When it expires without an answer, in UTC: at the end of what it may wait, or when it begins (T17, OR-34).

        What was offered with a date waits until then, everything else for the time to live of the offer's rules, from its last
        change on. None where it waits for ever: goods without a date.
        """
        if self.stage not in OPEN:
            return None
        ends = self.terms.valid_until
        if ends is None and rules.request_for is not None:
            ends = self.since + rules.request_for
        starts = self.terms.occasion.starts_at if self.terms.occasion is not None else None
        return min((one for one in (ends, starts) if one is not None), default=None)

    def redeems_at(self, rules: Rules) -> datetime | None:
        """When it counts as redeemed by itself, in UTC (SV-B1). None where it waits for its code, and without a date."""
        if self.redemption_undone:
            return None
        occasion, after = self.terms.occasion, _REDEEMED_AFTER.get(rules.redeem)
        return occasion.starts_at + after if occasion is not None and after is not None else None

    def paid_in(self, account: Account) -> Money:
        """What of the `account` counts towards the total of the terms.

        Until it is confirmed that is what is left of what came in, for nobody gets a place for money that went back to them
        (SL-18); afterwards all that came in, for what is given back of something confirmed is not due again.
        """
        return account.captured if self.confirmed_at is not None else account.refundable

    def activity_end(self, rules: Rules) -> datetime:
        """From when the days count after which the conversation closes, in UTC (GY-15).

        The end of what was booked, or when it was cancelled, whichever is first; for goods, when they were had, else the end of
        their validity, else a while after they were bought.
        """
        occasion = self.terms.occasion
        undated = self.redeemed_at or self.valid_until or (self.confirmed_at or self.created_at) + rules.undated_for
        ends = occasion.ends_at if occasion is not None else undated
        return ends if self.cancelled_at is None else min(ends, self.cancelled_at)
