"""How much waits, and for how long (faults.md 4.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.archive import LEASE, WORKER, World
from support.world import NOW

from relay.store import outbox, presence
from relay.store.backlog import Backlog, backlog
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause, Deferred

NOTHING = Backlog(due=0, late=timedelta(), oldest=timedelta(), held=0, parked=0, in_doubt=0, untended=0, workers=0)


def test_an_empty_table_has_nothing_waiting(world: World) -> None:
    assert world.read(lambda connection: backlog(connection, NOW)) == NOTHING


def test_each_kind_of_waiting_is_counted(world: World) -> None:
    conversation = world.opened()
    [doubtful] = world.accepted(world.crossing(conversation))
    world.accepted(world.crossing(conversation, at=NOW + timedelta(minutes=1), body="Second"))
    held = world.crossing(conversation, fate=Fate.HELD, body="Third")
    parked = world.crossing(conversation, fate=Fate.HELD, body="Fourth")
    world.accepted(held)
    world.accepted(replace(parked, passages=tuple(replace(one, reason="fault") for one in parked.passages)))
    dropped = world.crossing(conversation, fate=Fate.HELD, body="Fifth")
    world.accepted(dropped)
    world.dropped(dropped)
    answer_lost = Deferred(Cause.SERVER_UNREACHABLE, None, "lost", in_doubt=True)
    world.write(lambda c: outbox.record(c, doubtful.id, answer_lost, now=NOW, next_due=NOW + timedelta(minutes=5)))
    world.write(lambda c: presence.beat(c, "another-worker"))
    now = NOW + timedelta(hours=1)
    assert world.read(lambda connection: backlog(connection, now)) == Backlog(
        due=2,
        late=timedelta(minutes=55),
        oldest=timedelta(hours=1),
        held=2,
        parked=1,
        in_doubt=1,
        untended=1,
        workers=1,
    )
    world.write(lambda c: presence.beat(c, WORKER))
    assert world.read(lambda connection: backlog(connection, NOW + LEASE)).untended == 0
