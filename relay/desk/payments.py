"""Paying for a booking: the way to the provider's pages, their end, and what the provider says happened.

The provider is never asked inside a transaction. Its pages have a row before they are made, so that whoever takes the booking
away meanwhile finds them, and ends them first (T11, SL-25).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from relay.booking.booking import PAYABLE
from relay.desk.bookkeeper import Bookkeeper
from relay.errors import Conflict, NotDone, NotFound
from relay.payments.provider import Checkout, Ending, Order, Provider, description_characters_max
from relay.store.bookings import checkouts, records
from relay.store.bookings.catalogue import OFFERS
from relay.store.bookings.checkouts import Begun
from relay.store.exchange_tables import Checkout as State
from relay.store.store import Store
from relay.values import Clock, Language, NewId
from relay.web.ports import left_path, paid_path

least_left: Final = timedelta(minutes=5)
"""What pages that are open already must have left for somebody to be sent there; else they get others."""
made_within: Final = timedelta(minutes=1)
"""Pages that were asked for are asked for again in the same words so long; after that for others, whose time is not half over."""
turns_max: Final = 3
"""How often pages that are in the way are ended for others."""


@dataclass(frozen=True, slots=True)
class Paying:
    """Somebody is about to pay: on `pages`, or there are `others` in the way, which have to end first."""

    pages: Begun
    reference: str
    description: str
    language: Language
    others: Begun | None = None


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    """relay.web.ports.PaymentMessages, and what a payment link leads to. `base_url` is how people reach us, to come back to from
    the provider's pages; `told` is called when mail may wait to be posted."""

    store: Store
    provider: Provider
    bookkeeper: Bookkeeper
    new_id: NewId
    clock: Clock
    base_url: str
    told: Callable[[], None] = field(repr=False)
    _loaded: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def take(self, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
        if provider != self.provider.name or not self.provider.has_checkout:
            raise NotFound("there is no such payment provider")
        # In a thread, for the first message loads the provider's library.
        async with self._loaded:
            messages = await asyncio.to_thread(self.provider.read, body, headers)

        def work(connection: Connection) -> None:
            for one in messages:
                self.bookkeeper.told(connection, one, self.provider.name)

        await self.store.write(work)
        self.told()

    async def checkout(self, reference: str) -> str:
        """Where the customer pays what is due (SL-16): the pages that are open already, or new ones.

        Raises NotFound, Conflict where there is nothing to be paid or it cannot be any more, which says why (SL-25), NotDone
        where people take the money or the provider does not take the sum, and Unavailable.
        """
        if not self.provider.has_checkout:
            raise NotDone(f"booking {reference}: there is nowhere to pay by oneself; it is paid as its mail says")
        for _ in range(turns_max):
            paying = await self.store.write(lambda connection: self._begun(connection, reference))
            if paying.others is None:
                return paying.pages.url or await self._made(paying)
            await self.stop(paying.others)
        raise Conflict("somebody else is about to pay; try again in a moment")

    async def stop(self, pages: Begun) -> None:
        """Nobody can pay on `pages` any more; a step that takes them away comes afterwards (T11, SL-25).

        Raises Conflict where it is too late, as somebody has paid or is paying, and Unavailable.
        """
        # Pages that are being made: whoever makes them finds them ended, and ends them at the provider before anybody sees them.
        ending = Ending.ENDED if pages.provider_id is None else await self.provider.end(pages.provider_id)
        if ending is not Ending.ENDED:
            done = "was just paid" if ending is Ending.PAID else "is being paid"
            raise Conflict(f"it {done}; once that has come in, it can be cancelled and refunded")
        await self.store.write(lambda connection: checkouts.end(connection, pages.id, State.ENDED, self.clock()))

    def _begun(self, connection: Connection, reference: str) -> Paying:
        record, now = records.locked_by_reference(connection, reference), self.clock()
        booking = record.booking
        of = self.bookkeeper.lifecycle.situation(connection, record, now)
        if booking.stage not in PAYABLE:
            raise Conflict(f"booking {reference} is {booking.stage.value}: it cannot be paid")
        if of.outstanding.minor <= 0:
            raise Conflict(f"booking {reference} is paid")
        if of.account.in_flight:
            raise Conflict(f"booking {reference} is being paid; the bank decides")
        language = record.customer.language
        about = f"{OFFERS.one(connection, booking.offer).title.read_in(language)}, {reference}"[-description_characters_max:]
        open_ = checkouts.is_open(connection, booking.id)
        if open_ is not None:
            in_time = now < (open_.created_at + made_within if open_.url is None else open_.ends_at - least_left)
            can_be_used = in_time and open_.amount == of.outstanding
            return Paying(open_, reference, about, language, None if can_be_used else open_)
        pages = Begun(self.new_id(), booking.id, of.outstanding, now, self.provider.ends_at(now, booking.deadline))
        checkouts.begin(connection, pages)
        return Paying(pages, reference, about, language)

    async def _made(self, paying: Paying) -> str:
        pages, back = paying.pages, self.base_url.rstrip("/")
        order = Order(
            key=pages.id,
            booking=paying.reference,
            amount=pages.amount,
            description=paying.description,
            paid_url=back + paid_path,
            left_url=back + left_path,
            ends_at=pages.ends_at,
            language=paying.language,
        )
        try:
            made: Checkout = await self.provider.start(order)
        except NotDone:
            await self.store.write(lambda connection: checkouts.end(connection, pages.id, State.ENDED, self.clock()))
            raise
        kept = await self.store.write(lambda connection: checkouts.opened(connection, pages.id, made.id, made.url, made.ends_at))
        if not kept:
            await self.provider.end(made.id)
            raise Conflict(f"booking {paying.reference} has changed meanwhile; look at it again")
        return made.url
