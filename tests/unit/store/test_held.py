"""What is held waits for a person, who decides it once (GW-55, invariants 2 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection, select
from support.archive import FOUND, LEASE, World
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound
from relay.policy.reasons import Reason
from relay.store import archive, claims, held, tables, timeline
from relay.store.audit import unaccounted
from relay.store.stepping import Step
from relay.store.tables import passages
from relay.store.timeline import Entry, Kind
from relay.transit.crossing import Crossing, Fate, Passage, Rendition
from relay.transit.delivery import Carries
from relay.values import MessageId, MsgId

LATER: Final = NOW + timedelta(minutes=2)
STEP: Final = Step("anna", LATER, "asked by support")


def a_held_message(world: World) -> tuple[Conversation, Crossing]:
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=Fate.HELD)
    world.accepted(crossing)
    return conversation, crossing


def release(world: World, conversation: Conversation, crossing: Crossing) -> None:
    delivery = world.delivery(crossing.envelope.id, conversation)
    world.write(lambda c: held.release(c, crossing.envelope.id, 0, delivery, STEP))


def drop(world: World, _conversation: Conversation, crossing: Crossing) -> None:
    world.write(lambda c: held.drop(c, crossing.envelope.id, 0, STEP))


def decided(world: World, crossing: Crossing, passage: Passage, kind: Kind) -> None:
    world.write(lambda c: held.decide(c, crossing.envelope.id, 0, passage, kind, STEP, {}))


def pass_anew(world: World, conversation: Conversation, crossing: Crossing) -> None:
    delivery = world.delivery(crossing.envelope.id, conversation, content=b"Subject: anew\r\n\r\nHello\r\n")
    rendition = Rendition(delivery.content, MsgId(f"anew@{DOMAIN}"))
    passage = replace(crossing.passages[0], fate=Fate.PASSED, reason=None, findings=(), rendition=rendition)
    decided(world, crossing, replace(passage, deliveries=(delivery,)), Kind.RELEASED)


def give_back(world: World, conversation: Conversation, crossing: Crossing) -> None:
    notice = world.delivery(crossing.envelope.id, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    passage = replace(crossing.passages[0], fate=Fate.REFUSED, rendition=None, deliveries=(notice,))
    decided(world, crossing, passage, Kind.RETURNED)


def last(world: World, conversation: Conversation) -> Entry:
    return world.read(lambda connection: timeline.entries(connection, conversation.id))[-1]


def row(world: World, message: MessageId) -> tuple[str, str | None]:
    chosen = select(passages.c.fate, passages.c.reason).where(passages.c.message == message)
    found = world.read(lambda connection: connection.execute(chosen).one())
    return found.fate, found.reason


Act = Callable[[World, Conversation, Crossing], None]


def test_what_is_held_is_listed_with_what_was_found_and_nothing_of_it_is_under_way(world: World) -> None:
    _, crossing = a_held_message(world)
    [share] = world.read(held.listed)
    assert (share.message, share.ordinal, share.received_at) == (crossing.envelope.id, 0, NOW)
    assert (share.reason, share.findings, share.has_rendition) == ("leak", (FOUND,), True)
    assert world.write(lambda connection: claims.claim(connection, LATER, LEASE, 10, "w")) == []


@pytest.mark.parametrize(
    ("act", "kind", "fate", "goes_out"),
    [
        (release, Kind.RELEASED, "passed", [Carries.RENDITION]),
        (pass_anew, Kind.RELEASED, "passed", [Carries.RENDITION]),
        (give_back, Kind.RETURNED, "refused", [Carries.NOTICE]),
        (drop, Kind.DROPPED, "held", []),
    ],
)
def test_each_step_does_what_it_says_once_and_is_in_the_timeline(
    world: World, act: Act, kind: Kind, fate: str, goes_out: list[Carries]
) -> None:
    """Invariants 4 and 11."""
    conversation, crossing = a_held_message(world)
    act(world, conversation, crossing)
    assert row(world, crossing.envelope.id)[0] == fate
    assert [one.carries for one in world.write(lambda c: claims.claim(c, LATER, LEASE, 10, "w"))] == goes_out
    entry = last(world, conversation)
    assert (entry.kind, entry.facts["by"], entry.facts["because"]) == (kind, "anna", "asked by support")
    assert world.read(held.listed) == ()
    for again in (release, pass_anew, give_back, drop):
        with pytest.raises(Conflict, match="is not held"):
            again(world, conversation, crossing)
    assert world.read(lambda connection: unaccounted(connection, LATER)) == ()


def test_a_rendition_made_anew_takes_the_place_of_the_old_one_and_the_timeline_commits_to_it(world: World) -> None:
    """Invariant 11: the octets of the old one, which nobody got, are not kept."""
    conversation, crossing = a_held_message(world)
    pass_anew(world, conversation, crossing)
    [share] = world.read(lambda connection: archive.shown(connection, crossing.envelope.id)).passages
    assert isinstance(share.rendition, bytes)
    assert share.rendition.startswith(b"Subject: anew")
    assert (share.rendition_id, share.findings, share.reason) == (f"anew@{DOMAIN}", (), None)
    assert len(str(last(world, conversation).facts["rendition"])) == 64
    names = select(tables.blobs.c.id).order_by(tables.blobs.c.id)
    kept = world.read(lambda connection: connection.execute(names).scalars().all())
    assert kept == [f"{crossing.envelope.id}.0", f"{crossing.envelope.id}.raw"]


def test_what_is_decided_anew_may_be_held_again_with_other_findings(world: World) -> None:
    conversation, crossing = a_held_message(world)
    passage = replace(crossing.passages[0], reason=Reason.LEAK.value, findings=(FOUND, FOUND), deliveries=())
    decided(world, crossing, passage, Kind.RETRIED)
    [share] = world.read(held.listed)
    assert (share.findings, last(world, conversation).kind) == ((FOUND, FOUND), Kind.RETRIED)


@pytest.mark.parametrize("ordinal", [0, 7])
def test_a_step_on_nothing_says_so(world: World, ordinal: int) -> None:
    def ask(connection: Connection) -> object:
        return held.case(connection, MessageId("nothing"), ordinal)

    with pytest.raises(NotFound, match="no recipient number"):
        world.read(ask)


def test_a_reason_with_an_address_is_refused_because_it_would_stay() -> None:
    """Invariant 11"""
    with pytest.raises(Conflict, match="mail address"):
        Step("anna", NOW, "asked by x@y.example")
