"""What the pages of a party need of its bookings: to act on them, and to read them, without either learning who the other is.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
Whether a booking is theirs at all, the pages ask before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from relay.booking.selection import Filter, Order
from relay.booking.situation import Situation
from relay.booking.terms import Terms
from relay.values import Role
from relay.web.booking_ports import Doing, NewTerms, Past, Shown


class Parties(Protocol):
    """Bookings as one of their two parties has them. What the other wrote is read as a mail would bring it (LEAK-86)."""

    async def one(self, reference: str, reader: Role) -> Shown:
        """Raises NotFound."""
        ...

    async def history(self, reference: str, reader: Role) -> Sequence[Past]:
        """The oldest first. Raises NotFound."""
        ...

    async def terms(self, reference: str, reader: Role) -> Sequence[Terms]:
        """Every version, the oldest first. Raises NotFound."""
        ...

    def all(self, wanted: Filter, order: Order, reader: Role) -> AsyncIterator[Shown]:
        """Every one of them: for exports (SV-10)."""
        ...

    async def situation(self, reference: str) -> Situation:
        """With the rules by which it was bought, and what the ledger comes to. Raises NotFound."""
        ...

    async def act(self, reference: str, writer: Role, doing: Doing) -> Shown:
        """The booking after that act, with what was written as the other side may read it.

        Raises what `Bookings.act` does, CannotCross where something of the writer cannot be taken out of it, and TooMany where
        they have written to the other side too often within a day.
        """
        ...

    async def ask_again(self, reference: str, writer: Role, asked: NewTerms | None, by: str) -> Shown:
        """Raises what `Bookings.ask_again` does, and CannotCross."""
        ...
