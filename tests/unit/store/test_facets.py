"""How many messages a query describes, and of what kinds, within a moment (AR-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from support.archive import World
from support.world import NOW

from relay.store import facets, indexing
from relay.store.facets import Counts
from relay.store.query import parsed
from relay.transit.crossing import Fate
from relay.values import Role


def filled(world: World) -> None:
    tour = world.opened()
    for number in range(12):
        crossing = world.crossing(
            tour,
            writer=Role.PARTNER if number % 3 == 0 else Role.CUSTOMER,
            fate=Fate.REFUSED if number == 5 else Fate.PASSED,
            body=f"common {number}",
            at=NOW + timedelta(days=5 * number),
        )
        world.accepted(crossing, now=NOW + timedelta(days=5 * number))
    world.write(indexing.index_some)


def counted(world: World, query: str, seconds: Iterator[float] | None = None) -> Counts:
    clock = seconds if seconds is not None else iter(lambda: 0.0, 1.0)
    return world.read(lambda c: facets.counted(c, parsed(query), lambda: next(clock)))


EXPECTED = {
    "party": (("by:partner", 4), ("by:customer", 8)),
    "event": (("fate:passed", 11), ("fate:refused", 1)),
    "language": (("lang:en", 12),),
    "month": (("date:2026-07", 6), ("date:2026-06", 6)),
}


@pytest.mark.parametrize("few", [0, 1_000], ids=["by the index", "one by one"])
def test_all_that_is_found_is_counted_by_its_kinds(world: World, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    filled(world)
    monkeypatch.setattr(facets, "few", few)
    counts = counted(world, "common")
    assert (counts.total, counts.is_at_least) == (12, False)
    assert {one.name: tuple((kind.term, kind.count) for kind in one.counts) for one in counts.facets} == EXPECTED
    assert all(one.is_whole for one in counts.facets)
    assert not any(kind.is_at_least for one in counts.facets for kind in one.counts)
    months = counted(world, "common after:2026-06-20 before:2026-07-10").facets[-1].counts
    assert {kind.term: kind.count for kind in months} == {"date:2026-07": 2, "date:2026-06": 2}


@pytest.mark.sqlite_only
def test_when_the_time_is_up_it_says_at_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(world)
    monkeypatch.setattr(facets, "few", 0)
    monkeypatch.setattr(facets, "portion", 5)
    monkeypatch.setattr(facets, "whole_portion", 5)
    counts = counted(world, "common", (0.05 * step for step in count()))
    assert counts.is_at_least
    assert counts.total in {5, 10}
    assert not counts.facets[-1].is_whole
    assert counts.facets[-1].counts == ()


def test_nothing_found_is_none_of_any_kind(world: World) -> None:
    filled(world)
    counts = counted(world, "rare")
    assert (counts.total, counts.is_at_least) == (0, False)
    assert all(one.counts == () for one in counts.facets)


@pytest.mark.sqlite_only
def test_a_kind_of_which_there_are_more_than_were_counted_says_at_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(world)
    for name, value in {"few": 0, "portion": 5, "whole_portion": 5}.items():
        monkeypatch.setattr(facets, name, value)
    party = counted(world, "common").facets[0]
    assert [(kind.term, kind.count, kind.is_at_least) for kind in party.counts] == [
        ("by:partner", 4, False),
        ("by:customer", 5, True),
    ]


def test_postgresql_goes_through_the_newest_messages_where_many_of_them_are_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.engine.dialect.name == "sqlite":
        pytest.skip("SQLite counts by its index")
    filled(world)
    monkeypatch.setattr(facets, "walked", 6)
    counts = counted(world, "common")
    assert (counts.total, counts.is_at_least) == (6, True)
    assert [(kind.term, kind.count, kind.is_at_least) for kind in counts.facets[0].counts] == [
        ("by:partner", 2, True),
        ("by:customer", 4, True),
    ]
    assert counted(world, "3").total == 1


@pytest.mark.sqlite_only
def test_where_the_tables_are_asked_the_kinds_are_those_of_the_newest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting those of a kind that none is of would ask the tables about every message of that kind."""
    filled(world)
    for name, value in {"few": 3, "slow_portion": 4}.items():
        monkeypatch.setattr(facets, name, value)
    counts = counted(world, "common -event:delivered", (0.05 * step for step in count()))
    assert (counts.total, counts.is_at_least) == (8, True)
    assert [(kind.term, kind.count, kind.is_at_least) for kind in counts.facets[0].counts] == [
        ("by:partner", 1, True),
        ("by:customer", 2, True),
    ]
    assert not counts.facets[-1].is_whole
