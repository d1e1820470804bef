"""The store as the path of mail asks it: every call with the present time and this worker's name."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from relay.app import places
from relay.errors import Foreign, Unavailable, WrongConfiguration
from relay.machine import clock
from relay.settings import Settings
from relay.store import claims, destinations, ownership, schema
from relay.store.occasions import About, Sent, about, sent, sent_as
from relay.store.store import Store
from relay.transit.answer import Answer
from relay.transit.bounce import Intake
from relay.transit.crossing import Crossing
from relay.transit.delivery import Delivery, Outcome
from relay.values import ConversationId, DeliveryId, MsgId, RealAddress

log = structlog.get_logger("relay.archive")

lease: Final = timedelta(hours=1)
"""Longer than a delivery waits in memory and its longest attempt together; after it, another worker takes it over."""


def opened_store(settings: Settings) -> Store:
    """The database of `settings`, at the present schema. An embedded one is migrated by itself.

    Raises Unavailable, and WrongConfiguration when another database has not been migrated, or when the objects of another
    installation lie where this one's are to lie. An object store that does not answer now is no reason not to start.
    """
    engine = present(places.database(settings))
    try:
        ownership.check(engine)
    except Foreign as foreign:
        engine.dispose()
        raise WrongConfiguration(f"blobs.url: {foreign}") from None
    except Unavailable as why:
        log.warning("objects.unavailable", why=str(why))
    return Store(engine)


def present(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        schema.migrate(engine)
    elif not schema.schema_is_current(engine):
        raise WrongConfiguration("database.url: its schema is not the present one; run `relay migrate`")
    return engine


@dataclass(frozen=True, slots=True)
class Archive:
    """The store, as inbound, outbound and telling ask it: every call with the present time and this worker's name."""

    store: Store
    worker: str

    def accept(self, crossing: Crossing) -> Awaitable[Sequence[Delivery]]:
        return self.store.accept(crossing, now=clock(), lease=lease, worker=self.worker)

    def accept_answer(self, crossing: Crossing, answer: Answer | None) -> Awaitable[Sequence[Delivery]]:
        return self.store.accept_answer(crossing, answer, now=clock(), lease=lease, worker=self.worker)

    async def accept_house_mail(self, intake: Intake) -> Sequence[Delivery]:
        return await self.store.accept_house_mail(intake, now=clock(), lease=lease, worker=self.worker)

    async def sent_as(self, ids: Sequence[MsgId]) -> Sequence[DeliveryId]:
        return await self.store.read(lambda connection: sent_as(connection, ids))

    async def about(self, delivery: DeliveryId) -> About | None:
        return await self.store.read(lambda connection: about(connection, delivery, clock()))

    async def sent(self, delivery: DeliveryId) -> Sent | None:
        return await self.store.read(lambda connection: sent(connection, delivery))

    async def notices_since(self, conversation: ConversationId, recipient: RealAddress, since: datetime) -> int:
        return await self.store.notices_since(conversation, recipient, since)

    async def claim(self, count_max: int) -> Sequence[Delivery]:
        return await self.store.claim(now=clock(), lease=lease, count_max=count_max, worker=self.worker)

    async def record(
        self,
        delivery: Delivery,
        outcome: Outcome,
        next_due_at: datetime | None,
        further: Sequence[Delivery],
        delay_told: bool,
        untold: str,
    ) -> None:
        await self.store.record(
            delivery.id,
            outcome,
            now=clock(),
            next_due=next_due_at,
            notices=further,
            attempt=delivery.attempts,
            delay_told=delay_told,
            untold=untold,
        )

    async def next_due_at(self) -> datetime | None:
        return await self.store.next_due_at()

    async def suspended(self) -> frozenset[str]:
        return await self.store.read(destinations.suspended)

    async def release(self, deliveries: Sequence[Delivery]) -> None:
        ids = [delivery.id for delivery in deliveries]
        await self.store.write(lambda connection: claims.give_back(connection, ids, self.worker, clock()))
