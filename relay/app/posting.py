"""Posting mail about bookings: what a step wrote down is written, signed and handed to the courier, each once (invariant 9).

The step is over by then: whatever breaks here undoes nothing of it, and is one mail's trouble alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.app.upkeep import kept_up
from relay.desk.letters import Letter, Letters, Nobody
from relay.errors import Conflict, Damaged, Unavailable, raised_at
from relay.store import mailboxes, posting
from relay.store.posting import BookingMail
from relay.store.store import Store
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import Clock, DeliveryId, MsgId, NewId, RealAddress

log = structlog.get_logger("relay.posting")

at_once: Final = 20
"""Mails that are written together, and committed together as far as that goes."""
pause_s: Final = 2.0
"""Between two looks: commands and other processes write to the table alone, and nobody wakes this one."""

_Read = tuple[Letter | Nobody, RealAddress | None]


@dataclass(slots=True)
class Posting:
    """Posts what waits. `sent` is called when something is due: the courier looks at the table then."""

    store: Store
    letters: Letters
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    return_paths: ReturnPaths
    domain: str
    new_id: NewId
    clock: Clock
    sent: Callable[[], None] = field(repr=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something was written down in this process: look at once. Called in the event loop."""
        self._woken.set()

    async def rest(self, seconds: float) -> None:
        """Until somebody wakes it, or so many seconds are over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    async def post_some(self) -> int:
        """Post of what waits the oldest, and say how many of it need nobody any more.

        Raises Unavailable when it could not be done with some; they wait, and nothing of theirs is stored.
        """
        now = self.clock()
        mails = await self.store.read(lambda connection: posting.waiting(connection, now, at_once))
        came = await asyncio.gather(*(self._done_with(mail, now) for mail in mails), return_exceptions=True)
        if any(one is True for one in came):
            self.sent()
        for one in came:
            if isinstance(one, BaseException):
                raise one
        return sum(one is True for one in came)

    async def _done_with(self, mail: BookingMail, now: datetime) -> bool:
        """Whether `mail` was posted, spared or parked just now. What breaks over it parks it: it would break again each time."""
        try:
            return await self._posted(mail, now)
        except Conflict:
            return False  # what its links lead to has changed meanwhile: the next look gathers it anew
        except Damaged as broke:
            return await self._parked(mail, broke, now)
        except (Unavailable, OSError, MemoryError):
            raise  # it passes by itself
        except Exception as broke:  # noqa: BLE001 -- whatever it was, it is this mail's alone
            return await self._parked(mail, broke, now)

    async def _parked(self, mail: BookingMail, broke: Exception, now: datetime) -> bool:
        why = f"{type(broke).__name__} at {raised_at(broke)}"
        log.error("notification.parked", notification=mail.id, booking=mail.reference, says=mail.says.value, error=why)
        return await self.store.write(lambda connection: posting.park(connection, mail, why, now))

    async def _posted(self, mail: BookingMail, now: datetime) -> bool:
        letter, address = await self.store.read(lambda connection: self._read(connection, mail, now))
        if isinstance(letter, Nobody):
            return await self.store.write(lambda connection: posting.spare(connection, mail, letter.why, now))
        if address is None:
            why = f"every address of the {mail.to.value} is dead (GW-54)"
            return await self.store.write(lambda connection: posting.park(connection, mail, why, now))
        delivery = await asyncio.to_thread(self._delivery, mail, letter, address, now)

        def work(connection: Connection) -> bool:
            if not posting.post(connection, mail, delivery, now):
                return False
            letter.keep(connection)
            return True

        return await self.store.write(work, len(delivery.content))

    def _read(self, connection: Connection, mail: BookingMail, now: datetime) -> _Read:
        letter = self.letters.letter(connection, mail, now)
        return letter, mailboxes.first_alive(connection, letter.addresses) if isinstance(letter, Letter) else None

    def _delivery(self, mail: BookingMail, letter: Letter, address: RealAddress, now: datetime) -> Delivery:
        """The Message-ID is the mail's own: written once more after a backup was put back, it is the same (invariant 8)."""
        id_ = DeliveryId(self.new_id())
        return Delivery(
            id=id_,
            message=None,
            conversation=mail.conversation,
            carries=Carries.NOTIFICATION,
            # No answer to anybody's mail, so not the null path of those: what comes back is to be known (RFC 3834 §3, GW-42).
            return_path=self.return_paths.mint(id_, now),
            recipient=address,
            content=self.sign(letter.written(now, MsgId(f"{mail.id}@{self.domain}")), now),
            accepted_at=now,
        )


async def keep_posting(poster: Posting) -> None:
    """Post for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        if not await poster.post_some():
            await poster.rest(pause_s)
        return 0

    await kept_up("posting", once, after_trouble_s=pause_s)
