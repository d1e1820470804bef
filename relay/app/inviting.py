"""Writing the mails with links for signing in: to whoever asked, if we know them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.app.upkeep import kept_up
from relay.correspondence.house import House
from relay.correspondence.sign_in import Invitation, sign_in_letter
from relay.desk import sessions
from relay.desk.sessions import Known
from relay.store import accepting, sign_in_links
from relay.store.sign_in_links import Wish
from relay.store.store import Store
from relay.transit.delivery import Delivery, house_letter
from relay.values import Clock, DeliveryId, MsgId, NewId, NewSecret, RealAddress

log = structlog.get_logger("relay.sign_in")

at_once: Final = 20
"""Wishes of one look."""
pause_s: Final = 2.0
"""Between two looks: nobody wakes this process for what another one took."""


@dataclass(slots=True)
class Inviting:
    """Writes what was asked for. `sent` is called when something is due. `pages`: where people reach them, with its last slash.

    `of_accounts`: whether people of the house sign in by a link, too.
    """

    store: Store
    house: House
    pages: str
    lasts: timedelta
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId
    new_secret: NewSecret
    clock: Clock
    sent: Callable[[], None] = field(repr=False)
    of_accounts: bool = True
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Somebody has asked in this process: look at once. Called in the event loop."""
        self._woken.set()

    async def rest(self, seconds: float) -> None:
        """Until somebody wakes it, or so many seconds are over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    async def write_some(self) -> int:
        """Write to some of those who asked, and say how many there were. Raises Unavailable, and then the others wait."""
        wishes = await self.store.read(lambda connection: sign_in_links.waiting(connection, at_once))
        for wish in wishes:
            await self._decided(wish)
        return len(wishes)

    async def _decided(self, wish: Wish) -> None:
        now = self.clock()
        known = await self.store.read(lambda connection: sessions.known(connection, wish.address))
        address = self._address(known)
        if address is None or now >= wish.at + self.lasts:
            await self.store.write(lambda connection: sign_in_links.refuse(connection, wish, now))
            log.info("sign_in.nobody", request=wish.id)
            return
        secret = self.new_secret()
        link = f"{self.pages}sign-in/{secret}"
        invitation = Invitation(address, known.language or wish.language, wish.at, now + self.lasts, link)
        delivery = await asyncio.to_thread(self._delivery, invitation, now)

        def work(connection: Connection) -> bool:
            if not sign_in_links.write(connection, wish, secret, now, self.lasts):
                return False
            accepting.add_deliveries(connection, [delivery], None, now)
            return True

        if await self.store.write(work, len(delivery.content)):
            log.info("sign_in.link", request=wish.id, delivery=delivery.id)
            self.sent()

    def _address(self, known: Known) -> RealAddress | None:
        """Where the link goes; None where nobody signs in by one."""
        return known.address if self.of_accounts else Known(None, known.members, known.customer).address

    def _delivery(self, invitation: Invitation, now: datetime) -> Delivery:
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        content = self.sign(sign_in_letter(invitation, self.house, now=now, message_id=message_id), now)
        return house_letter(content, invitation.to, DeliveryId(self.new_id()), now)


async def keep_inviting(inviting: Inviting) -> None:
    """Write for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        if not await inviting.write_some():
            await inviting.rest(pause_s)
        return 0

    await kept_up("invitations", once, after_trouble_s=pause_s)
