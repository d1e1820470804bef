"""The asynchronous face of the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Connection, Engine, event, insert, select, text
from support.archive import LEASE, WORKER, World
from support.letting_go import Weight, no_garbage_sought
from support.world import CUSTOMER_ADDRESS, NOW

import relay.store.store
from relay.errors import Conflict, Unavailable
from relay.store import audit, queue, search, timeline
from relay.store.store import Store
from relay.store.tables import State, aliases, messages, passages
from relay.transit.background import Background, Inquiry
from relay.transit.bounce import Bounce, Intake, Untold
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause, Deferred, Delivered, Failed
from relay.values import Alias, MsgId, RealAddress

DAY = timedelta(days=1)
PATIENCE_S = 10
FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest_asyncio.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    store = Store(engine, patience=timedelta(seconds=1.5))
    yield store
    await store.close()


async def test_a_message_goes_its_way_through_the_store(store: Store, world: World) -> None:
    """design.md section 2"""
    conversation = world.opened()
    assert await store.conversation_at(conversation.partner.alias) == conversation
    assert await store.conversation_at(Alias("none", "reply.example.com")) is None
    crossing = world.crossing(conversation)
    (delivery,) = await store.accept(crossing, now=NOW, lease=LEASE, worker=WORKER)
    inquiry = Inquiry(
        RealAddress(CUSTOMER_ADDRESS), crossing.fingerprint, [MsgId("original@poczta.example")], automatic=False, at=NOW
    )
    known, unknown = await store.backgrounds([conversation.partner.alias, Alias("none", "reply.example.com")], inquiry)
    assert known is not None
    assert unknown is None
    assert known.conversation == conversation
    assert known.earlier.taken == crossing.envelope.id
    assert len(known.threads.for_partner) == 1
    [of_a_stranger] = await store.backgrounds([conversation.partner.alias], replace(inquiry, author=RealAddress("a@b.example")))
    assert of_a_stranger == Background(conversation)
    assert await store.next_due_at() == NOW + LEASE
    later = Deferred(Cause.OTHER, 450, "later")
    assert await store.record(delivery.id, later, now=NOW, next_due=NOW + timedelta(minutes=1))
    assert await store.claim(now=NOW, lease=LEASE, count_max=9, worker=WORKER) == []
    (again,) = await store.claim(now=NOW + timedelta(minutes=1), lease=LEASE, count_max=9, worker=WORKER)
    assert again.id == delivery.id
    assert await store.release_claims(WORKER, NOW) == 1
    assert await store.record(again.id, Delivered(250, "ok"), now=NOW)
    bounce = Bounce(again.id, Failed(Cause.OTHER, 550, "no"), Untold("nobody is there"))
    report = world.crossing(body="a report")
    intake = Intake(report.envelope, report.searchable, bounces=(bounce,))
    taken = await store.accept_house_mail(intake, now=NOW, lease=LEASE, worker=WORKER)
    assert taken == ()
    assert (await store.read(lambda connection: queue.shown(connection, again.id))).state is State.FAILED
    assert await store.index_some() == 2
    assert await store.index_some() == 0
    assert len(await store.read(lambda connection: search.search(connection, "meeting"))) == 1


async def test_the_index_learns_in_portions_so_that_mail_waits_for_few(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PERF-8"""
    monkeypatch.setattr(relay.store.store, "learnt_at_once", 2)
    conversation = world.opened()
    for number in range(5):
        await store.accept(world.crossing(conversation, body=f"copy {number}"), now=NOW, lease=LEASE, worker=WORKER)
    before = store.committer.commits
    assert await store.index_some() == 5
    assert store.committer.commits - before == 3
    assert len(await store.read(lambda connection: search.search(connection, "copy"))) == 5


async def test_what_budgets_are_counted_by_is_asked_of_the_store(store: Store, world: World) -> None:
    """GW-28, GW-52"""
    conversation = world.opened()
    refused = world.crossing(conversation, fate=Fate.REFUSED)
    automatic = world.crossing(conversation, body="I am away")
    automatic = replace(automatic, passages=tuple(replace(one, automatic=True) for one in automatic.passages))
    for crossing in (refused, automatic):
        await store.accept(crossing, now=NOW, lease=LEASE, worker=WORKER)
    later = NOW + timedelta(microseconds=1)
    writer = RealAddress(CUSTOMER_ADDRESS)
    for automatic, at, passed in ((True, NOW + DAY, 1), (True, later + DAY, 0), (False, NOW + DAY, 0)):
        [known] = await store.backgrounds([conversation.partner.alias], Inquiry(writer, bytes(32), (), automatic, at))
        assert known is not None
        assert known.automatic_today == passed
    assert [await store.notices_since(conversation.id, writer, since) for since in (NOW, later)] == [1, 0]


async def test_sessions_that_accept_at_the_same_time_share_a_commit(store: Store, world: World) -> None:
    """PERF-4"""
    conversation = world.opened()
    crossings = [world.crossing(conversation, body=str(number)) for number in range(50)]
    await asyncio.gather(*(store.accept(one, now=NOW, lease=LEASE, worker=WORKER) for one in crossings))
    assert store.committer.items == 50
    assert store.committer.commits < 25
    stored = await store.read(lambda connection: connection.execute(select(messages.c.id)).scalars().all())
    assert set(stored) == {one.envelope.id for one in crossings}


