"""All of one message, and the trace of an id (AR-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import DOMAIN, NOW

from relay.conversation import Conversation
from relay.errors import NotFound
from relay.store import archive, claims, outbox
from relay.store.blobs import Lost
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Delivery
from relay.values import MessageId


def a_story(world: World) -> tuple[Conversation, Crossing, Delivery]:
    """A message that arrived at the second attempt."""
    conversation = world.opened()
    crossing = world.crossing(conversation)
    (delivery,) = world.accepted(crossing)
    soon = NOW + timedelta(minutes=1)
    deferred = Deferred(Cause.MAILBOX_FULL, 452, "full")
    world.write(lambda c: outbox.record(c, delivery.id, deferred, now=NOW, next_due=soon))
    (again,) = world.write(lambda c: claims.claim(c, soon, timedelta(minutes=10), 1, "w"))
    world.write(lambda c: outbox.record(c, again.id, Delivered(250, "queued"), now=soon, attempt=again.attempts))
    return conversation, crossing, delivery


def test_everything_about_a_message_is_shown_as_it_was(world: World) -> None:
    """GY-4"""
    conversation, crossing, delivery = a_story(world)
    shown = world.read(lambda connection: archive.shown(connection, crossing.envelope.id))
    assert shown.envelope == crossing.envelope
    assert (shown.content, shown.size, shown.troubles) == (crossing.envelope.content, len(crossing.envelope.content), ())
    assert shown.original_id == crossing.original_id
    (passage,) = shown.passages
    rendition = crossing.passages[0].rendition
    assert rendition is not None
    assert (passage.fate, passage.rendition, passage.rendition_id, passage.removed) == (
        Fate.PASSED,
        rendition.content,
        rendition.message_id,
        rendition.removed,
    )
    (sent,) = shown.deliveries
    assert (sent.tracked.id, sent.content) == (delivery.id, delivery.content)
    assert [(one.number, one.outcome, one.code, one.text) for one in sent.attempts] == [
        (1, "deferred", 452, "full"),
        (2, "delivered", 250, "queued"),
    ]
    assert [entry.conversation for entry in shown.timelines[0]] == [conversation.id] * 4


@pytest.mark.parametrize("damage", ["UPDATE blobs SET data = '!'", "DELETE FROM blobs"])
def test_what_is_damaged_is_told_and_all_else_is_shown(world: World, damage: str) -> None:
    """Support looks at a message in a dispute: that its octets are lost is one more thing to know of it."""
    _, crossing, delivery = a_story(world)
    name = f"{crossing.envelope.id}.raw"
    world.tamper(f"{damage} WHERE id = '{name}'")
    shown = world.read(lambda connection: archive.shown(connection, crossing.envelope.id))
    assert isinstance(shown.content, Lost)
    assert [one.partition(":")[0] for one in shown.troubles] == [f"blob {name}"]
    assert (shown.size, shown.envelope.client_ip) == (len(crossing.envelope.content), crossing.envelope.client_ip)
    assert [one.content for one in shown.deliveries] == [delivery.content]


def test_nobody_is_shown_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound, match="no message nothing"):
        world.read(lambda connection: archive.shown(connection, MessageId("nothing")))


def traced(world: World, id_: str) -> list[str]:
    return [event.kind for event in world.read(lambda connection: archive.trace(connection, id_))]


def test_a_message_is_traced_by_any_of_its_ids(world: World) -> None:
    """faults.md 4.3: trace ID|MESSAGE-ID|ALIAS"""
    _, crossing, delivery = a_story(world)
    world.accepted(world.crossing(world.opened("OTHER")))
    rendition = crossing.passages[0].rendition
    assert rendition is not None
    for id_ in (crossing.envelope.id, delivery.id, rendition.message_id, f"<{rendition.message_id}>", f" {delivery.id} "):
        assert traced(world, id_) == ["received", "removed", "message", "deferred", "answer", "delivered", "answer"]


def test_an_alias_is_traced_to_all_of_its_conversation(world: World) -> None:
    conversation, _, _ = a_story(world)
    for party in conversation.parties():
        assert traced(world, str(party.alias).upper()) == ["opened", "message", "deferred", "delivered"]


def test_mail_to_the_operators_is_traced_without_a_timeline(world: World) -> None:
    crossing = world.crossing(world.opened())
    outgoing = [world.delivery(crossing.envelope.id, None, carries=Carries.OPERATOR, to="ops@example.com")]
    world.kept(crossing, outgoing)
    world.write(lambda connection: outbox.record(connection, outgoing[0].id, Delivered(250, "ok"), now=NOW))
    assert traced(world, crossing.envelope.id) == ["received", "answer"]


@pytest.mark.parametrize("id_", ["nothing", f"customer-ffffffffffff@{DOMAIN}", "", "<>", "\x00", "half \ud83d"])
def test_what_is_no_id_of_anything_is_said_to_be_unknown(world: World, id_: str) -> None:
    a_story(world)
    with pytest.raises(NotFound, match="nothing is known of"):
        traced(world, id_)


def test_a_trace_prints_no_answer_of_a_receiver(world: World) -> None:
    """Invariant 1: such an answer often holds the address."""
    _, crossing, _ = a_story(world)
    assert "queued" not in repr(world.read(lambda connection: archive.trace(connection, crossing.envelope.id)))
