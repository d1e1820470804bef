"""What was answered to requests that may come again."""

from __future__ import annotations

from datetime import timedelta

from support.archive import World
from support.world import NOW

from relay.store.bookings.repeats import Answered, forget, keep, kept, kept_for

FIRST = Answered(b"1" * 32, '{"reference":"BOAT1"}')


def test_an_answer_is_kept_once_for_each_caller(world: World) -> None:
    assert world.write(lambda connection: keep(connection, "t1", "k", FIRST, now=NOW))
    assert not world.write(lambda connection: keep(connection, "t1", "k", Answered(b"2" * 32, "{}"), now=NOW))
    assert world.write(lambda connection: keep(connection, "t2", "k", FIRST, now=NOW))
    assert world.read(lambda connection: kept(connection, "t1", "k")) == FIRST
    assert world.read(lambda connection: kept(connection, "t3", "k")) is None


def test_answers_are_forgotten_when_nobody_can_want_them_any_more(world: World) -> None:
    world.write(lambda connection: keep(connection, "t1", "k", FIRST, now=NOW))
    assert world.write(lambda connection: forget(connection, NOW + kept_for)) == 0
    assert world.write(lambda connection: forget(connection, NOW + kept_for + timedelta(seconds=1))) == 1
    assert world.read(lambda connection: kept(connection, "t1", "k")) is None
