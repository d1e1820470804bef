"""What is asked in the event loop is answered at once, or not there: nobody waits for the database in it (FAULT-33, FAULT-98)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, text
from support.world import NOW

import relay.store.glance
from relay.errors import NotFound, Unavailable
from relay.store.engine import writing
from relay.store.glance import Glance, rest_s, slow_s
from relay.store.store import Store
from relay.store.tables import aliases
from relay.values import Alias

pytestmark = pytest.mark.sqlite_only

ALIAS = Alias("customer-12ab3456cd78", "reply.example.com")
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) SELECT count(*) FROM n"
SHORT = LONG.replace("10000000", "1000")


class Watch:
    """Tells seconds that somebody sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def glance(engine: Engine, watch: Watch) -> Iterator[Glance]:
    glance = Glance(engine, watch)
    yield glance
    glance.close()


def counted(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM aliases")).scalar_one())


def not_found(_: Connection) -> int:
    raise NotFound("no such thing")


def test_it_sees_what_was_committed_last_while_another_one_writes(glance: Glance, engine: Engine) -> None:
    """A writer that is at work for long holds nobody up."""
    assert glance.answer(counted) == 0
    with writing(engine) as connection:
        connection.execute(aliases.insert().values(local="customer-1", minted_at=NOW))
        assert glance.answer(counted) == 0
    assert glance.answer(counted) == 1


def test_what_the_question_raises_reaches_who_asked(glance: Glance) -> None:
    with pytest.raises(NotFound):
        glance.answer(not_found)
    assert glance.answer(counted) == 0


def test_a_database_that_is_locked_altogether_is_not_waited_for(glance: Glance, engine: Engine) -> None:
    """Nobody but a program that is not ours locks it so."""
    other = sqlite3.connect(engine.url.database or "")
    try:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("PRAGMA user_version = 1")
        with pytest.raises(Unavailable, match="locked"):
            glance.answer(counted)
    finally:
        other.close()
    assert glance.answer(counted) == 0


def test_a_search_that_would_take_long_is_broken_off(glance: Glance) -> None:
    with pytest.raises(Unavailable, match="interrupted"):
        glance.answer(lambda connection: connection.execute(text(LONG)).scalar_one())
    assert glance.answer(counted) == 0


def test_a_question_that_is_asked_again_and_again_is_no_long_search(glance: Glance) -> None:
    """SQLite goes on counting the steps of a statement that the connection keeps."""
    counted_to = [glance.answer(lambda connection: connection.execute(text(SHORT)).scalar_one()) for _ in range(40)]
    assert counted_to == [1_000] * 40


def test_after_a_slow_answer_nothing_is_asked_here_for_a_while(glance: Glance, watch: Watch) -> None:
    def slow(connection: Connection) -> int:
        watch.now += 2 * slow_s
        return counted(connection)

    assert glance.answer(slow) == 0
    with pytest.raises(Unavailable, match="too long"):
        glance.answer(counted)
    watch.now += rest_s
    assert glance.answer(counted) == 0


async def test_what_it_does_not_answer_the_store_asks_a_thread(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Glance, __: Callable[[Connection], object]) -> object:
        raise Unavailable("not here")

    monkeypatch.setattr(relay.store.glance.Glance, "answer", never)
    store = Store(engine)
    try:
        assert await store.conversation_at(ALIAS) is None
    finally:
        await store.close()
