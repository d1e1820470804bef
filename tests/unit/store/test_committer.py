"""Group commit: batches grow by themselves, one item harms no other, and what was not committed is not told as done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Final

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text
from support.archive import World
from support.letting_go import Weight, no_garbage_sought
from support.world import NOW

import relay.store.committer
from relay.errors import Conflict, Deadlock, Unavailable
from relay.store.committer import Committer, items_max
from relay.store.tables import aliases, parties

PATIENCE_S: Final = 10


@pytest.fixture
def committer(engine: Engine) -> Iterator[Committer]:
    committer = Committer(engine)
    yield committer
    committer.close()


class Gate:
    """An item that keeps the committer busy until it is opened, so that others have to wait."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._opened = threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.entered.set()
        assert self._opened.wait(PATIENCE_S)

    def open(self) -> None:
        self._opened.set()


def minting(local: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(aliases).values(local=local, minted_at=NOW))
        return local

    return work


def minted(world: World) -> set[str]:
    return set(world.read(lambda connection: connection.execute(select(aliases.c.local)).scalars().all()))


def while_busy(committer: Committer, *works: Callable[[Connection], object]) -> list[Future[object]]:
    """Submits `works` while the committer is busy with something else, so that all of them wait together."""
    gate = Gate()
    busy = committer.submit(gate)
    assert gate.entered.wait(PATIENCE_S)
    futures = [committer.submit(work) for work in works]
    gate.open()
    busy.result(PATIENCE_S)
    return futures


def test_a_result_is_told_once_it_is_on_disk(committer: Committer, world: World) -> None:
    """Invariant 3"""
    assert committer.submit(minting("customer-1")).result(PATIENCE_S) == "customer-1"
    assert minted(world) == {"customer-1"}


def test_what_waits_is_committed_together(committer: Committer, world: World) -> None:
    """PERF-4"""
    futures = while_busy(committer, *(minting(f"customer-{number}") for number in range(items_max)))
    assert [future.result(PATIENCE_S) for future in futures] == [f"customer-{number}" for number in range(items_max)]
    assert (committer.commits, committer.items) == (2, 1 + items_max)
    assert len(minted(world)) == items_max


def test_what_was_submitted_for_later_is_written_together_once_it_is_woken(committer: Committer, world: World) -> None:
    """PERF-4"""
    futures = [committer.submit(minting(f"customer-{number}"), at_once=False) for number in range(3)]
    assert (committer.commits, minted(world)) == (0, set())
    committer.wake()
    assert [future.result(PATIENCE_S) for future in futures] == ["customer-0", "customer-1", "customer-2"]
    assert committer.commits == 1


def test_a_batch_is_bounded_by_its_number_of_items(committer: Committer) -> None:
    for future in while_busy(committer, *(minting(f"customer-{number}") for number in range(items_max + 1))):
        future.result(PATIENCE_S)
    assert committer.commits == 3


def test_a_batch_is_bounded_by_its_octets(committer: Committer) -> None:
    gate = Gate()
    committer.submit(gate)
    assert gate.entered.wait(PATIENCE_S)
    large = [committer.submit(minting(f"customer-{number}"), octets=5 * 1024 * 1024) for number in range(3)]
    gate.open()
    for future in large:
        future.result(PATIENCE_S)
    assert committer.commits == 4


def test_an_item_above_the_bound_is_written_alone(committer: Committer) -> None:
    future = committer.submit(minting("customer-1"), octets=100 * 1024 * 1024)
    assert future.result(PATIENCE_S) == "customer-1"


def test_an_item_that_raises_is_rolled_back_alone(committer: Committer, world: World) -> None:
    def fails_late(connection: Connection) -> None:
        minting("customer-bad")(connection)
        raise Conflict("no")

    before, bad, after = while_busy(committer, minting("customer-1"), fails_late, minting("customer-2"))
    with pytest.raises(Conflict, match="no"):
        bad.result(PATIENCE_S)
    assert (before.result(PATIENCE_S), after.result(PATIENCE_S)) == ("customer-1", "customer-2")
    assert minted(world) == {"customer-1", "customer-2"}


