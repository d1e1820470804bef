"""Large octets lie in an object store: there before the commit, verified when they come back, swept when nobody names them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Engine, select
from support.archive import LEASE, WORKER, World
from support.objects import Shelf
from support.world import NOW

from relay.errors import Damaged, Unavailable
from relay.store import archive, audit, blobs, claims, queue
from relay.store.engine import open_engine
from relay.store.objects import KEY, new_key
from relay.store.orphans import orphaned_after, sweep
from relay.store.store import Store, fetched_again_after
from relay.store.tables import State
from relay.store.tables import blobs as table
from relay.transit.crossing import Crossing, Fate, Rendition
from relay.values import MsgId

LARGE = random.Random(4).randbytes(3 * blobs.in_row_octets_max)
"""Larger than a row holds, however it is compressed."""
CHANGED = random.Random(5).randbytes(2 * blobs.in_row_octets_max)
"""The same, of which a message as received has nothing."""
LATER = NOW + LEASE


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def engine(database_url: str, shelf: Shelf) -> Iterator[Engine]:
    engine = open_engine(database_url, patience=timedelta(seconds=2), objects=shelf)
    yield engine
    engine.dispose()


@pytest_asyncio.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    store = Store(engine)
    yield store
    await store.close()


def a_large_crossing(world: World, changed: bytes = CHANGED) -> Crossing:
    """A message whose octets, and whose rendition's, are too large for a row; unless nothing `changed` in that but its head."""
    crossing = world.crossing(world.opened(), content=b"Subject: a\r\n\r\n" + LARGE)
    [passage] = crossing.passages
    [delivery] = passage.deliveries
    made = replace(delivery, content=b"Subject: b\r\n\r\n" + LARGE + changed)
    rendition = Rendition(made.content, MsgId("b@reply.example.com"), ())
    return replace(crossing, passages=(replace(passage, rendition=rendition, deliveries=(made,)),))


async def accepted(store: Store, crossing: Crossing) -> None:
    await store.accept(crossing, now=NOW, lease=LEASE, worker=WORKER)


async def test_what_is_large_becomes_an_object_and_comes_back_as_it_was(store: Store, world: World, shelf: Shelf) -> None:
    crossing = a_large_crossing(world)
    await accepted(store, crossing)
    assert len(shelf.kept) == 2, "the message as received, and its rendition, which its delivery shares"
    assert all(KEY.fullmatch(key) for key in shelf.kept)
    assert all(row.data is None for row in world.read(lambda connection: connection.execute(select(table)).all()))
    shown = world.read(lambda connection: archive.shown(connection, crossing.envelope.id))
    assert shown.envelope.content == crossing.envelope.content
    [claimed] = await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other")
    assert claimed.content == crossing.passages[0].deliveries[0].content
    assert world.read(lambda connection: audit.unaccounted(connection, LATER)) == ()


async def test_a_rendition_that_has_all_of_its_message_but_the_head_is_no_object_of_its_own(
    store: Store, world: World, shelf: Shelf
) -> None:
    """Decision 13. It is fetched like one: most of it lies there."""
    crossing = a_large_crossing(world, changed=b"")
    await accepted(store, crossing)
    assert len(shelf.kept) == 1
    shelf.unreachable = True
    assert await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other") == []
    shelf.unreachable = False
    [claimed] = await store.claim(now=LATER + fetched_again_after, lease=LEASE, count_max=9, worker="other")
    assert claimed.content == crossing.passages[0].deliveries[0].content
    shelf.kept.clear()
    assert await store.claim(now=LATER + 2 * LEASE, lease=LEASE, count_max=9, worker="other") == []
    held = world.read(lambda connection: queue.shown(connection, crossing.passages[0].deliveries[0].id))
    assert held.state is State.HELD


