"""Operators step in, and every step leaves its trace (GW-55, invariant 4)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection
from support.archive import LEASE, WORKER, World
from support.world import DOMAIN, NOW

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound
from relay.store import claims, held, indexing, outbox, presence, queue
from relay.store.queue import Wanted
from relay.store.stepping import Step
from relay.store.tables import State
from relay.store.timeline import Entry, Kind, entries
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered
from relay.values import ConversationId, DeliveryId, MessageId

LATER: Final = NOW + timedelta(minutes=2)
Act = Callable[[Connection, DeliveryId], None]


def retry(connection: Connection, delivery: DeliveryId) -> None:
    queue.retry_now(connection, delivery, Step("ops", LATER))


def hold(connection: Connection, delivery: DeliveryId) -> None:
    queue.hold(connection, delivery, Step("ops", LATER))


def release(connection: Connection, delivery: DeliveryId) -> None:
    queue.release(connection, delivery, Step("ops", LATER))


def drop(connection: Connection, delivery: DeliveryId) -> None:
    queue.drop(connection, delivery, Step("ops", LATER, "spam"))


def waiting(world: World, fate: Fate = Fate.PASSED) -> tuple[Conversation, DeliveryId]:
    """A delivery that nobody has in hands."""
    conversation = world.opened()
    crossing = world.crossing(conversation, fate=fate)
    deferred = Deferred(Cause.OTHER, 450, "later")
    in_an_hour = NOW + timedelta(hours=1)
    for delivery in world.accepted(crossing):
        world.write(lambda c, one=delivery.id: outbox.record(c, one, deferred, now=NOW, next_due=in_an_hour))
    return conversation, crossing.passages[0].deliveries[0].id


def claimed_by_another(world: World) -> list[DeliveryId]:
    found = world.write(lambda connection: claims.claim(connection, LATER, LEASE, 10, "another worker"))
    return [one.id for one in found]


def acted(world: World, act: Act, delivery: DeliveryId) -> None:
    world.write(lambda connection: act(connection, delivery))


def state(world: World, delivery: DeliveryId) -> State:
    return world.read(lambda connection: queue.shown(connection, delivery)).state


def last(world: World, conversation: ConversationId) -> Entry:
    return world.read(lambda connection: entries(connection, conversation))[-1]


@pytest.mark.parametrize(
    ("acts", "after", "kind"),
    [
        ([retry], State.DUE, Kind.RETRIED),
        ([hold], State.HELD, Kind.HELD),
        ([hold, release], State.DUE, Kind.RELEASED),
        ([drop], State.DROPPED, Kind.DROPPED),
        ([hold, drop], State.DROPPED, Kind.DROPPED),
    ],
)
def test_each_step_does_what_it_says_and_is_in_the_timeline(world: World, acts: list[Act], after: State, kind: Kind) -> None:
    conversation, delivery = waiting(world)
    for act in acts:
        acted(world, act, delivery)
    assert state(world, delivery) is after
    entry = last(world, conversation.id)
    assert (entry.kind, entry.facts["by"], entry.facts["delivery"]) == (kind, "ops", delivery)
    assert entry.facts.get("because") == ("spam" if kind is Kind.DROPPED else None)


@pytest.mark.parametrize(
    ("acts", "refused", "because"),
    [
        ([hold], retry, "is held"),
        ([hold], hold, "is held"),
        ([], release, "is due"),
        ([drop], retry, "is dropped"),
        ([drop], hold, "is dropped"),
        ([drop], release, "is dropped"),
        ([drop], drop, "is dropped"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(world: World, acts: list[Act], refused: Act, because: str) -> None:
    _, delivery = waiting(world)
    for act in acts:
        acted(world, act, delivery)
    with pytest.raises(Conflict, match=because):
        acted(world, refused, delivery)


@pytest.mark.parametrize("act", [retry, hold, release, drop])
def test_a_step_on_nothing_says_so(world: World, act: Act) -> None:
    with pytest.raises(NotFound, match="no delivery nothing"):
        acted(world, act, DeliveryId("nothing"))


def test_what_is_being_tried_is_not_tried_a_second_time(world: World) -> None:
    (delivery,) = world.accepted(world.crossing(world.opened()))
    with pytest.raises(Conflict, match="at this moment"):
        acted(world, retry, delivery.id)


def test_a_retry_is_insisted_on_for_one_attempt(world: World) -> None:
    """FAULT-100: what comes after it is put off like everything else."""
    _, id_ = waiting(world)
    world.write(lambda connection: retry(connection, id_))
    [claimed] = world.write(lambda connection: claims.claim(connection, LATER, LEASE, 10, WORKER))
    assert claimed.insisted
    deferred = Deferred(Cause.OTHER, 450, "later")
    world.write(lambda connection: outbox.record(connection, id_, deferred, now=LATER, next_due=LATER))
    [claimed] = world.write(lambda connection: claims.claim(connection, LATER, LEASE, 10, WORKER))
    assert not claimed.insisted


def test_a_retry_is_due_at_once(world: World) -> None:
    _, delivery = waiting(world)
    acted(world, retry, delivery)
    assert [one.id for one in world.write(lambda c: claims.claim(c, LATER, LEASE, 10, "w"))] == [delivery]


@pytest.mark.parametrize("act", [hold, drop])
def test_a_result_that_was_under_way_when_somebody_stepped_in_is_believed(world: World, act: Act) -> None:
    """Invariant 8: the receiver has it."""
    (delivery,) = world.accepted(world.crossing(world.opened()))
    acted(world, act, delivery.id)
    assert world.write(lambda connection: outbox.record(connection, delivery.id, Delivered(250, "ok"), now=LATER))
    assert state(world, delivery.id) is State.DELIVERED


@pytest.mark.parametrize(("act", "after"), [(hold, State.HELD), (drop, State.DROPPED)])
def test_not_now_does_not_undo_what_an_operator_did(world: World, act: Act, after: State) -> None:
    (delivery,) = world.accepted(world.crossing(world.opened()))
    acted(world, act, delivery.id)
    deferred = Deferred(Cause.OTHER, 450, "later")
    world.write(lambda c: outbox.record(c, delivery.id, deferred, now=LATER, next_due=LATER))
    assert state(world, delivery.id) is after
    assert world.write(lambda connection: claims.claim(connection, NOW + timedelta(days=1), LEASE, 10, "w")) == []


def test_what_is_released_while_its_worker_still_sends_it_is_left_to_that_worker(world: World) -> None:
    """Somebody holds it during an attempt and lets it go again: no second worker sends it beside the first (invariant 8)."""
    world.write(lambda connection: presence.beat(connection, WORKER))
    [sent] = world.accepted(world.crossing(world.opened()))
    acted(world, hold, sent.id)
    acted(world, release, sent.id)
    assert not claimed_by_another(world)
    later = Deferred(Cause.OTHER, 450, "later")
    world.write(lambda connection: outbox.record(connection, sent.id, later, now=LATER, next_due=LATER))
    assert claimed_by_another(world) == [sent.id]


@pytest.mark.parametrize("goes", [presence.leave, claims.release_claims])
def test_what_is_held_is_in_nobodys_hands_once_its_worker_is_gone(world: World, goes: Callable[..., object]) -> None:
    """Or the worker that takes its name would have it in its hands without knowing of it."""
    world.write(lambda connection: presence.beat(connection, WORKER))
    [sent] = world.accepted(world.crossing(world.opened()))
    acted(world, hold, sent.id)
    world.write(lambda connection: goes(connection, WORKER, NOW))
    world.write(lambda connection: presence.beat(connection, WORKER))
    assert state(world, sent.id) is State.HELD
    acted(world, release, sent.id)
    assert claimed_by_another(world) == [sent.id]


def test_what_is_released_gets_a_fresh_return_path(world: World) -> None:
    """GW-55, GW-42"""
    _, delivery = waiting(world)
    acted(world, hold, delivery)
    fresh = f"bounce-new@{DOMAIN}"
    world.write(lambda connection: queue.release(connection, delivery, Step("ops", LATER), return_path=fresh))
    (claimed,) = world.write(lambda connection: claims.claim(connection, LATER, LEASE, 10, "w"))
    assert (claimed.id, claimed.return_path) == (delivery, fresh)


def test_a_reason_with_an_address_is_refused_because_it_would_stay(world: World) -> None:
    """Invariant 11"""
    _, delivery = waiting(world)
    with pytest.raises(Conflict, match="mail address"):
        world.write(lambda c: queue.drop(c, delivery, Step("ops", LATER, "spam from x@y.example")))
    assert state(world, delivery) is State.DUE


def test_the_queue_is_listed_by_what_is_wanted(world: World) -> None:
    conversation, other = world.opened("FIRST"), world.opened("SECOND")
    (first,) = world.accepted(world.crossing(conversation))
    (notice,) = world.accepted(world.crossing(conversation, fate=Fate.REFUSED, body="Call me."))
    (late,) = world.accepted(world.crossing(other, at=LATER))
    kept = world.crossing(other, fate=Fate.HELD)
    world.accepted(kept)
    world.write(lambda c: outbox.record(c, first.id, Delivered(250, "ok"), now=LATER))

    def listed(wanted: Wanted) -> list[DeliveryId]:
        return [one.id for one in world.read(lambda connection: queue.listing(connection, wanted))]

    assert listed(Wanted()) == [notice.id, late.id]
    assert listed(Wanted(states=frozenset(State))) == [first.id, notice.id, late.id]
    assert listed(Wanted(carries=Carries.NOTICE)) == [notice.id]
    assert listed(Wanted(domain="Alpine-Tours.example")) == [late.id]
    assert listed(Wanted(conversation=other.id)) == [late.id]
    assert listed(Wanted(message=notice.message)) == [notice.id]
    assert listed(Wanted(accepted_before=LATER)) == [notice.id]
    assert listed(Wanted(limit=1)) == [notice.id]
    assert listed(Wanted(after=notice.id)) == [late.id]
    assert listed(Wanted(message=kept.envelope.id)) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("question", "index"),
    [
        (lambda connection: queue.listing(connection, Wanted()), "deliveries_under_way"),
        (
            lambda connection: queue.listing(connection, Wanted(states=frozenset({State.HELD}), after=DeliveryId("0"))),
            "deliveries_under_way",
        ),
        (held.listed, "passages_held"),
        (lambda connection: held.listed(connection, 9, (MessageId("0"), 0)), "passages_held"),
        (claims.next_due_at, "deliveries_due"),
        (indexing.unlearnt, "texts_stale"),
        (indexing.waiting, "texts_stale"),
    ],
)
def test_what_is_under_way_is_found_by_an_index_of_its_own(
    world: World, question: Callable[[Connection], object], index: str
) -> None:
    """It is a handful, and what was delivered grows for years."""
    asked: list[str] = []

    def plan(connection: Connection) -> str:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(asked.append)
        question(connection)
        driver.set_trace_callback(None)
        return "\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {asked[-1]}"))

    found = world.read(plan)
    assert re.search(rf"^(SCAN|SEARCH) \w+ USING (COVERING )?INDEX {index}\b", found, re.MULTILINE)
    assert not re.search(r"SCAN \w+(?! USING)\b", found)
    assert "TEMP B-TREE" not in found
