"""Bookings as one of their two parties acts on them and reads them, over the booking desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from relay.booking.booking import Booking
from relay.booking.notification import To
from relay.booking.selection import Filter, Order
from relay.booking.situation import Situation
from relay.booking.terms import Terms
from relay.conversation import Conversation
from relay.correspondence.passed_on import heard, is_own_note, terms_heard, words_in
from relay.desk.go_between import GoBetween, terms_passed_on
from relay.message.terms import Style
from relay.store import conversations
from relay.store.store import Store
from relay.transit.answer import WRITES
from relay.values import Clock, Role
from relay.web.booking_ports import Doing, NewTerms, Past, Shown
from relay.web.link_ports import TooMany
from relay.web.once import Once

messages_a_day_max: Final = 20
"""From one side to the other by our forms: each is a mail of ours to somebody."""
_TO: Final = {Role.CUSTOMER: To.CUSTOMER, Role.PARTNER: To.PARTNER}


class Core(Protocol):
    """The booking desk. Raises as `relay.web.booking_ports.Bookings` says."""

    async def one(self, reference: str) -> Shown: ...

    async def act(self, reference: str, doing: Doing, once: Once[Shown] | None) -> Shown: ...

    async def ask_again(self, reference: str, asked: NewTerms | None, by: str, once: Once[Shown] | None) -> Shown: ...

    async def history(self, reference: str) -> Sequence[Past]: ...

    async def terms(self, reference: str) -> Sequence[Terms]: ...

    async def situation(self, reference: str) -> Situation: ...

    def all(self, wanted: Filter, order: Order) -> AsyncIterator[Shown]: ...


@dataclass(frozen=True, slots=True)
class PartyDesk:
    """relay.web.party_ports.Parties. `style`: the switches of `[policy]`."""

    store: Store
    core: Core
    go_between: GoBetween
    style: Style = field(repr=False)
    clock: Clock

    async def one(self, reference: str, reader: Role) -> Shown:
        return _as_read(await self.core.one(reference), await self._ears(reference, reader), reader)

    async def history(self, reference: str, reader: Role) -> Sequence[Past]:
        ears = await self._ears(reference, reader)
        return [replace(one, reason=ears(one.reason)) if one.reason else one for one in await self.core.history(reference)]

    async def terms(self, reference: str, reader: Role) -> Sequence[Terms]:
        booking = (await self.core.one(reference)).booking
        ears = await self._ears(reference, reader)
        return [_terms_as_read(one, booking, ears, reader) for one in await self.core.terms(reference)]

    async def all(self, wanted: Filter, order: Order, reader: Role) -> AsyncIterator[Shown]:
        async for one in self.core.all(wanted, order):
            yield _as_read(one, await self._ears(one.booking.reference, reader), reader) if _is_written(one.booking) else one

    async def situation(self, reference: str) -> Situation:
        return await self.core.situation(reference)

    async def act(self, reference: str, writer: Role, doing: Doing) -> Shown:
        if doing.act is WRITES.get(_TO[writer]):
            insist_on_few(await self.core.history(reference), doing, self.clock())
        if doing.reason:
            doing = replace(doing, reason=await self.go_between.passed_on(reference, _TO[writer], doing.reason))
        if doing.terms is not None:
            doing = replace(doing, terms=await terms_passed_on(self.go_between, reference, _TO[writer], doing.terms))
        return await self.core.act(reference, doing, None)

    async def ask_again(self, reference: str, writer: Role, asked: NewTerms | None, by: str) -> Shown:
        if asked is not None:
            asked = await terms_passed_on(self.go_between, reference, _TO[writer], asked)
        return await self.core.ask_again(reference, asked, by, None)

    async def _ears(self, reference: str, reader: Role) -> Callable[[str], str]:
        """How `reader` hears a text of the other side."""
        conversation = await self.store.read(lambda connection: conversations.by_reference(connection, reference))
        return _Ears(conversation, reader, self.style)


@dataclass(frozen=True, slots=True)
class _Ears:
    conversation: Conversation
    reader: Role
    style: Style = field(repr=False)

    def __call__(self, text: str) -> str:
        return heard(text, self.conversation, self.reader, self.style)


def insist_on_few(past: Sequence[Past], doing: Doing, now: datetime) -> None:
    """Raises TooMany where as many such messages as a day has were sent already."""
    if sum(one.act == doing.act.value and one.at > now - timedelta(days=1) for one in past) >= messages_a_day_max:
        raise TooMany(f"{messages_a_day_max} messages within a day")


def _as_read(shown: Shown, ears: Callable[[str], str], reader: Role) -> Shown:
    booking = shown.booking
    proposal = _terms_as_read(booking.proposal, booking, ears, reader) if booking.proposal is not None else None
    terms = _terms_as_read(booking.terms, booking, ears, reader)
    return replace(shown, booking=replace(booking, terms=terms, proposal=proposal, reason=ears(booking.reason)))


def _terms_as_read(of: Terms, booking: Booking, ears: Callable[[str], str], reader: Role) -> Terms:
    """What is of the price list is the house's; what people wrote themselves is read as the other side's (SL-4)."""
    if is_own_note(booking, of, is_customer=reader is Role.CUSTOMER):
        return of
    return terms_heard(of, ears)


def _is_written(booking: Booking) -> bool:
    """Whether there is anything in it that somebody wrote."""
    terms = (booking.terms, *((booking.proposal,) if booking.proposal is not None else ()))
    return bool(booking.reason) or any(map(words_in, terms))
