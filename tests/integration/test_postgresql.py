"""The store on PostgreSQL: the same SQL, several nodes at once. Needs psycopg and the server's programs; skips without."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, delete, inspect, select, update
from sqlalchemy.exc import DBAPIError
from support.archive import LEASE, WORKER, World
from support.gateway import Gateway
from support.mails import PARTNER_TELLS, a_mail, shows, text_of, with_files
from support.postgresql import Server
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import NOW, PARTNER_ADDRESS

from relay.errors import Conflict, NotFound, Unavailable
from relay.store import audit, claims, held, indexing, outbox, presence, queue, search
from relay.store.columns import metadata
from relay.store.committer import Committer
from relay.store.engine import open_engine, reading
from relay.store.schema import migrate, schema_is_current
from relay.store.stepping import Step
from relay.store.steps import close, extend
from relay.store.tables import State, blobs, conversations, messages
from relay.store.tables import timeline as timeline_table
from relay.store.timeline import Draft, Kind, append, entries, verify
from relay.transit.crossing import Fate
from relay.transit.delivery import Delivered
from relay.values import DeliveryId

pytestmark = pytest.mark.slow

T = TypeVar("T")


@pytest.fixture
def engine(postgresql: Server) -> Iterator[Engine]:
    """An empty database at the present schema."""
    engine = open_engine(postgresql.emptied(), patience=timedelta(seconds=3))
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """`work` done `count` times at the same time, as by several nodes."""
    with ThreadPoolExecutor(count) as nodes:
        return list(nodes.map(work, range(count)))


def test_the_schema_is_made_once_whoever_comes_first(postgresql: Server) -> None:
    """Several nodes that migrate at the same moment do it one after the other."""
    engine = open_engine(postgresql.empty())
    assert not schema_is_current(engine)
    at_once(3, lambda _: migrate(engine))
    assert schema_is_current(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_node_that_falls_silent_in_a_transaction_keeps_no_locks(postgresql: Server, engine: Engine) -> None:
    """A machine that is gone, or cut off: the others must not wait for what it had begun (FAULT-98)"""
    World(engine).opened()
    silent = open_engine(postgresql.migrated, patience=timedelta(milliseconds=250))
    with silent.connect() as lost:
        lost.execute(update(conversations).values(closed_at=NOW))
        with engine.begin() as other:  # it waits for as long as `patience` says, which is longer
            assert other.execute(update(conversations).values(closed_at=None)).rowcount == 1
        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            lost.execute(select(conversations))
    silent.dispose()


def test_no_delivery_is_claimed_by_two_nodes(world: World) -> None:
    """Invariant 8: FOR UPDATE SKIP LOCKED"""
    conversation = world.opened()
    for number in range(40):
        world.accepted(world.crossing(conversation, body=str(number)))
    due = NOW + LEASE
    each = at_once(4, lambda n: world.write(lambda connection: claims.claim(connection, due, LEASE, 20, f"node-{n}")))
    ids = [delivery.id for claimed in each for delivery in claimed]
    assert len(ids) == len(set(ids))
    rest = world.write(lambda connection: claims.claim(connection, due, LEASE, 40, "node-9"))
    assert len(ids) + len(rest) == 40


def test_of_copies_that_several_nodes_take_over_at_once_one_goes_out(world: World) -> None:
    """GW-31, FAULT-51: whoever comes second waits for the first one's commit, and finds it"""
    conversation = world.opened()
    for round_ in range(5):
        copies = [world.crossing(conversation, body=f"round {round_}") for _ in range(4)]
        accepted = at_once(4, lambda n, of=copies: world.accepted(of[n]))
        assert sorted(len(one) for one in accepted) == [0, 0, 0, 1]
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_nodes_that_take_over_mail_of_one_conversation_do_not_stop_each_other(world: World) -> None:
    """FAULT-98: a lock that two of them want, each holding half of it, would turn one of them away."""
    conversation = world.opened()
    mail = [[world.crossing(conversation, body=f"{node} {number}") for number in range(10)] for node in range(4)]
    at_once(4, lambda node: [world.accepted(crossing) for crossing in mail[node]])
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_batches_of_two_nodes_that_meet_in_the_same_conversations_are_both_written(world: World, engine: Engine) -> None:
    """FAULT-98: each has written into the conversation that the other wants next; the database breaks one of the two off."""
    for reference in ("ONE", "OTHER"):
        world.opened(reference)
    submitted, halfway, met = threading.Event(), threading.Barrier(2), threading.Event()

    def keep_busy(_: Connection) -> None:
        submitted.wait(10)

    def meet(_: Connection) -> None:
        # The batch that is broken off does it again, and meets nobody.
        if not met.is_set():
            halfway.wait(10)
            met.set()

    def extended(reference: str) -> Callable[[Connection], object]:
        return lambda connection: extend(connection, reference, NOW + timedelta(days=next(days)), now=NOW)

    days = count(100)
    committers = [Committer(engine), Committer(engine)]
    futures = [
        one.submit(work)
        for one, order in zip(committers, (("ONE", "OTHER"), ("OTHER", "ONE")), strict=True)
        for work in (keep_busy, extended(order[0]), meet, extended(order[1]))
    ]
    submitted.set()
    for future in futures:
        future.result(20)
    for committer in committers:
        committer.close()


