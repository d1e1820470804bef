"""SQLite's search index in volumes finds, counts and forgets what one index would (AR-3, AR-4b)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from support.archive import World
from support.world import NOW

from relay.store import indexing, search, volumes
from relay.store.query import parsed
from relay.transit.crossing import Fate

pytestmark = pytest.mark.sqlite_only

QUERIES = (
    *("refund", "refu*", "-voucher refund", "refund OR voucher", "by:customer", "fate:held", "booking:stay1", "lang:en sort:old"),
    *("larger:1B refund", "date:2020..2030", "after:2020-01-01 refund sort:old", "nothing at all", "state:confirmed"),
)


def filled(world: World) -> None:
    """Nine messages, numbered from 1 on."""
    tour, stay = world.opened("GYG-4K7Q2X9ABC"), world.opened("STAY1")
    for number in range(9):
        world.accepted(
            world.crossing(
                stay if number % 3 else tour,
                fate=Fate.HELD if number == 4 else Fate.PASSED,
                body=f"a refund {number}" if number % 2 else f"refunds and a voucher {number}",
                at=NOW + timedelta(days=number),
            )
        )
    while world.write(lambda connection: indexing.index_some(connection, 4)):
        pass


def answers(world: World, query: str) -> tuple[list[int], list[int], list[int], int]:
    """All that a query finds, the first four, the four after them, and how many it counts."""

    def asked(limit: int, beyond: int | None) -> list[int]:
        return world.read(lambda connection: search.numbers(connection, parsed(query), limit, beyond))

    first = asked(4, None)
    rest = asked(4, first[-1]) if first else []
    return asked(100, None), first, rest, world.read(lambda connection: search.total(connection, parsed(query), 100)).count


def anew(world: World) -> None:
    """Every message is learnt anew, in whatever volumes there are to be now."""
    world.write(indexing.rebuild)
    while world.write(lambda connection: indexing.index_some(connection, 4)):
        pass


def tables(world: World) -> list[str]:
    return [volumes.name(one) for one in world.read(volumes.there)]


def test_several_volumes_answer_as_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(world)
    assert tables(world) == ["search_index"]
    expected = {query: answers(world, query) for query in QUERIES}
    assert [len(expected[query][0]) for query in QUERIES[:6]] == [4, 9, 4, 9, 9, 1]
    monkeypatch.setattr(volumes, "span", 2)
    anew(world)
    assert tables(world) == ["search_index", "search_index_1", "search_index_2", "search_index_3", "search_index_4"]
    assert {query: answers(world, query) for query in QUERIES} == expected


def test_no_volume_is_asked_that_can_hold_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "span", 10)
    # Numbers 10 to 19 are those of volume 1.
    every = range(5)
    assert list(volumes.between(every, 0, 10, oldest_first=True)) == ["search_index"]
    assert list(volumes.between(every, 9, 21, oldest_first=False)) == ["search_index_2", "search_index_1"]
    assert list(volumes.between(every, 19, 20, oldest_first=True)) == []


def test_a_count_stops_in_the_volume_where_it_has_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "span", 2)
    filled(world)
    first = world.read(lambda connection: search.total(connection, parsed("refu*"), 3))
    assert (first.count, first.reached) == (3, 7)
    rest = world.read(lambda connection: search.total(connection, parsed("refu*"), 100, first.reached))
    assert (rest.count, rest.reached) == (6, 1)


def test_a_message_that_changed_is_forgotten_where_it_was_learnt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "span", 2)
    filled(world)
    world.write(lambda connection: connection.execute(text("UPDATE texts SET stale = TRUE")))
    while world.write(lambda connection: indexing.index_some(connection, 4)):
        pass
    assert len(answers(world, "refu*")[0]) == 9
    for name in tables(world):
        world.write(
            lambda connection, name=name: connection.execute(text(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')"))
        )
    world.write(indexing.rebuild)
    assert answers(world, "refu*")[0] == []