def test_an_item_that_the_database_refuses_is_rolled_back_alone(committer: Committer, world: World) -> None:
    one, twin, other = while_busy(committer, minting("customer-1"), minting("customer-1"), minting("customer-2"))
    with pytest.raises(Unavailable, match=r"UNIQUE|23505"):
        twin.result(PATIENCE_S)
    assert (one.result(PATIENCE_S), other.result(PATIENCE_S)) == ("customer-1", "customer-2")
    assert minted(world) == {"customer-1", "customer-2"}


def test_an_item_that_was_broken_off_for_another_transaction_is_done_again_alone(committer: Committer, world: World) -> None:
    """FAULT-98: two nodes wanted what the other had, which is over once this batch is committed."""
    tries: list[set[str]] = []

    def meets_another(connection: Connection) -> str:
        tries.append(minted(world))
        minting("customer-2")(connection)
        if len(tries) <= 2:
            raise Deadlock("broken off")
        return "customer-2"

    before, met, after = while_busy(committer, minting("customer-1"), meets_another, minting("customer-3"))
    assert [one.result(PATIENCE_S) for one in (before, met, after)] == ["customer-1", "customer-2", "customer-3"]
    assert tries == [set(), set(), {"customer-1", "customer-3"}]
    assert minted(world) == {"customer-1", "customer-2", "customer-3"}
    assert (committer.commits, committer.items) == (3, 4)


def test_an_item_that_is_broken_off_again_is_for_later(committer: Committer, world: World) -> None:
    def always(_: Connection) -> None:
        raise Deadlock("broken off")

    before, met = while_busy(committer, minting("customer-1"), always)
    assert before.result(PATIENCE_S) == "customer-1"
    with pytest.raises(Unavailable):
        met.result(PATIENCE_S)
    assert minted(world) == {"customer-1"}


def test_an_item_that_raises_when_it_is_alone_leaves_nothing(committer: Committer, world: World) -> None:
    def fails_late(connection: Connection) -> None:
        minting("customer-bad")(connection)
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        committer.submit(fails_late).result(PATIENCE_S)
    assert minted(world) == set()


