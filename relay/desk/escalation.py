"""What is not received reaches the booking: its history says who did not get what, and other systems hear of it (GW-54).

The operators are written to at once, by the alert itself (relay.app.alerting); this is what stays with the booking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.booking.booking import Actor
from relay.booking.lifecycle import NotAllowed
from relay.booking.situation import Act, Wish
from relay.desk.lifecycle import Lifecycle
from relay.errors import Unavailable, raised_at
from relay.store import unreached
from relay.store.store import Store
from relay.store.unreached import Unreached
from relay.transit.alarm import Alarm
from relay.values import Clock

log = structlog.get_logger("relay.escalation")

at_once: Final = 100
"""Alerts that are looked at before others have their turn."""

SAID: Final[dict[Alarm, str]] = {
    Alarm.ADDRESS_DEAD: "an address of the {party} is dead ({mail})",
    Alarm.NOTIFICATION_FAILED: "the {party} did not get {mail}",
    Alarm.NOTIFICATION_PARKED: "{mail} to the {party} waits for a person",
}
"""What the history says of each alarm; never an address."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """Enters what was not received into the history of its booking, each once, whichever node comes first."""

    store: Store
    lifecycle: Lifecycle
    clock: Clock

    async def enter_some(self) -> int:
        """Enter of what no history knows the oldest, and say how much of it was done with.

        What breaks over one booking is told in the log and keeps no other waiting; it is tried again. Raises Unavailable.
        """
        waiting = await self.store.read(lambda connection: unreached.waiting(connection, at_once))
        return sum([await self._is_entered(one) for one in waiting])

    async def _is_entered(self, one: Unreached) -> bool:
        try:
            return await self.store.write(lambda connection: self._enter(connection, one))
        except Unavailable:
            raise
        except Exception as broke:  # noqa: BLE001 -- whatever it was, it is this booking's alone
            what = {"error": type(broke).__name__, "at": raised_at(broke)}
            log.error("escalation.failed", booking=one.reference, alert=one.number, **what)
            return False

    def _enter(self, connection: Connection, one: Unreached) -> bool:
        now = self.clock()
        if not unreached.enter(connection, one, now):
            return False
        if one.reference is not None and one.party is not None:
            mail = f"mail {one.says.value}" if one.says is not None else "a message"
            wish = Wish(Act.NOT_REACHED, Actor.CLOCK, "clock", SAID[one.alarm].format(party=one.party.value, mail=mail))
            try:
                self.lifecycle.act(connection, one.reference, wish, now=now)
            except NotAllowed:
                return True  # its history has ended: it was erased
        return True