def test_of_several_people_who_decide_a_held_message_at_once_one_does(world: World) -> None:
    """GW-55, invariant 4: the others learn that it is not held any more"""
    crossing = world.crossing(world.opened(), fate=Fate.HELD)
    world.accepted(crossing)

    def decided(number: int) -> bool:
        try:
            world.let_out(crossing) if number % 2 else world.dropped(crossing)
        except Conflict:
            return False
        return True

    assert sorted(at_once(4, decided)) == [False, False, False, True]
    assert world.read(held.listed) == ()
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_a_damaged_delivery_is_held_here_too(world: World) -> None:
    """The content may be missing, and is not what is locked."""
    (delivery,) = world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: connection.execute(update(blobs).values(sha256=bytes(32))))
    assert world.write(lambda connection: claims.claim(connection, NOW + LEASE, LEASE, 9, "node-1")) == []
    assert world.read(lambda connection: queue.shown(connection, delivery.id)).state is State.HELD


def test_of_several_people_who_step_in_on_a_delivery_at_once_one_does(world: World) -> None:
    """GW-55: it is not given up by one and let out by another"""
    conversation = world.opened()
    steps = (queue.hold, queue.drop, queue.drop, queue.drop)
    for _ in range(5):
        (delivery,) = world.accepted(world.crossing(conversation))

        def stepped(number: int, of: DeliveryId = delivery.id) -> bool:
            try:
                world.write(lambda connection: steps[number](connection, of, Step("ops", NOW)))
            except Conflict:
                return False
            return True

        done = at_once(4, stepped)
        assert sum(done[1:]) == 1
        kinds = [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))]
        assert kinds[-1] is Kind.DROPPED


def test_of_several_people_who_close_a_conversation_at_once_one_does(world: World) -> None:
    """GW-4: the others learn that it is closed"""
    conversation = world.opened()

    def closed(_: int) -> bool:
        try:
            world.write(lambda connection: close(connection, conversation.reference, now=NOW))
        except Conflict:
            return False
        return True

    assert sorted(at_once(4, closed)) == [False, False, False, True]
    assert [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))].count(Kind.CLOSED) == 1


def test_of_several_nodes_that_open_one_booking_at_once_one_does(world: World) -> None:
    """FAULT-98: the others learn that it has a conversation already, and not that something is wrong for now"""

    def opened(number: int) -> bool:
        try:
            world.opened(f"BOOKING-{number // 4}")
        except Conflict:
            return False
        return True

    for round_ in range(5):
        assert sorted(at_once(4, lambda n, of=round_: opened(4 * of + n))) == [False, False, False, True]


