"""How an offer or one of its variants is booked: the switches that tell one marketplace's rules from another's.

An organisation's defaults are `Rules` like an offer's; where systems contradict each other, the difference is a field here, with
the default that suits most (booking.md, "Where the sources contradict each other").
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import Enum
from itertools import product
from typing import Final

from relay.booking.cancellation import Policy
from relay.booking.deadlines import Term

span_max: Final = timedelta(days=3650)
"""No margin, lead time or patience is longer."""


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


class Redeem(Enum):
    """When what was bought counts as had (SV-B1)."""

    BY_CODE = "by code"
    """When the partner reads its code, or at the end of its date."""
    FIRST_DAY = "first day"
    """By itself, when it begins: travel."""
    DAY_AFTER = "day after"
    """By itself, 24 hours after it began: local services."""


class Audience(Enum):
    """Who books (ST-1, ST-5)."""

    PUBLIC = "public"
    GROUP = "group"
    BUSINESS = "business"
    """Agencies and other resellers (ST-19)."""


class Channel(Enum):
    """Where it is booked (ST-5, ST-16)."""

    ONLINE = "online"
    BOX_OFFICE = "box office"
    PHONE = "phone"
    API = "api"


@dataclass(frozen=True, slots=True)
class Reach:
    """One audience at one point of sale."""

    audience: Audience = Audience.PUBLIC
    channel: Channel = Channel.ONLINE


EVERYBODY: Final = tuple(Reach(audience, channel) for audience, channel in product(Audience, Channel))


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of one offer or variant. Raises ValueError for a span of time below zero, or beyond ten years."""

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
    reservable: tuple[Reach, ...] = EVERYBODY
    """Which audiences may reserve where (ST-5); reservations alone."""
    lead_time: timedelta = timedelta()
    """How long before it starts it can be booked at the latest (SV-B5)."""
    horizon: timedelta | None = None
    """How long before it starts it can be booked at the earliest (SV-B5)."""
    pause: timedelta = timedelta()
    """What has to lie between two slots of a variant (SV-B5)."""
    redeem: Redeem = Redeem.BY_CODE
    write_for: timedelta = timedelta(days=7)
    """How long after the activity the parties may write (GY-15)."""
    undated_for: timedelta = timedelta(days=365)
    """How long goods without an end of their validity count as under way."""
    kept_for: timedelta = timedelta(days=3 * 365)
    """How long after its end a booking is kept with what people wrote in it (T26)."""

    def __post_init__(self) -> None:
        for one in fields(self):
            span = getattr(self, one.name)
            if isinstance(span, timedelta) and not timedelta() <= span <= span_max:
                raise ValueError(f"{one.name.replace('_', ' ')}: 0 to {span_max.days} days are needed")


@dataclass(frozen=True, slots=True)
class Switches:
    """What one level says of `Rules`: None where it leaves that to the level above, variant over offer over house."""

    mode: Mode | None = None
    pay: Pay | None = None
    deadline_policy: DeadlinePolicy | None = None
    term: Term | None = None
    margin: timedelta | None = None
    checkout_for: timedelta | None = None
    request_for: timedelta | None = None
    request_holds: bool | None = None
    customer_may_counter: bool | None = None
    decline_needs_reason: bool | None = None
    cancellation: Policy | None = None
    customer_cancels: bool | None = None
    paid_cancellation: PaidCancellation | None = None
    may_be_reinstated: bool | None = None
    reservable: tuple[Reach, ...] | None = None
    lead_time: timedelta | None = None
    horizon: timedelta | None = None
    pause: timedelta | None = None
    redeem: Redeem | None = None
    write_for: timedelta | None = None
    undated_for: timedelta | None = None
    kept_for: timedelta | None = None

    def over(self, above: Rules) -> Rules:
        """`above`, with what this level says in its place. Raises ValueError as `Rules` does."""
        said = {one.name: value for one in fields(self) if (value := getattr(self, one.name)) is not None}
        return replace(above, **said)