def an_orphan(connection: Connection) -> None:
    """A row whose conversation is missing: the database finds that out only when it commits."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        for key in ("parties_conversation_fkey", "parties_alias_local_fkey"):
            connection.execute(text(f"ALTER TABLE parties ALTER CONSTRAINT {key} DEFERRABLE INITIALLY DEFERRED"))
    connection.execute(
        insert(parties).values(
            id="p", conversation="missing", role="partner", alias_local="missing", alias_domain="d", name="n", language="en"
        )
    )


@pytest.mark.parametrize("companions", [0, 5])
def test_when_the_commit_fails_nothing_is_stored_and_everybody_is_told(
    committer: Committer, world: World, companions: int
) -> None:
    """Invariant 3, FAULT-97"""
    works = [minting(f"customer-{number}") for number in range(companions)]
    for future in while_busy(committer, *works, an_orphan):
        with pytest.raises(Unavailable):
            future.result(PATIENCE_S)
    assert minted(world) == set()


@pytest.mark.sqlite_only
def test_a_full_disk_in_the_middle_of_a_batch_ends_it_for_all_and_the_next_one_is_written(
    committer: Committer, world: World, engine: Engine
) -> None:
    """FAULT-97: the database gives up the whole transaction by itself, savepoints included."""

    def fills_the_disk(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        try:
            for number in range(2000):
                minting(f"customer-{number:050d}")(connection)
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    first, full, last = while_busy(committer, minting("customer-1"), fills_the_disk, minting("customer-2"))
    for future in (first, full, last):
        with pytest.raises(Unavailable):
            future.result(PATIENCE_S)
    assert minted(world) == set()
    assert committer.submit(minting("customer-3")).result(PATIENCE_S) == "customer-3"


def test_nothing_is_between_the_items_of_a_batch_until_one_of_them_raises(committer: Committer, engine: Engine) -> None:
    """PERF-3: on PostgreSQL each savepoint is two round trips."""
    points: list[object] = []
    event.listen(engine, "after_cursor_execute", lambda _, __, statement, *___: points.append(statement))
    for future in while_busy(committer, *([lambda connection: connection.execute(text("SELECT 1")).scalar_one()] * 3)):
        assert future.result(PATIENCE_S) == 1
    assert points == ["SELECT 1"] * 3


def test_who_asked_for_it_is_told_once_of_each_batch_after_all_of_it(committer: Committer) -> None:
    told: list[list[bool]] = []
    futures: list[Future[None]] = []

    def afterwards() -> None:
        told.append([future.done() for future in futures])

    def fails(_: Connection) -> None:
        raise Conflict("no")

    gate = Gate()
    busy = committer.submit(gate)
    assert gate.entered.wait(PATIENCE_S)
    futures += [committer.submit(work, afterwards=afterwards) for work in (lambda _: None, fails, lambda _: None)]
    gate.open()
    busy.result(PATIENCE_S)
    committer.close()
    assert told == [[True, True, True]]


def test_it_recovers_when_the_database_comes_back(committer: Committer, world: World, engine: Engine) -> None:
    """FAULT-98"""
    broken = True

    def breaks(*_: object) -> None:
        if broken:
            raise Unavailable("database: gone")

    event.listen(engine, "begin", breaks)
    with pytest.raises(Unavailable, match="gone"):
        committer.submit(minting("customer-1")).result(PATIENCE_S)
    broken = False
    assert committer.submit(minting("customer-2")).result(PATIENCE_S) == "customer-2"
    assert minted(world) == {"customer-2"}


def test_what_cannot_begin_is_for_later_with_all_that_came_meanwhile(committer: Committer, world: World, engine: Engine) -> None:
    """FAULT-98: batch after batch they would wait for the same lock, the last of them for minutes."""
    tried = 0
    gate = Gate()

    def breaks(connection: Connection) -> None:
        nonlocal tried
        tried += 1
        gate(connection)
        raise Unavailable("database: locked")

    event.listen(engine, "begin", breaks)
    futures = [committer.submit(minting("customer-0"))]
    assert gate.entered.wait(PATIENCE_S)
    futures += [committer.submit(minting(f"customer-{number}")) for number in range(1, 2 * items_max)]
    gate.open()
    for future in futures:
        with pytest.raises(Unavailable, match="locked"):
            future.result(PATIENCE_S)
    assert tried == 1
    event.remove(engine, "begin", breaks)
    assert committer.submit(minting("customer-1")).result(PATIENCE_S) == "customer-1"
    assert minted(world) == {"customer-1"}


def test_nobody_can_cancel_what_was_submitted(committer: Committer, world: World) -> None:
    """FAULT-51: a client that hangs up does not undo the acceptance."""
    (future,) = while_busy(committer, minting("customer-1"))
    assert not future.cancel()
    future.result(PATIENCE_S)
    assert minted(world) == {"customer-1"}


def test_closing_writes_what_waits_and_takes_nothing_more(engine: Engine, world: World) -> None:
    committer = Committer(engine)
    gate = Gate()
    committer.submit(gate)
    assert gate.entered.wait(PATIENCE_S)
    futures = [committer.submit(minting(f"customer-{number}")) for number in range(100)]
    closing = threading.Thread(target=committer.close)
    closing.start()
    gate.open()
    closing.join(PATIENCE_S)
    assert not closing.is_alive()
    assert all(future.done() for future in futures)
    assert len(minted(world)) == 100
    with pytest.raises(Unavailable, match="closing"):
        committer.submit(minting("customer-late"))


def test_only_so_many_items_wait(committer: Committer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12: the sender's own queue takes the pressure."""
    monkeypatch.setattr(relay.store.committer, "waiting_max", 2)
    gate = Gate()
    committer.submit(gate)
    assert gate.entered.wait(PATIENCE_S)
    committer.submit(minting("customer-1"))
    committer.submit(minting("customer-2"))
    with pytest.raises(Unavailable, match="too much waits"):
        committer.submit(minting("customer-3"))
    gate.open()


def test_what_was_written_is_let_go_of_while_nothing_waits(committer: Committer) -> None:
    """PERF-6: it may be a message of 25 MB, and the next one may be long in coming"""
    with no_garbage_sought():
        octets = Weight()
        gone = octets.gone
        committer.submit(partial(_nothing_with, octets)).result(PATIENCE_S)
        del octets
        assert gone.wait(PATIENCE_S)


def _nothing_with(octets: bytes, connection: Connection) -> None:
    assert octets == b""
    assert not connection.closed
