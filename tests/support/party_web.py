"""Bookings as one of their parties has them, in memory: what is written crosses with a mark, what is read is marked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from relay.booking.ledger import account
from relay.booking.selection import Filter, Order
from relay.booking.situation import Situation
from relay.booking.terms import Terms
from relay.correspondence.passed_on import CannotCross
from relay.values import Role
from relay.web.booking_ports import Doing, NewTerms, Past, Shown
from relay.web.link_ports import TooMany
from support.booking_web import FakeBookings

LEAK = "my number is"
"""Nobody can take out of a text what stands behind this."""


@dataclass
class FakeParties:
    """relay.web.party_ports.Parties over bookings in memory; the partner reads no digits."""

    bookings: FakeBookings
    done: list[Doing] = field(default_factory=list)
    is_too_often: bool = False

    async def one(self, reference: str, reader: Role) -> Shown:
        return _read(await self.bookings.one(reference), reader)

    async def history(self, reference: str, reader: Role) -> Sequence[Past]:
        return await self.bookings.history(reference)

    async def terms(self, reference: str, reader: Role) -> Sequence[Terms]:
        return await self.bookings.terms(reference)

    async def all(self, wanted: Filter, order: Order, reader: Role) -> AsyncIterator[Shown]:
        async for one in self.bookings.all(wanted, order):
            yield _read(one, reader)

    async def situation(self, reference: str) -> Situation:
        booking = (await self.bookings.one(reference)).booking
        entries = self.bookings.entries[reference]
        return Situation(booking, self.bookings.rules, account(entries, booking.terms.currency), self.bookings.now)

    async def act(self, reference: str, writer: Role, doing: Doing) -> Shown:
        if LEAK in doing.reason:
            raise CannotCross("it tells who its writer is")
        if self.is_too_often:
            raise TooMany("too often")
        self.done.append(doing)
        return await self.bookings.act(reference, doing, None)

    async def ask_again(self, reference: str, writer: Role, asked: NewTerms | None, by: str) -> Shown:
        return await self.bookings.ask_again(reference, asked, by, None)


def _read(shown: Shown, reader: Role) -> Shown:
    if reader is Role.CUSTOMER:
        return shown
    terms = shown.booking.terms
    note = "".join("…" if one.isdigit() else one for one in terms.note)
    return replace(shown, booking=replace(shown.booking, terms=replace(terms, note=note)))
