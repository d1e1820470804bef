"""A place for objects belongs to one installation: no other writes or removes anything there (FAULT section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from support.archive import World
from support.objects import Shelf
from support.world import NOW

from relay.errors import Foreign, Unavailable
from relay.store import ownership
from relay.store.engine import objects_of, open_engine
from relay.store.objects import Objects, new_key
from relay.store.orphans import orphaned_after, sweep
from relay.store.ownership import MARK, Owned, id_of, keep_beside
from relay.store.schema import migrate
from relay.store.tables import installation

LATER = NOW + orphaned_after + timedelta(days=1)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def other(tmp_path: Path, shelf: Shelf) -> Iterator[Engine]:
    """Another installation, that was given the same place."""
    engine = open_engine(f"sqlite:///{tmp_path}/other.db")
    migrate(engine)
    keep_beside(engine, shelf)
    yield engine
    engine.dispose()


def objects(engine: Engine) -> Objects:
    found = objects_of(engine)
    assert isinstance(found, Owned)
    return found


def swept(engine: Engine) -> object:
    return sweep(engine, objects(engine), LATER)


USES: dict[str, Callable[[Engine], object]] = {
    "checked": ownership.check,
    "written": lambda engine: objects(engine).put(new_key("b"), b"b"),
    "swept": swept,
    "removed": lambda engine: objects(engine).remove([new_key("a")]),
}


@pytest.mark.parametrize("name", USES)
def test_a_second_installation_neither_writes_nor_sweeps_where_another_keeps_its_objects(
    engine: Engine, other: Engine, shelf: Shelf, name: str
) -> None:
    keep_beside(engine, shelf)
    objects(engine).put(new_key("a"), b"a")
    before = dict(shelf.kept)
    with pytest.raises(Foreign, match=r"give this one a prefix of its own in blobs\.url"):
        USES[name](other)
    assert shelf.kept == before


def test_whoever_finds_no_mark_sets_it_before_anything_else_is_written(engine: Engine, shelf: Shelf) -> None:
    keep_beside(engine, shelf)
    key = new_key("a")
    objects(engine).put(key, b"a")
    assert list(shelf.kept) == [MARK, key]
    assert shelf.kept[MARK] == id_of(engine).encode()


def test_two_nodes_of_one_database_share_the_place_and_sweep_it(engine: Engine, database_url: str, shelf: Shelf) -> None:
    node = open_engine(database_url)
    for one in (engine, node):
        keep_beside(one, shelf)
        objects(one).put(new_key("orphan"), b"x")
    swept(node)
    assert list(shelf.kept) == [MARK], "the orphans are gone, and the mark is none"
    node.dispose()


def test_of_two_that_mark_it_at_once_the_first_finds_out_before_it_sweeps(engine: Engine, other: Engine, shelf: Shelf) -> None:
    keep_beside(engine, shelf)
    objects(engine).put(new_key("a"), b"a")
    shelf.kept[MARK] = id_of(other).encode()
    ownership.check(other)
    before = dict(shelf.kept)
    with pytest.raises(Foreign):
        swept(engine)
    assert shelf.kept == before


def test_a_node_that_finds_another_mark_writes_nothing_more(engine: Engine, other: Engine, shelf: Shelf) -> None:
    """What it wrote the other one would sweep, and a 250 for it was a lie (invariant 3)."""
    keep_beside(engine, shelf)
    objects(engine).put(new_key("a"), b"a")
    shelf.kept[MARK] = id_of(other).encode()
    with pytest.raises(Foreign):
        ownership.check(engine)
    before = dict(shelf.kept)
    with pytest.raises(Foreign):
        objects(engine).put(new_key("b"), b"b")
    assert shelf.kept == before


def test_once_the_mark_is_removed_another_takes_its_place(engine: Engine, other: Engine, shelf: Shelf) -> None:
    """What the message says to do when the marked installation is gone for good."""
    keep_beside(engine, shelf)
    ownership.check(engine)
    del shelf.kept[MARK]
    ownership.check(other)
    with pytest.raises(Foreign):
        ownership.check(engine)


def test_a_place_that_does_not_answer_is_for_later(engine: Engine, shelf: Shelf) -> None:
    """Invariant 7: neither ours nor another's."""
    keep_beside(engine, shelf)
    shelf.unreachable = True
    with pytest.raises(Unavailable) as raised:
        ownership.check(engine)
    assert not isinstance(raised.value, Foreign)


def test_a_database_that_keeps_everything_itself_has_nothing_to_ask(engine: Engine) -> None:
    ownership.check(engine)


def test_every_installation_has_an_id_of_its_own_made_once(world: World, other: Engine) -> None:
    mine = id_of(world.engine)
    migrate(world.engine)
    assert id_of(world.engine) == mine != id_of(other)
    with pytest.raises(Unavailable):
        world.write(lambda connection: connection.execute(update(installation).values(number=2)))
