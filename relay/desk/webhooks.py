"""Other systems that are told of what happens to bookings: where, with which secret, what became of each event.

What they are told holds nothing personal: the booking's reference and where it stands. Whoever wants more asks the API.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from relay.booking.lifecycle import Step
from relay.booking.situation import Act
from relay.errors import NotDone
from relay.outbound.webhook import PREFIX, receiver
from relay.store.bookings import endpoints, events
from relay.store.bookings.events import Event, Told
from relay.store.exchange_tables import Telling
from relay.store.store import Store
from relay.values import Clock, NewId
from relay.web.webhook_ports import Endpoint, Sending, Sent, Try
from relay.web.words import word

secret_octets: Final = 24
"""As Standard Webhooks asks for: 24 to 64."""
overlap: Final = timedelta(days=1)
"""How long an old secret signs too, once there is a new one."""

_SENDING: Final = {Telling.DUE: Sending.DUE, Telling.TOLD: Sending.DELIVERED, Telling.GIVEN_UP: Sending.FAILED}
_TELLING: Final = {sending: telling for telling, sending in _SENDING.items()}


def event_name(act: Act) -> str:
    """What a step by `act` is called in events: booking.accept."""
    return f"booking.{word(act)}"


NAMES: Final = tuple(event_name(act) for act in Act)
"""All that there are."""


@dataclass(frozen=True, slots=True)
class Herald:
    """Is told of each step, in its transaction, and enters it for whoever wants to hear of it (invariant 9)."""

    new_id: NewId

    def __call__(self, connection: Connection, step: Step) -> None:
        booking = step.booking
        told = {
            "type": event_name(step.act),
            "timestamp": step.at.isoformat().replace("+00:00", "Z"),
            "data": {
                "reference": booking.reference,
                "version": booking.version,
                "transition": step.transition,
                "actor": word(step.actor),
                "stage": word(booking.stage),
                "action": word(booking.action),
                "relay": word(booking.relay),
            },
        }
        payload = json.dumps(told, separators=(",", ":"))
        events.enter(connection, Event(self.new_id(), booking.id, booking.version, event_name(step.act), step.at, payload))


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """relay.web.webhook_ports.Webhooks over the store. `anywhere`: receivers may be without TLS, and in private networks."""

    store: Store
    new_id: NewId
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)
    anywhere: bool = False

    async def add(self, url: str, events: Sequence[str], by: str) -> tuple[Endpoint, str]:  # noqa: ARG002 (the port's)
        """With its secret, this once. Raises NotDone for a URL to which nothing is sent, and names that nothing has."""
        try:
            receiver(url, anywhere=self.anywhere)
        except ValueError as wrong:
            raise NotDone(str(wrong)) from None
        one = endpoints.Endpoint(self.new_id(), url, _known(events), self.clock(), None, None, self._secret())
        await self.store.write(lambda connection: endpoints.add(connection, one))
        return _shown(one), one.secret

    async def all(self) -> Sequence[Endpoint]:
        return await self.store.read(lambda connection: [_shown(one) for one in endpoints.listed(connection)])

    async def one(self, id_: str) -> Endpoint:
        return await self.store.read(lambda connection: _shown(endpoints.one(connection, id_)))

    async def change(self, id_: str, events: Sequence[str] | None, is_enabled: bool | None, by: str) -> Endpoint:  # noqa: ARG002 (the port's)
        kinds = _known(events) if events is not None else None
        now = self.clock()
        return await self.store.write(lambda connection: _shown(endpoints.change(connection, id_, kinds, is_enabled, now)))

    async def remove(self, id_: str, by: str) -> None:  # noqa: ARG002 (the port's)
        await self.store.write(lambda connection: endpoints.remove(connection, id_))

    async def rotate(self, id_: str, by: str) -> tuple[Endpoint, str]:  # noqa: ARG002 (the port's)
        secret, until = self._secret(), self.clock() + overlap
        one = await self.store.write(lambda connection: endpoints.rotate(connection, id_, secret, until))
        return _shown(one), secret

    async def log(self, id_: str, state: Sending | None, limit: int, after: str | None) -> Sequence[Sent]:
        wanted = _TELLING[state] if state is not None else None
        return await self.store.read(lambda connection: [_sent(one) for one in events.log(connection, id_, wanted, limit, after)])

    async def redeliver(self, id_: str, sent: str, by: str) -> Sent:  # noqa: ARG002 (the port's)
        now = self.clock()
        return await self.store.write(lambda connection: _sent(events.again(connection, id_, sent, now)))

    def _secret(self) -> str:
        return PREFIX + base64.b64encode(self.random(secret_octets)).decode()


def _known(names: Sequence[str]) -> tuple[str, ...]:
    if unknown := [one for one in names if one not in NAMES]:
        raise NotDone(f"no event is called {unknown[0]}; there are for example {', '.join(NAMES[:3])}")
    return tuple(dict.fromkeys(names))


def _shown(one: endpoints.Endpoint) -> Endpoint:
    return Endpoint(one.id, one.url, one.kinds, one.disabled_at is None, one.created_at, one.rotated_until)


def _sent(one: Told) -> Sent:
    event = one.event
    return Sent(
        id=event.id,
        event=event.id,
        type=event.kind,
        reference=one.reference,
        at=event.at,
        state=_SENDING[one.state],
        next_at=one.due_at if one.state is Telling.DUE else None,
        tries=tuple(Try(each.at, each.code, each.told) for each in one.tried),
    )
