"""Who is told that a message did not arrive, and why nobody is (GW-50 to GW-53)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from support.deliveries import a_delivery
from support.world import CUSTOMER_ADDRESS, NOW, a_conversation

from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.outbound.telling import AUTOMATIC, NO_RENDITION, NOBODYS, Telling
from relay.transit.bounce import DAILY_CAP, Untold
from relay.transit.delivery import Carries, Cause, Delivery, notices_a_day_max
from relay.values import DeliveryId, MessageId, MsgId, Role

LETTER = b"From: zofia@poczta.example\r\nSubject: Where?\r\n\r\nHello\r\n"
OURS = MessageId("m1")
THEIRS = MsgId("theirs@poczta.example")
AWAY = b"Auto-Submitted: auto-replied\r\n" + LETTER


@dataclass(frozen=True)
class About:
    """`relay.outbound.telling.About`: a customer's message, unless told otherwise."""

    carries: Carries = Carries.RENDITION
    content: bytes = LETTER
    notices_today: int = 0
    message: MessageId = OURS
    conversation: Conversation = field(default_factory=a_conversation)
    writer: Role = Role.CUSTOMER
    subject: str = "Where?"
    original_id: MsgId | None = THEIRS
    received_at: datetime = NOW
    return_path: str = CUSTOMER_ADDRESS


@dataclass(frozen=True)
class Records:
    known: About | None

    async def about(self, delivery: DeliveryId) -> About | None:
        return self.known


async def told(about: About | None, how: str) -> Delivery | Untold:
    house = House("Example Travel", "reply.example.com", "https://example.com/support")
    telling = Telling(Records(about), house, lambda content, _: b"DKIM-Signature: x\r\n" + content, lambda: "01")
    match how:
        case "failure":
            return await telling.failure(a_delivery(), Cause.MAILBOX_FULL, NOW)
        case "delay":
            return await telling.delay(a_delivery(), NOW)
        case _:
            return await telling.came_back(DeliveryId("d1"), Cause.MAILBOX_FULL, NOW)


HOW = pytest.mark.parametrize("how", ["failure", "delay", "came back"])


@HOW
async def test_the_writer_gets_a_signed_notice_with_a_null_return_path(how: str) -> None:
    notice = await told(About(), how)
    assert isinstance(notice, Delivery)
    assert (notice.message, notice.carries, notice.return_path) == (OURS, Carries.NOTICE, "")
    assert notice.recipient.reveal() == CUSTOMER_ADDRESS
    assert notice.content.startswith(b"DKIM-Signature: ")


@HOW
@pytest.mark.parametrize(
    ("about", "why"),
    [
        (None, NOBODYS),
        (About(carries=Carries.NOTICE), NO_RENDITION),
        (About(carries=Carries.OPERATOR), NO_RENDITION),
        (About(notices_today=notices_a_day_max), DAILY_CAP),
        (About(content=AWAY), AUTOMATIC),
        (About(return_path=""), AUTOMATIC),
    ],
)
async def test_nobody_is_told_for_a_reason_that_is_said(about: About | None, why: Untold, how: str) -> None:
    """GW-52, GW-53"""
    assert await told(about, how) == why
    assert "@" not in why.reason