async def test_what_is_small_stays_in_its_row(store: Store, world: World, shelf: Shelf) -> None:
    """Most mail needs one commit and nothing else to be durable."""
    await accepted(store, world.crossing(world.opened()))
    assert shelf.kept == {}
    assert len(await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other")) == 1


async def test_an_object_is_there_before_the_row_that_names_it(store: Store, world: World, shelf: Shelf) -> None:
    """FAULT section 2: never the other way round. What a crash between the two leaves is an object that nobody names."""
    rows: list[int] = []
    put = shelf.put

    def counting(key: str, octets: bytes) -> None:
        rows.append(len(world.read(lambda connection: connection.execute(select(table.c.id)).all())))
        put(key, octets)

    shelf.put = counting  # type: ignore[method-assign]  # it watches, and does the same
    await accepted(store, a_large_crossing(world))
    assert rows == [0, 0]


async def test_a_message_whose_octets_cannot_be_kept_is_for_later_and_leaves_nothing(
    store: Store, world: World, shelf: Shelf
) -> None:
    """Invariant 3: 451, and the sender still has it. Small mail does not need the place that is gone."""
    large, small = a_large_crossing(world), world.crossing(world.opened("OTHER"))
    shelf.unreachable = True
    with pytest.raises(Unavailable, match="object store"):
        await accepted(store, large)
    assert world.read(lambda connection: connection.execute(select(table.c.id)).all()) == []
    await accepted(store, small)
    shelf.unreachable = False
    await accepted(store, large)
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


async def test_a_delivery_whose_octets_cannot_be_had_is_claimed_again_later_and_no_attempt_is_counted(
    store: Store, world: World, shelf: Shelf
) -> None:
    """Invariant 7, FAULT-98: it is in nobody's way, and nothing says that it is damaged."""
    large, small = a_large_crossing(world), world.crossing(world.opened("OTHER"))
    for crossing in (large, small):
        await accepted(store, crossing)
    shelf.unreachable = True
    [claimed] = await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other")
    assert claimed.message == small.envelope.id
    id_ = large.passages[0].deliveries[0].id
    waiting = world.read(lambda connection: queue.shown(connection, id_))
    assert (waiting.state, waiting.attempts, waiting.claimed_by) == (State.DUE, 1, None)
    shelf.unreachable = False
    assert await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other") == []
    [again] = await store.claim(now=LATER + fetched_again_after, lease=LEASE, count_max=9, worker="other")
    assert (again.id, again.attempts) == (id_, 2)


def vanished(shelf: Shelf) -> None:
    shelf.kept.clear()


def spoilt(shelf: Shelf) -> None:
    for key in shelf.kept:
        shelf.kept[key] = shelf.kept[key][:-1] + b"!"


@pytest.mark.parametrize("damage", [vanished, spoilt])
async def test_an_object_that_is_not_what_was_written_is_held_like_any_damaged_blob(
    store: Store, world: World, shelf: Shelf, damage: Callable[[Shelf], None]
) -> None:
    crossing = a_large_crossing(world)
    await accepted(store, crossing)
    damage(shelf)
    assert await store.claim(now=LATER, lease=LEASE, count_max=9, worker="other") == []
    held = world.read(lambda connection: queue.shown(connection, crossing.passages[0].deliveries[0].id))
    assert (held.state, held.last_text) == (State.HELD, claims.DAMAGED)
    shown = world.read(lambda connection: archive.shown(connection, crossing.envelope.id))
    assert isinstance(shown.content, blobs.Lost)
    assert isinstance(shown.content.trouble, Damaged)
    assert shown.passages[0].fate is Fate.PASSED, "all else of it is shown"
    assert all(f"blob {crossing.envelope.id}." in one for one in shown.troubles)
    assert all(isinstance(one, blobs.Lost) for one in (shown.passages[0].rendition, shown.deliveries[0].content))
    problems = {one.problem for one in world.read(lambda connection: audit.unaccounted(connection, NOW))}
    names = world.read(lambda connection: list(connection.execute(select(table.c.id)).scalars()))
    assert problems == {f"blob {name} is not what was written" for name in names}


async def test_a_database_whose_objects_lie_nowhere_says_so(store: Store, world: World, database_url: str) -> None:
    crossing = a_large_crossing(world)
    await accepted(store, crossing)
    bare = open_engine(database_url)
    shown = World(bare).read(lambda connection: archive.shown(connection, crossing.envelope.id))
    assert all("blobs.url names none" in one for one in shown.troubles)
    assert (len(shown.troubles), shown.size) == (2, len(crossing.envelope.content))
    bare.dispose()


async def test_the_sweep_removes_what_nobody_names_and_nothing_else(
    store: Store, world: World, shelf: Shelf, engine: Engine
) -> None:
    """FAULT section 2: orphans are swept later."""
    await accepted(store, a_large_crossing(world))
    named = set(shelf.kept)
    orphan, young = new_key("orphan"), new_key("young")
    shelf.put(orphan, b"x")
    shelf.at = NOW + timedelta(seconds=1)
    shelf.put(young, b"x")
    now = NOW + orphaned_after + timedelta(seconds=1)
    swept = await asyncio.to_thread(sweep, engine, shelf, now)
    assert (swept.seen, swept.removed) == (4, 1)
    assert set(shelf.kept) == {*named, young}


def test_no_key_is_made_twice() -> None:
    """So an object is never written in the place of another, and what nobody names now is never named again."""
    assert len({new_key("01jz.raw") for _ in range(100)}) == 100
