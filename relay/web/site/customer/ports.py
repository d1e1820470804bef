"""What a customer's own pages need: their bookings, and nobody else's.

As in `relay.web.booking_ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times
are in UTC. What is not of that customer is NotFound. What the other side wrote comes as they may read it (LEAK-86).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from relay.booking.booking import Booking
from relay.booking.ledger import Kind, Payment
from relay.booking.money import Money
from relay.booking.selection import Counts, Filter, Order
from relay.booking.situation import Act
from relay.correspondence.notifications.matter import Matter
from relay.values import Language, RealAddress
from relay.web.booking_ports import NewTerms, Past, Returned, Shown


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A booking in a list. `acts_by`: until when whoever it waits for has to act, None where nothing says so (ST-19).
    `pays_online`: it can be paid now, on the provider's pages."""

    booking: Booking
    payment: Payment
    offer_title: str
    variant_title: str
    acts_by: datetime | None
    pays_online: bool = False


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Some of the bookings. `next` is where the next page begins; None on the last."""

    items: tuple[OwnRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line of the ledger. `is_online`: by the payment provider's pages, so that the partner saw no card (SL-17)."""

    kind: Kind
    amount: Money
    at: datetime
    is_online: bool


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """A booking, with everything that its customer is told of it.

    `matter` says of it what a mail to them would, in their language, with the terms before and after where there is something to
    answer; its `amount` is what would go back if they cancelled now (SL-B2). `pays_online`: what is missing can be paid now, on
    the provider's pages (SL-16).
    """

    shown: Shown
    matter: Matter
    steps: Sequence[Past] = field(repr=False)
    receipts: Sequence[Receipt]
    refunds: Sequence[Returned] = field(repr=False)
    pays_online: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer wants done, and says about it; `version` of the booking is the one that they looked at."""

    act: Act
    version: int
    text: str = field(default="", repr=False)
    terms: NewTerms | None = None
    terms_version: int | None = None


class OwnBookings(Protocol):
    """The bookings of whoever has an address, those that were made for them too (ST-16)."""

    async def page(
        self, customer: RealAddress, language: Language, wanted: Filter, order: Order, limit: int, after: str | None
    ) -> OwnPage:
        """In a handful of questions, however many there are."""
        ...

    async def counts(self, customer: RealAddress) -> Counts: ...

    async def one(self, customer: RealAddress, language: Language, reference: str) -> OwnBooking: ...

    async def act(self, customer: RealAddress, reference: str, told: Told) -> None:
        """Raises NotAllowed, Stale, NotDone, and CannotCross for a text that tells who they are."""
        ...

    async def write(self, customer: RealAddress, reference: str, text: str) -> None:
        """Sends `text` to the partner while no alias does (GY-6). Raises TooMany beside what `act` raises."""
        ...

    async def ask_again(self, customer: RealAddress, reference: str, terms: NewTerms, key: str) -> str:
        """The reference of a new request with the data of a closed one (OR-35); of the same one for a `key` that comes again.

        Raises Conflict where it cannot be asked for, NotDone for what cannot be meant.
        """
        ...

    async def pay(self, customer: RealAddress, reference: str, version: int) -> str:
        """The address of the checkout of this booking (SL-16). Raises Stale, and Conflict where there is nothing to pay."""
        ...
