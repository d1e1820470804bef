"""Telling writers that a message of theirs did not arrive, or takes longer (GW-50, GW-51)."""

from __future__ import annotations

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
from relay.transit.delivery import Carries, Cause, Delivery
from relay.values import DeliveryId, MessageId, MsgId, NewId, Role

notices_a_day_max: Final = 50
"""To one writer about one conversation; what lies above stands in the timeline alone (GW-52)."""


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


@dataclass(frozen=True, slots=True)
class Telling:
    """Writes the notices about deliveries. None, each time, where nobody is to be told (GW-53)."""

    records: Records
    house: House
    sign: Callable[[bytes, datetime], bytes] = field(repr=False)
    new_id: NewId

    async def failure(self, delivery: Delivery, cause: Cause, now: datetime) -> Delivery | None:
        """The notice that `delivery` failed for good."""
        return await self.failed(delivery.id, cause, now)

    async def failed(self, delivery: DeliveryId, cause: Cause, now: datetime) -> Delivery | None:
        """The same, of a delivery that is known by its id alone: one that came back."""
        return await self._notice(delivery, cause, now)

    async def delay(self, delivery: Delivery, now: datetime) -> Delivery | None:
        """The notice that `delivery` takes longer and is still being tried."""
        return await self._notice(delivery.id, Delay.DELAYED, now)

    async def _notice(self, delivery: DeliveryId, topic: Cause | Delay, now: datetime) -> Delivery | None:
        about = await self.records.about(delivery)
        # Never a notice about a notice, nor about mail of the house.
        if about is None or about.carries is not Carries.RENDITION or about.notices_today >= notices_a_day_max:
            return None
        if not may_be_answered(parse(about.content), about.return_path):
            return None
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
            recipient=writer.addresses[0],
            content=self.sign(written, now),
            accepted_at=now,
        )
