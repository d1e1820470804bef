"""Taking orders of those who look at the public pages: at once, or once they have said by a mail that it was they (SL-B1)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection

from relay.booking.situation import Act
from relay.correspondence.house import House
from relay.desk.links import Checkouts
from relay.errors import Conflict, NotDone
from relay.store import accepting, kept_orders
from relay.store.bookings.catalogue import OFFERS, SLOTS, VARIANTS
from relay.store.bookings.written import Apart, read, written_apart
from relay.store.kept_orders import Rates
from relay.store.store import Store
from relay.transit.delivery import Delivery, house_letter
from relay.values import Clock, DeliveryId, MsgId, NewId, NewSecret
from relay.web.booking_ports import Asked, Shown
from relay.web.link_ports import TooMany
from relay.web.once import Once, Repeated, Repeats
from relay.web.site.offers.letter import Waiting, order_letter
from relay.web.site.offers.ports import Begun, Kept

log = structlog.get_logger("relay.orders")

_OWNER: Final = "page"
"""For whom the booking desk keeps that a form was sent."""
_EMPTY: Final = Apart("", "[]")


class Core(Protocol):
    """The booking desk, as far as orders need it. Raises as `relay.web.booking_ports.Bookings` says."""

    async def begin(self, asked: Asked, once: Once[Shown] | None) -> Shown: ...

    async def one(self, reference: str) -> Shown: ...


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """relay.web.site.offers.ports.Orders over the booking desk. `pages`: where people reach them, with its last slash; `sent` is
    called when a mail is due; `checkouts` is None where nobody pays by themselves."""

    store: Store
    core: Core
    checkouts: Checkouts | None
    repeats: Repeats
    house: House
    pages: str
    rates: Rates
    lasts: timedelta
    needs_sign_in: bool
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId
    new_secret: NewSecret
    clock: Clock
    sent: Callable[[], None] = field(repr=False)

    @property
    def pays_online(self) -> bool:
        return self.checkouts is not None

    async def begin(self, asked: Asked, key: str, network: str | None = None) -> Begun:
        if network is not None:
            await self._count(asked, network)
        return await self._begun(asked, hashlib.sha256(f"order {key} {written_apart(asked)}".encode()).digest())

    async def keep(self, asked: Asked, way: Act, network: str) -> None:
        now, secret = self.clock(), self.new_secret()
        ends_at, customer = now + self.lasts, asked.customer
        title = await self.store.read(lambda connection: OFFERS.one(connection, asked.offer).title.read_in(customer.language))
        waiting = Waiting(customer.address, customer.language, way, title, ends_at, f"{self.pages}orders/{secret}")
        delivery = await asyncio.to_thread(self._delivery, waiting, now)

        def work(connection: Connection) -> None:
            if kept_orders.is_crowded(connection, customer.address, network, self.rates, now):
                raise TooMany("orders of people who have not signed in")
            kept_orders.keep(connection, secret, customer.address, network, way.name, written_apart(asked), now, ends_at)
            accepting.add_deliveries(connection, [delivery], None, now)

        await self._written(work, len(delivery.content))
        log.info("order.kept", delivery=delivery.id, offer=asked.offer)
        self.sent()

    async def kept(self, secret: str) -> Kept:
        now = self.clock()

        def question(connection: Connection) -> Kept:
            found = kept_orders.kept(connection, secret, now)
            way = Act[found.way]
            if found.reference is not None:
                return Kept(None, way, found.ends_at, found.reference)
            asked = read(Asked, found.order.state, found.order.addresses)
            titles = OFFERS.one(connection, asked.offer).title, VARIANTS.one(connection, asked.variant).title
            occasion = SLOTS.one(connection, asked.slot).occasion if asked.slot is not None else asked.at
            return Kept(asked, way, found.ends_at, None, titles, occasion)

        return await self.store.read(question)

    async def confirm(self, secret: str) -> Kept:
        before = await self.kept(secret)
        if before.asked is None:
            return before
        # Of two clicks at once the booking desk carries one out: it keeps the key in the transaction that begins the booking.
        begun = await self._begun(before.asked, hashlib.sha256(f"kept order {secret}".encode()).digest())
        await self.store.write(lambda connection: kept_orders.counts(connection, secret, begun.reference))
        log.info("order.confirmed", booking=begun.reference)
        return await self.kept(secret)

    async def checkout(self, reference: str) -> str:
        if self.checkouts is None:
            raise NotDone("there is nowhere to pay by oneself")
        return await self.checkouts.checkout(reference)

    async def _begun(self, asked: Asked, digest: bytes) -> Begun:
        once: Once[Shown] = Once(_OWNER, digest.hex(), digest, lambda shown: shown.booking.reference)
        reference = await self.repeats.of(once)
        if reference is None:
            try:
                reference = (await self.core.begin(asked, once)).booking.reference
            except Repeated:
                reference = await self.repeats.of(once)
        if reference is None:
            raise Conflict("it was carried out meanwhile")
        return Begun(reference, (await self.core.one(reference)).booking.version)

    async def _count(self, asked: Asked, network: str) -> None:
        """Raises TooMany. What is taken at once counts like what waits."""
        now, secret, address = self.clock(), self.new_secret(), asked.customer.address

        def work(connection: Connection) -> None:
            if kept_orders.is_crowded(connection, address, network, self.rates, now):
                raise TooMany("orders of people who have not signed in")
            kept_orders.keep(connection, secret, address, network, Act.CHECK_OUT.name, _EMPTY, now, now + self.lasts)

        await self._written(work)

    async def _written(self, work: Callable[[Connection], None], octets: int = 0) -> None:
        try:
            await self.store.write(work, octets)
        except TooMany:
            log.warning("order.too_often")
            raise

    def _delivery(self, waiting: Waiting, now: datetime) -> Delivery:
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        content = self.sign(order_letter(waiting, self.house, now=now, message_id=message_id), now)
        return house_letter(content, waiting.to, DeliveryId(self.new_id()), now)
