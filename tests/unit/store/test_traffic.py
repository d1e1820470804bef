"""Traffic and dead letters, from the tables of either database (faults.md 4.5, GW-53)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.world import NOW

from relay.store import dead_letters, outbox, traffic
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause, Deferred, Delivered, Failed

HOUR = timedelta(hours=1)
FULL = Deferred(Cause.MAILBOX_FULL, 452, "full")


def test_what_was_taken_and_tried_is_counted_by_stretches_of_time(world: World) -> None:
    conversation = world.opened()
    begins = traffic.beginning(NOW, HOUR)
    for number in range(12):
        at = begins - number * HOUR
        [delivery] = world.accepted(world.crossing(conversation, body=f"No. {number}", at=at), now=at)
        world.write(lambda c, id_=delivery.id: outbox.record(c, id_, FULL, now=NOW, next_due=NOW + HOUR))  # type: ignore[misc]
        world.write(lambda c, id_=delivery.id: outbox.record(c, id_, Delivered(250, "ok"), now=NOW))  # type: ignore[misc]
    world.accepted(world.crossing(conversation, fate=Fate.REFUSED, body="Refused", at=begins))
    found = world.read(lambda c: traffic.traffic(c, begins - 3 * HOUR, begins + HOUR, HOUR))
    assert found.fates == {
        begins: {"passed": 1, "refused": 1},
        **{begins - number * HOUR: {"passed": 1} for number in (1, 2, 3)},
    }
    assert found.refused == {begins: {"leak": 1}}
    assert found.outcomes == {begins: {"deferred": 12, "delivered": 12}}
    assert world.read(lambda c: traffic.traffic(c, NOW - 10 * HOUR, NOW - 9 * HOUR, HOUR)).outcomes == {}


def test_attempts_are_found_by_halving_wherever_they_begin(world: World) -> None:
    conversation = world.opened()
    [delivery] = world.accepted(world.crossing(conversation))
    for number in range(30):
        at = NOW + number * 2 * HOUR
        world.write(lambda c, at=at: outbox.record(c, delivery.id, FULL, now=at, next_due=at + HOUR))  # type: ignore[misc]
    for first in range(0, 60, 7):
        since = traffic.beginning(NOW, HOUR) + first * HOUR
        found = world.read(lambda c, since=since: traffic.traffic(c, since, since + timedelta(days=5), HOUR))  # type: ignore[misc]
        assert sum(one["deferred"] for one in found.outcomes.values()) == sum(NOW + n * 2 * HOUR >= since for n in range(30))


def test_no_look_goes_over_more_than_a_month(world: World) -> None:
    with pytest.raises(ValueError, match="longer"):
        world.read(lambda c: traffic.traffic(c, NOW, NOW + timedelta(days=40), HOUR))


def test_dead_letters_are_counted_and_listed_with_their_end(world: World) -> None:
    conversation = world.opened()
    never = Failed(Cause.ADDRESS_WRONG, 550, "no such user")
    ids = []
    for number, untold in enumerate(("", "about a notice")):
        [delivery] = world.accepted(world.crossing(conversation, body=f"No. {number}"))
        world.write(lambda c, id_=delivery.id, why=untold: outbox.record(c, id_, never, now=NOW, untold=why))  # type: ignore[misc]
        ids.append(delivery.id)
    assert world.read(lambda c: dead_letters.counted(c, NOW - HOUR)) == (2, 1)
    assert world.read(lambda c: dead_letters.counted(c, NOW + HOUR)) == (0, 0)
    listed = world.read(lambda c: dead_letters.listed(c, 10))
    assert [(one.id, one.cause, one.ended_at, one.untold) for one in listed] == [
        (ids[1], "address_wrong", NOW, "about a notice"),
        (ids[0], "address_wrong", NOW, ""),
    ]
