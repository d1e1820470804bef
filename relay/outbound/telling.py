"""Telling writers that a message of theirs did not arrive, or takes longer (GW-50, GW-51)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from relay.conversation import Conversation
from relay.correspondence.notice import House, Occasion, notice
from relay.correspondence.wording import Delay
from relay.message.automatic import may_be_answered
from relay.message.parse import parse
from relay.outbound.schedule import LIFETIME
from relay.transit.bounce import DAILY_CAP, Untold
from relay.transit.delivery import Carries, Cause, Delivery, notices_a_day_max
from relay.values import DeliveryId, MessageId, MsgId, NewId, Role


class About(Protocol):
    """The message that a delivery carries."""

    @property
    def message(self) -> MessageId: ...
    @property
    def conversation(self) -> Conversation: ...
    @property
    def writer(self) -> Role: ...
    @property
    def carries(self) -> Carries: ...
    @property
    def subject(self) -> str: ...
    @property
    def original_id(self) -> MsgId | None: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def return_path(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def notices_today(self) -> int: ...


class Records(Protocol):
    """The store, as far as telling needs it."""

    async def about(self, delivery: DeliveryId) -> About | None:
        """What `delivery` is about; None when it belongs to no conversation. Raises relay.errors.Unavailable."""
        ...


NOBODYS: Final = Untold("it belongs to no conversation")
NO_RENDITION: Final = Untold("it carries mail of ours, about which nothing is sent (GW-53)")
AUTOMATIC: Final = Untold("it is automatic, and not answered (GW-53)")


@dataclass(frozen=True, slots=True)
class Telling:
    """Writes the notices about deliveries, or says why nobody is to be told (GW-52, GW-53)."""

    records: Records
    house: House
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId

    async def failure(self, delivery: Delivery, cause: Cause, now: datetime) -> Delivery | Untold:
        """The notice that `delivery` failed for good."""
        return await self._notice(delivery.id, cause, now)

    async def came_back(self, delivery: DeliveryId, cause: Cause, now: datetime) -> Delivery | Untold:
        """The same, of a delivery that is known by its id alone: one that came back."""
        return await self._notice(delivery, cause, now)

    async def delay(self, delivery: Delivery, now: datetime) -> Delivery | Untold:
        """The notice that `delivery` takes longer and is still being tried."""
        return await self._notice(delivery.id, Delay.DELAYED, now)

    async def _notice(self, delivery: DeliveryId, topic: Cause | Delay, now: datetime) -> Delivery | Untold:
        about = await self.records.about(delivery)
        if about is None:
            return NOBODYS
        if about.carries is not Carries.RENDITION:
            return NO_RENDITION
        if about.notices_today >= notices_a_day_max:
            return DAILY_CAP
        # A message may be large, and the loop serves everybody.
        if not may_be_answered(await asyncio.to_thread(parse, about.content), about.return_path):
            return AUTOMATIC
        writer = about.conversation.party(about.writer)
        message_id = MsgId(f"{self.new_id()}@{self.house.domain}")
        occasion = Occasion(
            topic=topic,
            writer=writer,
            conversation=about.conversation,
            subject=about.subject,
            message=about.message,
            original_id=about.original_id,
            at=about.received_at,
            until=about.received_at + LIFETIME if isinstance(topic, Delay) else None,
        )
        written = notice(occasion, self.house, now=now, message_id=message_id)
        return Delivery(
            id=DeliveryId(self.new_id()),
            message=about.message,
            conversation=about.conversation.id,
            carries=Carries.NOTICE,
            return_path="",
            recipient=writer.mailbox,
            content=self.sign(written, now),
            accepted_at=now,
        )
