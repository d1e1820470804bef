"""How much a writer wrote, and how much there was in a conversation, as all workers count it (GW-27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.conversation import Conversation
from relay.policy.facts import Crowd, Rates
from relay.policy.reasons import Reason
from relay.store.background import backgrounds
from relay.transit.background import NO_RATES, Inquiry
from relay.transit.crossing import Fate
from relay.values import Rate, RealAddress, Role

HOUR = timedelta(hours=1)
ZOFIA = RealAddress(CUSTOMER_ADDRESS)
THREE = Rate(3, HOUR)


def crowd(
    world: World, conversation: Conversation, rates: Rates, at: datetime = NOW, author: RealAddress = ZOFIA
) -> Crowd | None:
    """Which of `rates` is used up for one more message of `author` to the partner, at `at`."""

    def asked(connection: Connection) -> Crowd | None:
        inquiry = Inquiry(author, bytes(32), (), automatic=False, at=at, rates=rates)
        [known] = backgrounds(connection, [conversation.partner.alias], inquiry)
        assert known is not None
        return known.crowd

    return world.read(asked)


def wrote(
    world: World, conversation: Conversation, times: int, at: datetime = NOW - HOUR / 2, author: RealAddress = ZOFIA
) -> None:
    """So many messages from the customer in `conversation`, and as many copies of each as there are addresses."""
    for number in range(times):
        world.accepted(world.crossing(conversation, at=at, body=f"{conversation.reference} {number} {at}", author=author))


@pytest.mark.parametrize(("times", "found"), [(0, None), (2, None), (3, Crowd.WRITER), (9, Crowd.WRITER)])
def test_the_messages_of_a_writer_count_in_all_conversations_together(world: World, times: int, found: Crowd | None) -> None:
    first, second = world.opened("FIRST"), world.opened("SECOND")
    wrote(world, first, times // 2)
    wrote(world, second, times - times // 2)
    assert crowd(world, first, Rates(writer=THREE, conversation=None)) is found
    assert crowd(world, first, Rates(writer=THREE, conversation=None), author=first.partner.mailbox) is None
    assert crowd(world, first, NO_RATES) is None


def test_a_writer_is_one_whatever_the_spelling(world: World) -> None:
    """GW-5: a sub-address is no further writer."""
    conversation = world.opened()
    local, _, domain = CUSTOMER_ADDRESS.partition("@")
    for number, spelled in enumerate((f"{local.upper()}@{domain}", f"{local}+a@{domain}", f"{local}+b@{domain}")):
        wrote(world, conversation, 1, at=NOW - timedelta(minutes=number + 1), author=RealAddress(spelled))
    assert crowd(world, conversation, Rates(writer=THREE, conversation=None)) is Crowd.WRITER


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (timedelta(0), None),  # what was received no earlier does not count: a message that is decided anew is not its own crowd
        (timedelta(microseconds=1), True),
        (HOUR, True),
        (HOUR + timedelta(microseconds=1), None),
    ],
)
@pytest.mark.parametrize("rates", [Rates(THREE, None), Rates(None, THREE)])
def test_what_counts_came_within_the_time_before(world: World, since: timedelta, found: bool | None, rates: Rates) -> None:
    conversation = world.opened()
    wrote(world, conversation, 3, at=NOW - since)
    assert (crowd(world, conversation, rates) is not None) is bool(found)


def test_the_messages_of_both_parties_count_in_their_conversation_alone(world: World) -> None:
    first, second = world.opened("FIRST"), world.opened("SECOND")
    wrote(world, first, 2)
    world.accepted(world.crossing(first, writer=Role.PARTNER, at=NOW - HOUR / 3, body="from the partner"))
    rates = Rates(writer=None, conversation=THREE)
    assert [crowd(world, one, rates) for one in (first, second)] == [Crowd.CONVERSATION, None]
    assert crowd(world, first, Rates(writer=None, conversation=Rate(4, HOUR))) is None


def test_what_strangers_wrote_fills_no_conversation(world: World) -> None:
    """GW-6: it waits for the party to confirm it."""
    conversation = world.opened()
    wrote(world, conversation, 2)
    for number in range(3):
        held = world.crossing(conversation, fate=Fate.HELD, at=NOW - HOUR / 4, body=f"stranger {number}")
        reason = Reason.UNKNOWN_WRITER.value
        world.accepted(replace(held, passages=tuple(replace(one, reason=reason) for one in held.passages)))
    assert crowd(world, conversation, Rates(THREE, THREE)) is None
