"""Everything in one database, copied into another one: all of it, and nothing of it twice, wherever it was broken off."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, inspect, select, text, update
from support.archive import LEASE, WORKER, World
from support.front_desk import FrontDesk
from support.objects import Shelf
from support.postgresql import Server
from support.world import CUSTOMER_ADDRESS, NOW

from relay.booking.booking import Actor
from relay.booking.ledger import Entry, Kind
from relay.booking.money import Money
from relay.booking.situation import Act
from relay.errors import Conflict, NotDone, Unavailable, WrongConfiguration
from relay.store import archive, audit, blobs, claims, indexing, moving, outbox, search
from relay.store.booking_tables import bookings
from relay.store.bookings import ledger
from relay.store.columns import metadata
from relay.store.engine import open_engine, writing
from relay.store.moving import Housing
from relay.store.ownership import id_of
from relay.store.schema import schema_is_current
from relay.store.tables import aliases, conversations, deliveries, workers
from relay.store.tables import blobs as blob_table
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Failed

LARGE = random.Random(5).randbytes(2 * blobs.in_row_octets_max)


def quietly(_stage: str, _done: int, _whole: int) -> None:
    """Nobody watches."""


@pytest.fixture
def source(migrated: Path, tmp_path: Path) -> Iterator[World]:
    """A small installation: mail that passed, failed with its notice, is held, and is still under way."""
    engine = open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'small.db')}", objects=Shelf())
    world = World(engine)
    first, second = world.opened("FIRST"), world.opened("SECOND", pending=True)
    (gone,) = world.accepted(world.crossing(first, content=b"Subject: a\r\n\r\n" + LARGE))
    notice = world.delivery(gone.message, first, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    failed = Failed(Cause.ADDRESS_WRONG, 550, "no such user")
    world.write(lambda connection: outbox.record(connection, gone.id, failed, now=NOW, notices=[notice]))
    for crossing in (
        world.crossing(first, body="w Łodzi"),
        world.crossing(second, fate=Fate.HELD),
        world.crossing(first, second),
    ):
        world.accepted(crossing)
    world.write(indexing.index_some)
    world.write(lambda connection: connection.execute(insert(workers).values(name="gone", beat=9)))
    yield world
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/large.db"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.empty()
    engine = open_engine(url, objects=Shelf())
    yield engine
    engine.dispose()


def moved(source: World, target: Engine, housing: Housing = Housing(), tell: moving.Tell = quietly) -> bool:  # noqa: B008
    """Whether it was resumed."""
    resumed = moving.prepare(target, "here")
    with moving.frozen(source.engine) as connection:
        moving.copy(connection, target, housing, tell)
        moving.compare(connection, target, tell)
        moving.finish(target, NOW)
    return resumed


def rows(engine: Engine) -> dict[str, int]:
    world = World(engine)
    return {name: len(world.read(lambda c, one=table: c.execute(select(one)).all())) for name, table in metadata.tables.items()}


def test_everything_is_there_and_goes_on(source: World, target: Engine) -> None:
    """Issue 4 item 5: what is under way is sent from there, once, and new mail has numbers of its own."""
    before = rows(source.engine)
    assert moved(source, target) is False
    there = World(target)
    assert rows(target) == {**before, "workers": 0}
    assert schema_is_current(target)
    assert there.read(lambda connection: audit.unaccounted(connection, NOW)) == ()
    assert sorted(one.id for one in there.write(lambda c: claims.claim(c, NOW, LEASE, 99, "node"))) == sorted(
        source.read(lambda c: list(c.execute(select(deliveries.c.id).where(deliveries.c.state == "due")).scalars()))
    )
    there._count = source._count
    conversation = there.opened("THIRD")
    there.accepted(there.crossing(conversation, body="meeting"))
    while there.write(indexing.index_some):
        pass
    for query, count in (("lodzi", 1), ("booking:third meeting", 1), ("booking:first", 3)):
        assert len(there.read(lambda connection, one=query: search.search(connection, one))) == count


def test_bookings_go_on_there(source: World, target: Engine) -> None:
    """With their money, places, timers and mail; numbers go on, and what was done cannot be changed there either."""
    front = FrontDesk(source, now=NOW)
    first, second = (front.begin() for _ in range(2))
    front.act(first, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    front.pay(first)
    # It points to a row that comes after it.
    source.write(lambda c: c.execute(update(bookings).where(bookings.c.id == first.id).values(parent=second.id)))
    before = rows(source.engine)
    moved(source, target)
    there = World(target)
    assert rows(target) == {**before, "workers": 0}
    assert there.read(lambda c: audit.unaccounted(c, NOW)) == ()
    assert there.read(lambda c: c.execute(select(bookings.c.parent).where(bookings.c.id == first.id)).scalar_one()) == second.id
    there._count = source._count
    paid = Entry(Kind.PAID, Money(1, "EUR"), NOW, "evt9", "evt9", "payments")
    assert there.write(lambda c: ledger.enter(c, first.id, paid))
    with pytest.raises(Unavailable, match=r"append-only|P0001"):
        there.write(lambda c: c.execute(text("DELETE FROM ledger")))


def test_what_was_moved_is_the_same_installation(source: World, target: Engine) -> None:
    """Its objects stay where they are, and are still its own."""
    moved(source, target)
    assert id_of(target) == id_of(source.engine)


def test_the_source_is_as_it_was_and_goes_on_too(source: World, target: Engine) -> None:
    before = source.read(lambda c: [c.execute(select(table)).all() for table in metadata.sorted_tables])
    moved(source, target)
    assert source.read(lambda c: [c.execute(select(table)).all() for table in metadata.sorted_tables]) == before
    assert schema_is_current(source.engine)


@pytest.mark.slow
def test_broken_off_anywhere_it_goes_on_where_it_was(source: World, target: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by SIGKILL: what was committed is there, and nothing else; nobody uses it meanwhile."""
    monkeypatch.setattr(moving, "rows_at_once", 2)
    moving.prepare(target, "here")
    left = 0

    def breaks(_stage: str, _done: int, _whole: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise InterruptedError

    for turn in range(1, 200):
        left = 2 * turn
        try:
            assert moved(source, target, tell=breaks) is True, "it had begun before"
            break
        except InterruptedError:
            with pytest.raises(WrongConfiguration, match="`relay move` to it has not finished"):
                schema_is_current(target)
    assert turn > 5, "it was broken off several times"
    assert rows(target) == {**rows(source.engine), "workers": 0}
    assert World(target).read(lambda connection: audit.unaccounted(connection, NOW)) == ()
    assert not inspect(target).has_table("moving")


def test_nobody_writes_into_the_source_meanwhile(source: World, target: Engine) -> None:
    beside = open_engine(str(source.engine.url), patience=timedelta(milliseconds=20))
    with moving.frozen(source.engine), pytest.raises(Unavailable, match="locked"), writing(beside):
        pytest.fail("it was not frozen")
    beside.dispose()


def test_what_was_written_there_by_somebody_else_is_found_by_comparing(source: World, target: Engine) -> None:
    moving.prepare(target, "here")
    with moving.frozen(source.engine) as connection:
        moving.copy(connection, target, Housing(), quietly)
        World(target).write(lambda c: c.execute(update(conversations).values(created_at=NOW + timedelta(days=1))))
        with pytest.raises(NotDone, match="conversations is not the same there"):
            moving.compare(connection, target, quietly)


def test_a_database_that_has_something_in_it_is_left_alone(source: World, target: Engine) -> None:
    with target.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(Conflict, match="somebody else there: invoices"):
        moved(source, target)
    with target.begin() as connection:
        connection.execute(text("DROP TABLE invoices"))
    moving.schema.migrate(target)
    World(target).write(lambda c: c.execute(insert(aliases).values(local="customer-1", minted_at=NOW)))
    with pytest.raises(Conflict, match="something already in its table aliases"):
        moved(source, target)


def test_two_moves_do_not_end_in_one_database(source: World, target: Engine) -> None:
    moving.prepare(target, "elsewhere")
    with pytest.raises(Conflict, match="from another database"):
        moved(source, target)


def test_large_octets_go_into_objects_when_they_are_to(source: World, target: Engine) -> None:
    there = target.get_execution_options()["relay_objects"]
    moved(source, target, Housing(changes=True, there=there))
    assert len(there.kept) == 1
    kept = World(target).read(lambda c: c.execute(select(blob_table.c.data, blob_table.c.object)).all())
    assert [row.object for row in kept if row.data is None] == list(there.kept)
    assert World(target).read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_objects_come_back_into_rows_and_what_was_missing_is_no_less_there(source: World, target: Engine) -> None:
    shelf = source.engine.get_execution_options()["relay_objects"]
    large = [blobs.row(name, LARGE, shelf)[0] for name in ("kept", "lost")]
    source.write(lambda connection: blobs.inserted(connection, large))
    [kept, lost] = [str(row[5]) for row in large]
    shelf.remove([lost])
    moved(source, target, Housing(changes=True, here=shelf))
    there = World(target).read(lambda c: {row.id: row for row in c.execute(select(blob_table))})
    assert (there["kept"].object, there["lost"].object, there["lost"].data) == (None, lost, None)
    assert World(target).read(lambda connection: blobs.read(connection, ["kept"])) == {"kept": LARGE}
    assert kept in shelf.kept, "the source stays as it was"


def test_what_is_shown_there_is_what_was_shown_here(source: World, target: Engine) -> None:
    moved(source, target)
    ids = source.read(lambda c: list(c.execute(text("SELECT id FROM messages ORDER BY seq")).scalars()))
    assert len(ids) == 4
    for id_ in ids:
        here, there = (world.read(lambda c, one=id_: archive.shown(c, one)) for world in (source, World(target)))
        assert replace(there, deliveries=()) == replace(here, deliveries=())
        assert [one.content for one in there.deliveries] == [one.content for one in here.deliveries]


def test_a_claim_of_a_worker_that_is_not_there_is_free(source: World, target: Engine) -> None:
    moved(source, target)
    claimed = World(target).read(lambda c: set(c.execute(select(deliveries.c.claimed_by)).scalars()))
    assert claimed == {None}
    assert WORKER in source.read(lambda c: set(c.execute(select(deliveries.c.claimed_by)).scalars()))
