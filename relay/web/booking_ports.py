"""What the HTTP side needs of the booking core.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
What is shown of a party is what the other side may see: an alias and as much of the name as the house shows, never an address.
`by` stands in the history: a word, never an address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from relay.booking.booking import Actor, Booking, HoldKind, Stage
from relay.booking.ledger import Account, Entry, Payment
from relay.booking.money import Money
from relay.booking.offer import Reach
from relay.booking.selection import Counts, Filter, Order
from relay.booking.situation import Act
from relay.booking.terms import Discount, Line, Occasion, Terms
from relay.errors import Conflict
from relay.values import Alias, Language, RealAddress
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


class Relay(Enum):
    """The axis of the conversation (booking.md): whether the two may write to each other."""

    NONE = "none"
    """There are no aliases."""
    MINTED = "minted"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Shown:
    """A booking as one looks at it: with its offer and parties, the money, and what each may do now (SV-20: all see the same)."""

    booking: Booking
    offer_title: str
    variant_title: str
    partner: ShownParty
    customer: ShownParty
    account: Account
    payment: Payment
    relay: Relay
    opens_at: datetime | None
    closes_at: datetime | None
    """The window of the conversation."""
    possible: Mapping[Actor, tuple[Act, ...]]
    parent: str | None
    """The reference of that of which it was asked again (T18)."""


class Way(Enum):
    """How a booking begins."""

    REQUEST = "request"
    RESERVE = "reserve"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking that is to begin: by request, reservation or checkout, as the mode of its variant says (T1 to T3).

    `actor`: the customer, or staff for the customer. `lines` are what is asked for beside `quantities` of the price list, `at` is
    a date outside the published slots (SL-3), `options` are keys of the variant's. `expects` is the way in which the caller
    thinks that it begins: where it begins otherwise, that is a WrongWay (OR-2).
    """

    offer: str
    variant: str
    customer: Contact
    actor: Actor
    by: str
    expects: Way | None = None
    reach: Reach = field(default_factory=Reach)
    """For whom and where it is made (ST-5, ST-16)."""
    slot: str | None = None
    at: Occasion | None = None
    participants: int = 1
    quantities: tuple[tuple[str, int], ...] = ()
    lines: tuple[Line, ...] = ()
    options: tuple[str, ...] = ()
    place: str = ""
    note: str = ""
    staff: str | None = None
    hold: HoldKind | None = None
    """An option rather than a reservation (ST-20); None: what the way has by itself."""


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
    Stale; `terms_version` that of the terms that are accepted. `reason` is also the text of a message to the customer."""

    act: Act
    actor: Actor
    by: str
    version: int | None = None
    reason: str = ""
    terms: NewTerms | None = None
    terms_version: int | None = None
    until: datetime | None = None
    amount: Money | None = None


class Stale(Conflict):
    """Somebody else was faster: the booking is not the version that was looked at any more. `version` is the present one."""

    def __init__(self, reference: str, version: int) -> None:
        super().__init__(f"booking {reference} has changed since it was looked at; it is version {version} now")
        self.version = version


class WrongWay(Conflict):
    """It does not begin in the way that was expected; `way` is that in which it does (OR-2)."""

    def __init__(self, way: Way) -> None:
        super().__init__(f"this is not booked that way: its customers {_WAYS[way]}")
        self.way = way


_WAYS: Final = {
    Way.REQUEST: "send a request, which the partner answers",
    Way.RESERVE: "reserve, and pay later",
    Way.CHECKOUT: "book and pay at once",
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
class Coming:
    """What will happen to a booking by itself, when, and why."""

    at: datetime
    what: str
    why: str


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

    async def begin(self, asked: Asked, once: Once | None) -> Shown:
        """Raises NotFound for an offer, variant, slot or member of staff that is not there, WrongWay, Conflict where there is no
        place or nothing can be booked, NotDone for what cannot be meant, and Repeated."""
        ...

    async def act(self, reference: str, doing: Doing, once: Once | None) -> Shown:
        """The booking after that act. Raises NotAllowed, Stale, Repeated."""
        ...

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once | None) -> Shown:
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

    async def forecast(self, reference: str) -> Sequence[Coming]:
        """What comes next by itself, the nearest first."""
        ...

    async def ledger(self, reference: str) -> Sequence[Entry]: ...

    async def refunds(self, reference: str) -> Sequence[Returned]: ...

    async def letter(self, reference: str, actor: Actor) -> Letter:
        """What a form is filled with by which `actor` writes to the other side, or says why they decline (OR-24, SL-24)."""
        ...

    async def seen(self, reference: str, by: str) -> Shown:
        """The partner's side has looked at it (OR-20). Changes nothing where it has before."""
        ...

    async def assign(self, reference: str, staff: str | None, by: str) -> Shown:
        """To a member of the partner's staff, or None: the team (OR-19, OR-27). Raises NotFound for one that is not there."""
        ...