def test_what_is_asked_is_answered_from_one_view(world: World, engine: Engine) -> None:
    """What somebody else commits between two statements of a question is not in its answer, and a question changes nothing."""
    crossing = world.crossing(world.opened(), fate=Fate.HELD)
    world.accepted(crossing)
    with reading(engine) as connection:
        before = held.listed(connection)
        world.dropped(crossing)
        assert held.listed(connection) == before
    assert world.read(held.listed) == ()
    with pytest.raises(Unavailable, match="25006"):
        world.read(lambda connection: connection.execute(update(messages).values(size=1)))


def test_nodes_that_write_into_one_timeline_make_one_chain(world: World) -> None:
    """Invariant 11"""
    conversation = world.opened()

    def node(number: int) -> None:
        for step in range(20):
            draft = Draft(conversation.id, Kind.MESSAGE, {"message": f"{number}-{step}"})
            world.write(lambda connection, one=draft: append(connection, [one], NOW))

    at_once(4, node)
    assert len(world.read(lambda connection: entries(connection, conversation.id))) == 81
    assert world.read(lambda connection: verify(connection, conversation.id)) is None


def test_the_database_itself_refuses_to_change_a_timeline(world: World) -> None:
    """Invariant 11"""
    conversation = world.opened()
    with pytest.raises(Unavailable):
        world.write(lambda connection: connection.execute(delete(timeline_table)))
    assert world.read(lambda connection: verify(connection, conversation.id)) is None


def test_an_item_that_fails_harms_no_other_of_its_batch(world: World, engine: Engine) -> None:
    """A statement that fails spoils the whole transaction there, unless a savepoint holds it."""
    world.opened("OTHER")
    committer = Committer(engine)
    entered, leave = threading.Event(), threading.Event()

    def keep_busy(_: Connection) -> None:
        entered.set()
        leave.wait(10)

    committer.submit(keep_busy)
    assert entered.wait(10)
    refused = committer.submit(lambda connection: close(connection, "NONE", now=NOW))
    broken = committer.submit(lambda connection: connection.exec_driver_sql("SELECT 1 / 0").one())
    good = committer.submit(lambda connection: close(connection, "OTHER", now=NOW))
    leave.set()
    assert isinstance(refused.exception(10), NotFound)
    assert isinstance(broken.exception(10), Unavailable)
    assert good.result(10).closed_at == NOW
    assert committer.commits == 2
    committer.close()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("meeting", 2),
        ('"meeting point"', 1),
        ("spotk*", 1),
        ("LODZI", 1),
        ("東京", 1),
        ("a@b.example", 1),
        ("booking:gyg4k7q2x9abc by:customer", 3),
        ("meeting -point", 1),
        ("meeting -fate:refused", 1),
        ("has:attachment", 1),
        ("customer", 0),
        ("meeting after:2026-06-02", 0),
        ("!:*& | 'zz", 0),
    ],
)
def test_a_search_finds_what_it_finds_on_sqlite(world: World, query: str, count: int) -> None:
    """AR-2"""
    conversation = world.opened()
    for body, files, fate in (
        ("the meeting point w Łodzi", "", Fate.PASSED),
        ("meeting", "", Fate.REFUSED),
        ("spotkanie 東京 write to a@b.example", "voucher.pdf", Fate.PASSED),
    ):
        world.accepted(world.crossing(conversation, subject="x", body=body, files=files, fate=fate))
    assert world.write(indexing.index_some) == 3
    assert len(world.read(lambda connection: search.search(connection, query))) == count


def test_what_was_rebuilt_is_found_again(world: World) -> None:
    world.accepted(world.crossing(world.opened()))
    world.write(indexing.index_some)
    world.write(indexing.rebuild)
    assert world.read(lambda connection: search.search(connection, "meeting")) == ()
    world.write(indexing.index_some)
    assert len(world.read(lambda connection: search.search(connection, "meeting"))) == 1


