"""Which bookings somebody looks at, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from relay.booking.booking import Actor, Booking, HoldKind, RequiredAction, Stage
from relay.booking.ledger import Payment
from relay.values import RealAddress


class Tab(Enum):
    """Where a booking stands in lists; each stands in one (SL-19, ST-10, OR-21, OR-23, OR-31)."""

    REQUESTS = "requests"
    AWAITING_PAYMENT = "awaiting payment"
    BOOKED = "booked"
    PAST = "past"
    """Completed."""
    EXPIRED = "expired"
    ENDED = "ended"
    """Declined, withdrawn, cancelled."""


TAB: Final[Mapping[Stage, Tab]] = {
    Stage.DRAFT: Tab.REQUESTS,
    Stage.REQUESTED: Tab.REQUESTS,
    Stage.COUNTERED: Tab.REQUESTS,
    Stage.AWAITING_PAYMENT: Tab.AWAITING_PAYMENT,
    Stage.CONFIRMED: Tab.BOOKED,
    Stage.COMPLETED: Tab.PAST,
    Stage.EXPIRED: Tab.EXPIRED,
    Stage.DECLINED: Tab.ENDED,
    Stage.WITHDRAWN: Tab.ENDED,
    Stage.CANCELLED: Tab.ENDED,
}


class Order(Enum):
    """In which order a page is; the first is that of lists, the second that of files with deadlines (ST-19)."""

    NEWEST = "newest"
    DEADLINE = "deadline"
    START = "start"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which bookings; what is None or empty narrows nothing. Instants, in UTC, are half-open intervals.

    Expired ones are left out unless `tabs` or `stages` name them, `expired` says so, or they are ticked by `references` (OR-31).
    """

    text: str = ""
    """In the reference or the customer's name as it is shown, or the offer's title (SL-27)."""
    references: tuple[str, ...] = ()
    tabs: frozenset[Tab] = frozenset()
    stages: frozenset[Stage] = frozenset()
    payments: frozenset[Payment] = frozenset()
    actions: frozenset[RequiredAction] = frozenset()
    """SV-9, SV-17"""
    promotion: str | None = None
    """The house's number of it (SV-7)."""
    offer: str | None = None
    variant: str | None = None
    """SV-8"""
    partner: str | None = None
    staff: str | None = None
    """What this member of the partner's staff may see: theirs, and the whole team's where they have that right (OR-3)."""
    assignee: str | None = None
    """What is assigned to that member of the staff."""
    customer: RealAddress | None = None
    """Whoever has this address (ST-11, ST-16)."""
    waits_for: Actor | None = None
    """Whose move it is (ST-18)."""
    hold: HoldKind | None = None
    """Of what has a place (ST-B3)."""
    composite: str | None = None
    """Those that are held and released together (T16)."""
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    ends_after: datetime | None = None
    """Those that are not over then: of several days too, whenever they began."""
    deadline_from: datetime | None = None
    deadline_before: datetime | None = None
    """Those that have to be paid, by their deadline (ST-B3)."""
    overdue: bool | None = None
    seen: bool | None = None
    contacted: bool | None = None
    on_calendar: bool | None = None
    """OR-26: both a date and somebody of the staff were asked for."""
    blocked: bool | None = None
    unreached: bool | None = None
    """Those of which mail does not reach a party: each address is dead (GW-54)."""
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many bookings there are of each kind (SL-19, SV-21, ST-18, ST-24)."""

    tabs: Mapping[Tab, int]
    stages: Mapping[Stage, int]
    actions: Mapping[RequiredAction, int]
    unseen: int
    """Requests that nobody of the partner's side has looked at (OR-20)."""
    not_contacted: int
    """Requests whose customer nobody has spoken with (OR-21)."""
    overdue: int
    waits_for: Mapping[Actor, int]


def waits_for(booking: Booking) -> Actor | None:
    """Whose move it is, whatever the time is; None where nothing is waited for (ST-18)."""
    if booking.turn is not None:
        return booking.turn
    match booking.stage:
        case Stage.REQUESTED:
            return Actor.PARTNER
        case Stage.DRAFT | Stage.AWAITING_PAYMENT:
            return Actor.CUSTOMER
        case Stage.CONFIRMED if booking.action is RequiredAction.OPEN:
            return Actor.CUSTOMER
        case Stage.CONFIRMED if booking.terms.occasion is None:
            return Actor.PARTNER
        case _:
            return None
