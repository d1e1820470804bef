"""What the HTTP side needs of the booking core.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
What is shown of a party is what the other side may see: an alias and as much of the name as the house shows, never an address.
`by` stands in the history: a word, never an address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Booking, Cause, HoldKind, Stage
from relay.booking.forecast import Coming, Waiting
from relay.booking.ledger import Account, Entry
from relay.booking.money import Money
from relay.booking.offer import Reach
from relay.booking.selection import Counts, Filter, Order
from relay.booking.situation import Act
from relay.booking.terms import Choice, Discount, Line, Occasion, Terms
from relay.errors import Conflict
from relay.values import Alias, Language, RealAddress, Role
from relay.web.once import Once

# Who


@dataclass(frozen=True, slots=True)
class Contact:
    """The customer of a booking that is to be. `zone` is where they live, where it is known."""

    name: str = field(repr=False)
    address: RealAddress
    language: Language
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class ShownParty:
    """A party as the other side may know them."""

    name: str
    alias: Alias | None
    """None before there is a conversation."""
    language: Language


# Bookings


@dataclass(frozen=True, slots=True)
class Shown:
    """A booking as one looks at it: with its offer and parties, the money, and what each may do now (SV-20: all see the same)."""

    booking: Booking
    offer_title: str
    variant_title: str
    partner: ShownParty
    customer: ShownParty
    account: Account
    possible: Mapping[Actor, tuple[Act, ...]]
    parent: str | None
    """The reference of that of which it was asked again (T18)."""
    unreached: tuple[Role, ...] = ()
    """The parties whom mail about it does not reach: each of their addresses is dead (GW-54)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking that is to begin: by request, reservation or checkout, as the mode of its variant says (T1 to T3).

    `actor`: the customer, or staff for the customer. `at` is a date outside the published slots (SL-3). `expects` is the way in
    which the caller thinks that it begins: where it begins otherwise, that is a WrongWay (OR-2).
    """

    offer: str
    variant: str
    customer: Contact
    actor: Actor
    by: str
    expects: Act | None = None
    reach: Reach = field(default_factory=Reach)
    """For whom and where it is made (ST-5, ST-16)."""
    slot: str | None = None
    at: Occasion | None = None
    participants: int = 1
    choices: tuple[Choice, ...] = ()
    """Of the price list and the options."""
    extras: tuple[Line, ...] = ()
    """What is of neither (SL-4)."""
    place: str = ""
    note: str = ""
    staff: str | None = None
    hold: HoldKind | None = None
    """An option rather than a reservation (ST-20); None: what the way has by itself."""
    composite: str = ""
    """Names those that are held and released together (T16)."""


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What somebody offers instead of the present terms; None keeps what there is (SL-5 to SL-7, T8, T20).

    The desk makes the next version of it, for the present one is read in the transaction that steps.
    """

    occasion: Occasion | None = None
    slot: str | None = None
    lines: tuple[Line, ...] | None = None
    discounts: tuple[Discount, ...] | None = None
    participants: int | None = None
    options: tuple[str, ...] | None = None
    place: str | None = None
    note: str | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """An act on a booking. `version` is that of the booking which was looked at, None for whichever there is: another one is a
    Stale; `terms_version` that of the terms that are accepted. `reason` is also the text of a message to the other side."""

    act: Act
    actor: Actor
    by: str
    version: int | None = None
    reason: str = ""
    terms: NewTerms | None = None
    terms_version: int | None = None
    until: datetime | None = None
    amount: Money | None = None
    staff: str | None = None
    """Who of the partner's staff takes it on; None leaves it as it is, but with ASSIGN gives it to the team (OR-27)."""
    cause: Cause | None = None
    """Why a partner cancels (GY-B2)."""


class Stale(Conflict):
    """Somebody else was faster: the booking is not the version that was looked at any more. `version` is the present one."""

    def __init__(self, reference: str, version: int) -> None:
        super().__init__(f"booking {reference} has changed since it was looked at; it is version {version} now")
        self.version = version


class WrongWay(Conflict):
    """It does not begin in the way that was expected; `act` is that by which it does (OR-2)."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"this is not booked that way: its customers {_WAYS[act]}")
        self.act = act


_WAYS: Final = {
    Act.REQUEST: "send a request, which the partner answers",
    Act.RESERVE: "reserve, and pay later",
    Act.CHECK_OUT: "book and pay at once",
}


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Some of the bookings. `next` is where the next page begins; None on the last."""

    items: tuple[Shown, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Past:
    """One step of a booking's history, with the booking's version after it."""

    version: int
    at: datetime
    transition: str
    act: str
    actor: Actor
    by: str
    reason: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund, as it stands at the provider (SL-B4, N21, N22). `cause` is why it failed; it is tried again at `next_at`."""

    id: str
    amount: Money
    state: str
    started_at: datetime
    ended_at: datetime | None
    cause: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a contact form is filled with before somebody writes (OR-24, SL-24)."""

    to: str
    subject: str
    text: str
    advice: str
    alternatives: tuple[Occasion, ...]


class Bookings(Protocol):
    """Bookings, by their reference. All of one booking raise NotFound; steps raise NotAllowed, with what is possible instead."""

    async def begin(self, asked: Asked, once: Once[Shown] | None) -> Shown:
        """Raises NotFound for an offer, variant, slot or member of staff that is not there, WrongWay, Conflict where there is no
        place or nothing can be booked, NotDone for what cannot be meant, and Repeated."""
        ...

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown:
        """The booking after that act. Raises NotAllowed, Stale, Repeated."""
        ...

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown:
        """A new request with the data of a closed one (OR-35, T18), with what is given in `asked` instead. Raises Conflict while
        the old one is not closed, and as `begin`."""
        ...

    async def one(self, reference: str) -> Shown: ...

    async def page(self, wanted: Filter, order: Order, limit: int, after: str | None) -> BookingPage: ...

    async def counts(self, wanted: Filter) -> Counts: ...

    def all(self, wanted: Filter, order: Order) -> AsyncIterator[Shown]:
        """Every one of them, read in pieces: for exports (SV-10)."""
        ...

    async def history(self, reference: str) -> Sequence[Past]:
        """The oldest first."""
        ...

    async def terms(self, reference: str) -> Sequence[Terms]:
        """Every version that was asked for, offered or agreed, the oldest first (SL-5)."""
        ...

    async def forecast(self, reference: str) -> tuple[Waiting | None, Sequence[Coming]]:
        """For whom it waits, and what comes next by itself, the nearest first."""
        ...

    async def ledger(self, reference: str) -> Sequence[Entry]: ...

    async def refunds(self, reference: str) -> Sequence[Returned]: ...

    async def letter(self, reference: str, actor: Actor) -> Letter:
        """What a form is filled with by which `actor` writes to the other side, or says why they decline (OR-24, SL-24)."""
        ...