def test_every_message_is_accounted_for(world: World) -> None:
    """Invariant 4"""
    (delivery,) = world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: outbox.record(connection, delivery.id, Delivered(250, "ok"), now=NOW))
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_no_value_of_any_column_is_in_the_text_of_an_error(world: World) -> None:
    """Invariant 1: the server's DETAIL quotes the row."""
    crossing = world.crossing(world.opened())
    world.accepted(crossing)
    with pytest.raises(Unavailable) as raised:
        world.accepted(crossing)
    assert crossing.envelope.id not in str(raised.value)
    assert "23505" in str(raised.value)


def test_a_lock_is_waited_for_so_long_and_not_longer(world: World, engine: Engine) -> None:
    """FAULT-98"""
    conversation = world.opened()
    closed = [Draft(conversation.id, Kind.CLOSED, {})]
    with engine.begin() as connection:
        append(connection, closed, NOW)
        with pytest.raises(Unavailable, match=r"55P03|57014"):
            world.write(lambda other: append(other, closed, NOW))


async def test_the_gateway_runs_on_it(postgresql: Server, tmp_path: Path) -> None:
    """GW-55, invariants 1 to 4: mail crosses, what is held is let out by a person, and all of it is accounted for"""
    async with Sink() as sink:
        gateway = Gateway(tmp_path, sink.port, changed={"database": {"url": postgresql.empty()}})
        try:
            gateway.write_config()
            await gateway.off_loop("command", "migrate")
            await gateway.off_loop("start")
            alias = (await gateway.off_loop("open_conversation", "GYG4K7Q2X9ABC"))["customer_alias"]
            crosses = a_mail(to=alias, text="At ten.\n", message_id="1@alpine-tours.example")
            telling = ("measurements.bin", b"\x00\x01\x02" + PARTNER_ADDRESS.encode() + b"\x00\xff")
            waits = with_files(a_mail(to=alias, text="At noon.\n", message_id="2@alpine-tours.example"), telling)
            for mail in (crosses, crosses, waits):
                async with SmtpClient(gateway.smtp_port) as client:
                    await client.hello()
                    assert (await client.deliver(mail, alias, sender=f"<{PARTNER_ADDRESS}>")).codes == "250 2.6.0"
            await sink.until(1)
            assert shows(sink.received[0].content, *PARTNER_TELLS) == []
            [entry] = await gateway.off_loop("json", "queue", "list")
            assert (entry["reason"], entry["can_be_released"]) == ("leak", True)
            await gateway.off_loop("command", "queue", "release", entry["id"], "--without-attachments", "--by", "anna")
            await sink.until(2)
            assert "At noon." in text_of(sink.received[1].content)
            assert shows(sink.received[1].content, *PARTNER_TELLS) == []
            await gateway.off_loop("command", "audit")
            assert await gateway.off_loop("stop") == 0
            assert len(sink.received) == 2
        finally:
            gateway.close()


def test_what_a_living_worker_sends_is_not_claimed_by_a_node_whose_clock_is_an_hour_ahead(world: World) -> None:
    """Invariant 8, FAULT-99: no two clocks are compared before they could differ by a day; who is dead is told by its silence."""
    (held,) = world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: presence.beat(connection, WORKER))
    ahead = NOW + LEASE + timedelta(hours=1)
    assert world.write(lambda connection: claims.claim(connection, ahead, LEASE, 9, "ahead")) == []
    assert world.read(claims.next_due_at) is None, "so that nobody asks again and again"
    surely = ahead + claims.clocks_differ_by
    assert [one.id for one in world.write(lambda c: claims.claim(c, surely, LEASE, 9, "ahead"))] == [held.id]


def test_what_a_dead_worker_held_is_claimed_at_once(world: World) -> None:
    (held,) = world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: presence.beat(connection, WORKER))
    world.write(lambda connection: presence.bury(connection, WORKER, 1, NOW))
    assert world.read(claims.next_due_at) == NOW
    assert [one.id for one in world.write(lambda c: claims.claim(c, NOW, LEASE, 9, "node"))] == [held.id]
