"""Telling other systems what happened to bookings: again and again until they have it, for three days."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from http import HTTPStatus
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.app import sending
from relay.app.upkeep import kept_up
from relay.errors import NotFound
from relay.machine import clock
from relay.outbound.tls import checking
from relay.outbound.webhook import Answer, Poster, Receiver, receiver, signatures
from relay.settings import Settings
from relay.store.bookings import endpoints, events
from relay.store.bookings.endpoints import Endpoint
from relay.store.bookings.events import Attempt, Told
from relay.store.exchange_tables import Telling
from relay.store.store import Store
from relay.values import Clock

log = structlog.get_logger("relay.webhooks")

pause_s: Final = 2.0
"""Between two looks at what is due."""
at_once: Final = 20
"""Events that are sent at the same time."""
lease: Final = timedelta(minutes=2)
"""Longer than all of these may take: then they come due again by themselves."""
PAUSES: Final = tuple(timedelta(seconds=one) for one in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""After each attempt; after the last, it is given up. As Standard Webhooks suggests."""

Post = Callable[[Receiver, bytes, Sequence[tuple[str, str]]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Messenger:
    """Sends what is due, each event to each endpoint."""

    store: Store
    post: Post
    clock: Clock
    anywhere: bool = False

    async def once(self) -> float:
        """How many seconds to wait before the next time: none while there is more."""
        now = self.clock()
        if not await self.store.read(lambda connection: events.is_due(connection, now)):
            return pause_s
        claimed = await self.store.write(self._claimed)
        await asyncio.gather(*(self._tell(told, endpoint) for told, endpoint in claimed))
        return 0.0

    def _claimed(self, connection: Connection) -> list[tuple[Told, Endpoint]]:
        due = events.claim(connection, self.clock(), lease, at_once)
        return [(one, endpoints.one(connection, one.endpoint)) for one in due]

    async def _tell(self, told: Told, endpoint: Endpoint) -> None:
        answer = await self._answer(told, endpoint)
        at = self.clock()
        state, due_at = Telling.DUE, at
        if answer.code is not None and HTTPStatus(200) <= answer.code < HTTPStatus(300):
            state = Telling.TOLD
        elif answer.code == HTTPStatus.GONE or told.attempts > len(PAUSES):
            state = Telling.GIVEN_UP
            log.warning("webhook.given_up", endpoint=endpoint.id, event_id=told.event.id, code=answer.code)
        else:
            due_at = at + PAUSES[told.attempts - 1]
        attempt = Attempt(at, answer.code, answer.trouble)

        def settled(connection: Connection) -> None:
            try:
                endpoints.one(connection, endpoint.id)
            except NotFound:
                return  # it was taken away meanwhile, with its log
            events.settle(connection, told, attempt, state, due_at)
            if answer.code == HTTPStatus.GONE:
                endpoints.change(connection, endpoint.id, None, is_enabled=False, now=at)

        await self.store.write(settled)

    async def _answer(self, told: Told, endpoint: Endpoint) -> Answer:
        if endpoint.disabled_at is not None:
            return Answer(HTTPStatus.GONE.value)
        try:
            to = receiver(endpoint.url, anywhere=self.anywhere)
        except ValueError as wrong:
            return Answer(None, str(wrong))  # the configuration has become stricter
        body, now = told.event.payload.encode(), self.clock()
        fields = (
            ("webhook-id", told.event.id),
            ("webhook-timestamp", str(int(now.timestamp()))),
            ("webhook-signature", signatures(endpoint.secrets(now), told.event.id, now, body)),
        )
        return await self.post(to, body, fields)


def messenger(settings: Settings, store: Store) -> Messenger:
    """Who does so as `settings` say."""
    section = settings.webhooks
    names = cache(partial(sending.resolver, settings))
    context = cache(partial(checking, section.authorities))

    async def post(to: Receiver, body: bytes, fields: Sequence[tuple[str, str]]) -> Answer:
        return await Poster(names(), context, section.anywhere)(to, body, fields)

    return Messenger(store, post, clock, section.anywhere)


async def keep_telling(settings: Settings, store: Store) -> None:
    """Again and again while it is not cancelled."""
    await kept_up("webhooks", messenger(settings, store).once, after_trouble_s=pause_s)