async def test_of_two_copies_that_race_one_goes_out(store: Store, world: World) -> None:
    """GW-31, FAULT-51, FAULT-52: a client timed out and sent again while the first was still being scanned."""
    conversation, other = world.opened("FIRST"), world.opened("SECOND")
    copies = [world.crossing(conversation), world.crossing(conversation), world.crossing(other)]
    accepted = await asyncio.gather(*(store.accept(one, now=NOW, lease=LEASE, worker=WORKER) for one in copies))
    assert [len(one) for one in accepted] == [1, 0, 1]
    found = await store.read(lambda connection: connection.execute(select(passages).order_by(passages.c.message)).all())
    assert [(one.fate, one.reason, one.detail) for one in found] == [
        ("passed", None, ""),
        ("duplicate", "duplicate", f"same as {copies[0].envelope.id}"),
        ("passed", None, ""),
    ]
    assert found[1].rendition is None
    assert await store.read(lambda connection: audit.unaccounted(connection, NOW)) == ()
    facts = (await store.read(lambda connection: timeline.entries(connection, conversation.id)))[-1].facts
    assert (facts["fate"], facts["reason"], facts["deliveries"]) == ("duplicate", "duplicate", [])
    assert "rendition" not in facts


async def test_a_large_message_is_packed_beside_the_loop(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay.store.store, "packed_in_loop_octets_max", 10)
    threads: list[str] = []
    packed = relay.store.store.packing.packed

    def noted(*arguments: object, **more: object) -> object:
        threads.append(threading.current_thread().name)
        return packed(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(relay.store.store.packing, "packed", noted)
    await store.accept(world.crossing(world.opened()), now=NOW, lease=LEASE, worker=WORKER)
    assert threads != [threading.main_thread().name]


async def test_what_a_question_raises_reaches_who_asked(store: Store) -> None:
    def ask(_: Connection) -> None:
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        await store.read(ask)
    with pytest.raises(Conflict, match="no"):
        await store.write(ask)


async def test_a_question_that_takes_too_long_is_broken_off_and_its_connection_is_good_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULT-98"""
    with monkeypatch.context() as impatient:
        impatient.setattr(store, "_patience_s", 0.1)  # of a store that is impatient all the time, a busy machine asks too much
        for _ in range(2 * relay.store.store.readers):
            with pytest.raises(Unavailable, match="no answer in time"):
                await store.read(lambda connection: connection.execute(text(FOREVER)).scalar_one())
    assert await store.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one()) == 1


async def test_only_so_many_questions_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12"""
    monkeypatch.setattr(relay.store.store, "questions_max", 1)
    leave = threading.Event()
    waiting = asyncio.create_task(store.read(lambda _: leave.wait(PATIENCE_S)))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too many questions"):
        await store.read(lambda _: None)
    leave.set()
    assert await waiting
    assert await store.read(lambda _: 1) == 1


async def test_a_caller_that_goes_away_does_not_undo_what_it_handed_over(store: Store, world: World) -> None:
    """FAULT-51"""
    entered, leave = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        entered.set()
        leave.wait(PATIENCE_S)
        connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW))

    task = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(entered.wait, PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    leave.set()
    await store.write(lambda _: None)
    assert len(await store.read(lambda connection: connection.execute(select(aliases)).all())) == 1


async def test_nothing_is_written_when_nothing_is_due(store: Store) -> None:
    assert await store.claim(now=NOW, lease=LEASE, count_max=9, worker=WORKER) == []
    assert store.committer.commits == 0


async def test_a_question_cannot_write(store: Store) -> None:
    with suppress(Unavailable):  # PostgreSQL says so; on SQLite it is as if nothing had been written
        await store.read(lambda connection: connection.execute(insert(aliases).values(local="customer-1", minted_at=NOW)))
    assert await store.read(lambda connection: connection.execute(select(aliases)).all()) == []


async def test_a_database_in_trouble_is_unavailable_and_comes_back(store: Store, world: World) -> None:
    """FAULT-98: recovers without restart"""
    conversation = world.opened()

    def breaks(*_: object) -> None:
        raise Unavailable("database: gone")

    # The store has several engines for one database.
    event.listen(Engine, "begin", breaks)
    try:
        with pytest.raises(Unavailable):
            await store.conversation_at(conversation.partner.alias)
        with pytest.raises(Unavailable):
            await store.accept(world.crossing(conversation), now=NOW, lease=LEASE, worker=WORKER)
    finally:
        event.remove(Engine, "begin", breaks)
    assert await store.conversation_at(conversation.partner.alias) == conversation
    (delivery,) = await store.accept(world.crossing(conversation), now=NOW, lease=LEASE, worker=WORKER)
    assert (await store.read(lambda connection: queue.shown(connection, delivery.id))).attempts == 1


async def test_while_a_message_is_written_it_is_not_kept_as_it_came(store: Store, world: World) -> None:
    """PERF-6: what is written is another form of it, and SQLite has that three times"""
    conversation = world.opened()
    entered, opened = threading.Event(), threading.Event()

    def busy(_: Connection) -> None:
        entered.set()
        assert opened.wait(PATIENCE_S)

    before = asyncio.create_task(store.write(busy))
    assert await asyncio.to_thread(entered.wait, PATIENCE_S)
    with no_garbage_sought():
        content = Weight(b"Subject: a\r\n\r\n" + bytes(200_000))
        gone = content.gone
        accepting = asyncio.create_task(
            store.accept(world.crossing(conversation, content=content), now=NOW, lease=LEASE, worker=WORKER)
        )
        del content
        was_gone = await asyncio.to_thread(gone.wait, PATIENCE_S)
    opened.set()
    assert was_gone
    assert len(await accepting) == 1
    await before
