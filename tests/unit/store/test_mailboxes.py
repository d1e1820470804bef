"""Addresses at which nobody is reached any more, and who hears of it (GW-54, FAULT-101)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.archive import World, an_opening
from support.world import CUSTOMER_ADDRESS, NOW, PARTNER_ADDRESS

from relay.conversation import Conversation
from relay.errors import Conflict
from relay.store import alerts, conversations, known, outbox, steps
from relay.store.timeline import Kind, entries
from relay.transit.alarm import Alarm
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Delivered, Delivery, Failed
from relay.transit.question import Question, digest_of
from relay.values import RealAddress, Role

GONE = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no such user")
SECOND = RealAddress("office@alpine-tours.example")


def failing(
    world: World, conversation: Conversation, failed: Failed = GONE, *, at: datetime = NOW, to: str = PARTNER_ADDRESS
) -> None:
    """A message of the customer comes back from the partner."""
    crossing = world.crossing(conversation, at=at, body=f"message {world.new_id()}")
    (delivery,) = world.accepted(crossing)
    assert delivery.recipient == RealAddress(to)
    world.write(lambda connection: outbox.record(connection, delivery.id, failed, now=at, untold="not told in this test"))


def now_in(world: World, conversation: Conversation) -> Conversation:
    return world.read(lambda connection: conversations.by_id(connection, conversation.id))


def kinds(world: World, conversation: Conversation) -> list[Kind]:
    return [one.kind for one in world.read(lambda connection: entries(connection, conversation.id))]


def raised(world: World) -> list[tuple[Alarm, Role]]:
    return [(one.alarm, one.party) for one in world.read(alerts.listed)]


def test_an_address_is_dead_with_the_third_hard_failure_and_the_house_hears_of_it_once(world: World) -> None:
    conversation = world.opened()
    for _ in range(2):
        failing(world, conversation)
    assert now_in(world, conversation).partner.is_reachable
    assert raised(world) == []
    for _ in range(2):
        failing(world, conversation)
    partner = now_in(world, conversation).partner
    assert (partner.dead, partner.is_reachable) == (partner.addresses, False)
    assert kinds(world, conversation).count(Kind.ADDRESS_DEAD) == 1
    assert raised(world) == [(Alarm.ADDRESS_DEAD, Role.PARTNER)]
    assert now_in(world, conversation).customer.is_reachable


@pytest.mark.parametrize(
    "failed",
    [
        Failed(Cause.MAILBOX_FULL, 552, "5.2.2 over quota"),
        Failed(Cause.SERVER_UNREACHABLE, None, "4.4.1 connection timed out"),
        Failed(Cause.BLOCKED, 550, "5.7.1 spam"),
        Failed(Cause.TOO_LARGE, 552, "5.3.4 too big"),
        Failed(Cause.OTHER, 554, "no"),
        Failed(Cause.ADDRESS_WRONG, 450, "4.1.1 unknown for now"),  # given up after two days of "later"
        Failed(Cause.ADDRESS_WRONG, None, "4.4.7"),  # a bounce that says the same
    ],
)
def test_a_soft_failure_never_marks_an_address_dead(world: World, failed: Failed) -> None:
    conversation = world.opened()
    for _ in range(4):
        failing(world, conversation, failed)
    assert now_in(world, conversation).partner.is_reachable


def test_failures_far_apart_say_nothing_together(world: World) -> None:
    conversation = world.opened()
    for month in range(4):
        failing(world, conversation, at=NOW + month * timedelta(days=31))
    assert now_in(world, conversation).partner.is_reachable


def test_the_next_known_address_is_used_where_there_is_one(world: World) -> None:
    conversation = world.opened()
    world.write(lambda connection: known.add_address(connection, conversation.reference, Role.PARTNER, SECOND, now=NOW))
    for _ in range(3):
        failing(world, conversation)
    partner = now_in(world, conversation).partner
    assert (partner.mailbox, partner.is_reachable) == (SECOND, True)


def test_an_address_is_dead_wherever_it_is_known_until_somebody_resumes(world: World) -> None:
    one = world.opened()
    other = world.write(
        lambda connection: steps.open_conversation(
            connection, an_opening("OTHER"), world.mint, now=NOW, window_after=timedelta(days=7)
        )
    )
    for _ in range(3):
        failing(world, one)
    assert not now_in(world, other).partner.is_reachable
    resumed = world.write(lambda connection: steps.resume(connection, "OTHER", Role.PARTNER, now=NOW, by="ops"))
    assert resumed.partner.is_reachable
    assert now_in(world, one).partner.is_reachable
    assert kinds(world, other)[-1] is Kind.RESUMED
    failing(world, one)
    assert now_in(world, one).partner.is_reachable  # counted from the beginning
    with pytest.raises(Conflict, match="not stopped"):
        world.write(lambda connection: steps.resume(connection, "OTHER", Role.PARTNER, now=NOW))


def a_notice(world: World, conversation: Conversation) -> Delivery:
    """A notice to the customer, under way, about a message of theirs that came back."""
    crossing = world.crossing(conversation, body=f"message {world.new_id()}")
    (delivery,) = world.accepted(crossing)
    notice = world.delivery(crossing.envelope.id, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    soft = Failed(Cause.OTHER, 554, "no")
    world.write(lambda connection: outbox.record(connection, delivery.id, soft, now=NOW, notices=[notice]))
    return notice


def test_a_notice_that_fails_is_told_to_the_house_and_causes_no_other(world: World) -> None:
    """FAULT-101, GW-53: where a bounce of a bounce ends."""
    conversation = world.opened()
    notice = a_notice(world, conversation)
    world.write(lambda c: outbox.record(c, notice.id, GONE, now=NOW, untold="nothing is sent about a notice"))
    assert raised(world) == [(Alarm.NOTICE_FAILED, Role.CUSTOMER)]


@pytest.mark.parametrize("failed", [GONE, Failed(Cause.BLOCKED, 550, "no")])
def test_a_question_that_fails_is_told_to_the_house(world: World, failed: Failed) -> None:
    """GW-6, GW-53, invariant 4: nobody else would ever hear of what waits for its answer."""
    conversation = world.opened()
    plain = world.crossing(conversation, fate=Fate.HELD)
    asking = world.delivery(plain.envelope.id, conversation, carries=Carries.QUESTION, to=CUSTOMER_ADDRESS)
    question = Question(RealAddress("who@x.example"), "", digest_of("secret"))
    [passage] = plain.passages
    waiting = replace(passage, reason="unknown_writer", rendition=None, deliveries=(asking,), question=question)
    world.accepted(replace(plain, passages=(waiting,)))
    world.write(lambda c: outbox.record(c, asking.id, failed, now=NOW, untold="nothing is sent about a question"))
    assert raised(world) == [(Alarm.QUESTION_FAILED, Role.CUSTOMER)]


def test_hard_failures_of_notices_count_for_their_readers(world: World) -> None:
    conversation = world.opened()
    for _ in range(3):
        notice = a_notice(world, conversation)
        world.write(lambda c, one=notice.id: outbox.record(c, one, GONE, now=NOW, untold="nothing about a notice"))
    assert not now_in(world, conversation).customer.is_reachable
    assert now_in(world, conversation).partner.is_reachable


def test_alerts_are_told_once_whoever_tells_them(world: World) -> None:
    """Of two nodes that find the same alerts, one writes the letters."""
    conversation = world.opened()
    for _ in range(3):
        failing(world, conversation)
    waiting = world.read(lambda connection: alerts.untold(connection, 10))
    assert [(one.reference, one.party, one.told_at) for one in waiting] == [(conversation.reference, Role.PARTNER, None)]
    letters = [world.delivery(waiting[0].message, None, carries=Carries.OPERATOR, to="ops@house.example") for _ in range(2)]
    numbers = [one.number for one in waiting]
    assert world.write(lambda connection: alerts.told(connection, numbers, letters[:1], NOW))
    assert not world.write(lambda connection: alerts.told(connection, numbers, letters[1:], NOW))
    assert world.read(lambda connection: alerts.untold(connection, 10)) == ()
    assert world.read(alerts.counted)[Alarm.ADDRESS_DEAD] == 1
    world.write(lambda connection: outbox.record(connection, letters[0].id, Delivered(250, "ok"), now=NOW))
