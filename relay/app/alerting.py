"""Telling the operators what they have to hear of, by mail and in the log (GW-54, FAULT-75, FAULT-101)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.app.upkeep import kept_up
from relay.correspondence.alert import alert_letter
from relay.correspondence.house import House
from relay.store import alerts
from relay.store.store import Store
from relay.transit.alarm import Alert
from relay.transit.delivery import Carries, Delivery
from relay.values import Clock, DeliveryId, MsgId, NewId, RealAddress

log = structlog.get_logger("relay.alerts")

at_once: Final = 100
"""Alerts in one letter."""
pause_s: Final = 5.0
"""Between two looks for alerts."""
pause_after_letter_s: Final = 60.0
"""After a letter: what happens meanwhile comes in one more, so that a bad hour is no flood."""


@dataclass(slots=True)
class Alerting:
    """Tells what nobody was told yet."""

    store: Store
    operators: Sequence[RealAddress]
    house: House
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId
    clock: Clock

    async def tell_some(self) -> int:
        """Tell of what nobody was told yet, and say how many it was. Raises Unavailable, and then nobody was told."""
        waiting = await self.store.read(lambda connection: alerts.untold(connection, at_once))
        if not waiting:
            return 0
        now = self.clock()
        letters = [self._letter(operator, waiting, now) for operator in self.operators]
        numbers = [one.number for one in waiting]

        def work(connection: Connection) -> bool:
            return alerts.told(connection, numbers, letters, now)

        if await self.store.write(work):
            for one in waiting:
                party = one.party.value if one.party is not None else "operators"
                came = {"message": one.message} if one.notification is None else {"notification": one.notification}
                log.warning("alert", what=one.alarm.value, booking=one.reference, party=party, **came)
        return len(waiting)

    def _letter(self, operator: RealAddress, waiting: Sequence[Alert], now: datetime) -> Delivery:
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        content = alert_letter(waiting, operator=operator, house=self.house, now=now, message_id=message_id)
        return Delivery(
            id=DeliveryId(self.new_id()),
            message=next((one.message for one in waiting if one.message is not None), None),
            conversation=None,
            carries=Carries.OPERATOR,
            # Nothing is ever sent about it: where a bounce of a bounce ends (FAULT-101).
            return_path="",
            recipient=operator,
            content=self.sign(content, now),
            accepted_at=now,
        )


async def keep_alerting(alerting: Alerting) -> None:
    """Tell for as long as it is not cancelled. Trouble of any kind is logged, and for the next look."""

    async def once() -> float:
        return pause_after_letter_s if await alerting.tell_some() else pause_s

    await kept_up("alerts", once, after_trouble_s=pause_s)
