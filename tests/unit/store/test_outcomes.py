"""What became of everything in a conversation."""

from __future__ import annotations

from support.archive import FOUND, World
from support.world import NOW

from relay.store import outbox, outcomes
from relay.store.tables import State
from relay.transit.crossing import Fate
from relay.transit.delivery import Delivered


def test_a_share_is_told_with_its_deliveries_and_is_final_once_they_are(world: World) -> None:
    conversation = world.opened()
    crossing = world.crossing(conversation)
    [delivery] = world.accepted(crossing)
    [share] = world.read(lambda connection: outcomes.in_conversation(connection, conversation.id))
    assert (share.message, share.fate, share.is_final) == (crossing.envelope.id, Fate.PASSED, False)
    assert [one.state for one in share.deliveries] == [State.DUE]
    world.write(lambda connection: outbox.record(connection, delivery.id, Delivered(250, "ok"), now=NOW))
    [share] = world.read(lambda connection: outcomes.in_conversation(connection, conversation.id))
    assert share.is_final


def test_a_held_share_is_final_with_what_was_found_in_it(world: World) -> None:
    """GW-55"""
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=Fate.HELD)
    world.accepted(crossing)
    [share] = world.read(lambda connection: outcomes.in_conversation(connection, conversation.id))
    assert (share.fate, share.findings, share.is_final, share.is_dropped) == (Fate.HELD, (FOUND,), True, False)
    world.dropped(crossing)
    [share] = world.read(lambda connection: outcomes.in_conversation(connection, conversation.id))
    assert share.is_dropped


def test_what_was_written_elsewhere_is_not_told(world: World) -> None:
    here, there = world.opened(), world.opened("OTHER")
    world.accepted(world.crossing(there))
    assert world.read(lambda connection: outcomes.in_conversation(connection, here.id)) == ()
