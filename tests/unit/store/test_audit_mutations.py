"""Whatever somebody changes by hand in the database, so that a message is not accounted for any more, the audit names it.

One archive with every outcome in it is written once; each mutation is made in a transaction that is rolled back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from support.archive import World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.store import outbox, queue
from relay.store.audit import unaccounted
from relay.store.engine import open_engine, writing
from relay.store.stepping import Step
from relay.store.tables import deliveries
from relay.store.tally import End, tally
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Failed

FAILED = Failed(Cause.ADDRESS_WRONG, 550, "no")


@pytest.fixture(scope="module")
def archive(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("audited") / "relay.db"
    shutil.copy(migrated, path)
    engine = open_engine(f"sqlite:///{path}")
    every_outcome(World(engine))
    yield engine
    engine.dispose()


def every_outcome(world: World) -> None:
    """Ten messages in the first conversation, each with an end of its own; one in the other, still under way there."""
    first, other = world.opened("FIRST"), world.opened("OTHER")
    crossings = {
        name: world.crossing(first, fate=fate, body=name)
        for name, fate in (
            *((name, Fate.PASSED) for name in ("delivered", "failed", "untold", "deferred", "stopped", "dropped")),
            *((name, Fate(name)) for name in ("refused", "held", "duplicate", "absorbed")),
        )
    }
    sent = {name: [one.id for one in world.accepted(crossing)] for name, crossing in crossings.items()}
    message = crossings["failed"].envelope.id
    notice = world.delivery(message, first, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)

    def end(connection: Connection) -> None:
        outbox.record(connection, sent["delivered"][0], Delivered(250, "ok"), now=NOW)
        outbox.record(connection, sent["failed"][0], FAILED, now=NOW, notices=[notice])
        outbox.record(connection, sent["untold"][0], FAILED, now=NOW, untold="an automatic answer (GW-53)")
        outbox.record(connection, sent["deferred"][0], Deferred(Cause.OTHER, 450, "later"), now=NOW, next_due=NOW)
        queue.hold(connection, sent["stopped"][0], Step("ops", NOW))
        queue.drop(connection, sent["dropped"][0], Step("ops", NOW, "spam"))

    world.write(end)
    released = world.crossing(first, fate=Fate.HELD, body="released")
    world.accepted(released)
    world.let_out(released)
    given_up = world.crossing(first, fate=Fate.HELD, body="given up")
    world.accepted(given_up)
    world.dropped(given_up)
    world.accepted(world.crossing(other, body="of the other conversation"))


def of(body: str, table: str = "deliveries", column: str = "message") -> str:
    """Which rows of `table` belong to the message with that text."""
    return f"{table}.{column} IN (SELECT message FROM texts WHERE body = '{body}')"


OCTETS = "codec, size, sha256, data"
DELIVERY = ", ".join(one.name for one in deliveries.columns if one.name != "id")
ANOTHER = "(SELECT id FROM conversations WHERE reference = 'OTHER')"
MUTATIONS = [
    # messages
    (f"DELETE FROM messages WHERE {of('delivered', 'messages', 'id')}", "its message in passages is not there in messages"),
    (f"UPDATE messages SET raw = 'gone' WHERE {of('held', 'messages', 'id')}", "its raw in messages is not there in blobs"),
    (
        (
            "UPDATE messages SET aliases = (SELECT alias_local || '@' || alias_domain FROM parties"
            f" WHERE conversation = {ANOTHER} LIMIT 1) WHERE {of('absorbed', 'messages', 'id')}"
        ),
        "one of its recipients has no outcome",
    ),
    (
        f"UPDATE messages SET aliases = 'x' || aliases WHERE {of('delivered', 'messages', 'id')}",
        "one of its recipients is nobody's alias",
    ),
    (f"UPDATE messages SET aliases = '' WHERE {of('delivered', 'messages', 'id')}", "one of its recipients is nobody's alias"),
    (
        (
            f"UPDATE messages SET raw = (SELECT raw FROM messages WHERE {of('held', 'messages', 'id')})"
            f" WHERE {of('delivered', 'messages', 'id')}"
        ),
        "what is kept of it is not what its timeline says was received",
    ),
    # passages
    (f"DELETE FROM passages WHERE {of('absorbed', 'passages')}", "nothing became of it"),
    (f"DELETE FROM passages WHERE {of('absorbed', 'passages')}", "its timeline tells of it, and it is not there"),
    (f"DELETE FROM passages WHERE {of('delivered', 'passages')}", "its message and passage in deliveries is not there"),
    (
        (
            "INSERT INTO passages SELECT message, 1, conversation, writer, fate, reason, detail, findings, NULL, original_id,"
            f" NULL, removed, automatic, dropped_at FROM passages WHERE {of('absorbed', 'passages')}"
        ),
        "one recipient has two outcomes",
    ),
    (f"UPDATE passages SET fate = 'refused', reason = 'x' WHERE {of('deferred', 'passages')}", "and its writer was not told"),
    (f"UPDATE passages SET fate = 'absorbed', reason = 'x' WHERE {of('delivered', 'passages')}", "it did not pass, and was sent"),
    (f"UPDATE passages SET fate = 'absorbed' WHERE {of('refused', 'passages')}", "it went no further, and its writer was told"),
    (f"UPDATE passages SET fate = 'passed' WHERE {of('held', 'passages')}", "it passed, and has not exactly one delivery"),
    (f"UPDATE passages SET fate = 'absorbed' WHERE {of('held', 'passages')}", "and its timeline says held for"),
    (f"UPDATE passages SET fate = 'absorbed' WHERE {of('duplicate', 'passages')}", "its timeline says duplicate for"),
    (f"UPDATE passages SET reason = 'virus' WHERE {of('refused', 'passages')}", "it is refused for virus"),
    (f"UPDATE passages SET dropped_at = 1 WHERE {of('held', 'passages')}", "it is dropped, and its timeline says held for"),
    (f"UPDATE passages SET dropped_at = NULL WHERE {of('given up', 'passages')}", "and its timeline says dropped"),
    (f"UPDATE passages SET rendition = NULL WHERE {of('delivered', 'passages')}", "it passed, and no rendition is kept"),
    (f"UPDATE passages SET rendition = NULL WHERE {of('held', 'passages')}", "its rendition is not the one"),
    (
        f"UPDATE passages SET rendition = (SELECT raw FROM messages LIMIT 1) WHERE {of('delivered', 'passages')}",
        "its delivery carries something else",
    ),
    (f"UPDATE passages SET conversation = {ANOTHER} WHERE {of('delivered', 'passages')}", "belongs to another conversation"),
    # deliveries
    (f"DELETE FROM deliveries WHERE {of('delivered')}", "it passed, and has not exactly one delivery"),
    (f"DELETE FROM deliveries WHERE {of('refused')}", "it was refused, and its writer was not told"),
    (f"DELETE FROM deliveries WHERE {of('failed')} AND carries = 'notice'", "its failure_notice in deliveries is not there"),
    (f"DELETE FROM deliveries WHERE {of('failed')} AND carries = 'notice'", "and that is not there"),
    (
        f"INSERT INTO deliveries (id, {DELIVERY}) SELECT 'twice', {DELIVERY} FROM deliveries WHERE {of('refused')}",
        "it was refused, and its writer was told twice",
    ),
    (f"UPDATE deliveries SET state = 'delivered' WHERE {of('deferred')}", "is delivered, and its timeline says due"),
    (f"UPDATE deliveries SET state = 'due', due_at = 1 WHERE {of('delivered')}", "is due, and its timeline says delivered"),
    (
        f"UPDATE deliveries SET state = 'dropped', claimed_by = NULL WHERE {of('stopped')}",
        "is dropped, and its timeline says held",
    ),
    (f"UPDATE deliveries SET state = 'held' WHERE {of('dropped')}", "is held, and its timeline says dropped"),
    (f"UPDATE deliveries SET state = 'delivered', untold = '' WHERE {of('untold')}", "and its timeline says failed"),
    (f"UPDATE deliveries SET untold = '' WHERE {of('untold')}", "its delivery failed, and its writer was not told"),
    (f"UPDATE deliveries SET failure_notice = NULL WHERE {of('failed')}", "its delivery failed, and its writer was not told"),
    (
        f"UPDATE deliveries SET failure_notice = (SELECT id FROM deliveries WHERE {of('refused')}) WHERE {of('failed')}",
        "what told its writer is no notice about it",
    ),
    (f"UPDATE deliveries SET carries = 'notice' WHERE {of('delivered')}", "it passed, and has not exactly one delivery"),
    (f"UPDATE deliveries SET passage = 7 WHERE {of('delivered')}", "its message and passage in deliveries is not there"),
    (f"UPDATE deliveries SET passage = NULL WHERE {of('delivered')}", "it passed, and has not exactly one delivery"),
    (f"UPDATE deliveries SET conversation = {ANOTHER} WHERE {of('delivered')}", "belongs to another conversation"),
    (f"UPDATE deliveries SET recipient = 'who@else.example' WHERE {of('deferred')}", "on its way to somebody else"),
    (f"UPDATE deliveries SET recipient = '{CUSTOMER_ADDRESS}' WHERE {of('deferred')}", "on its way to somebody else"),
    (f"UPDATE deliveries SET recipient = 'who@else.example' WHERE {of('refused')}", "on its way to somebody else"),
    (f"UPDATE deliveries SET due_at = 1 WHERE {of('deferred')}", "its delivery is overdue: nobody is sending"),
    (f"UPDATE deliveries SET due_at = 4e15 WHERE {of('deferred')}", "its delivery is due long after its time"),
    (f"UPDATE deliveries SET content = 'gone' WHERE {of('refused')}", "its content in deliveries is not there in blobs"),
    # attempts
    ("DELETE FROM attempts", "0 attempts are kept, and its timeline tells of 1"),
    ("UPDATE attempts SET delivery = 'gone'", "its delivery in attempts is not there in deliveries"),
    # blobs
    ("DELETE FROM blobs WHERE id LIKE '%.raw'", "its raw in messages is not there in blobs"),
    ("DELETE FROM blobs WHERE id LIKE '%.0'", "its rendition in passages is not there in blobs"),
    ("UPDATE blobs SET data = x'00' WHERE id LIKE '%.raw'", "is not what was written"),
    ("UPDATE blobs SET sha256 = zeroblob(32) WHERE id LIKE '%.0'", "is not what was written"),
    ("UPDATE blobs SET size = size + 1", "is not what was written"),
    ("UPDATE blobs SET codec = 'zstd'", "is not what was written"),
    (
        (f"UPDATE blobs SET ({OCTETS}) = (SELECT {OCTETS} FROM blobs WHERE id LIKE '%.0' LIMIT 1) WHERE id LIKE '%.raw'"),
        "what is kept of it is not what its timeline says was received",
    ),
    (
        (f"UPDATE blobs SET ({OCTETS}) = (SELECT {OCTETS} FROM blobs WHERE id LIKE '%.raw' LIMIT 1) WHERE id LIKE '%.0'"),
        "its rendition is not the one that its timeline tells of",
    ),
    # texts
    ("DELETE FROM texts", "no search finds it"),
    # timeline: whoever can change it needs more than an UPDATE, see DROP TRIGGER below
    ("UPDATE timeline SET facts = '{}' WHERE seq = 2", "was changed at entry 2"),
    ("UPDATE timeline SET at = at + 1 WHERE seq = 3", "was changed at entry 3"),
    ("DELETE FROM timeline WHERE seq = 4", "was changed at entry 4"),
    ("DELETE FROM timeline WHERE seq >= 2", "its timeline does not tell of it"),
    ("DELETE FROM timeline", "has no beginning"),
    # conversations, parties, aliases
    ("DELETE FROM conversations", "its conversation in passages is not there in conversations"),
    ("DELETE FROM parties WHERE role = 'customer'", "has not two parties"),
    ("DELETE FROM party_addresses", "has not two parties with an address each"),
    ("DELETE FROM aliases", "its alias_local in parties is not there in aliases"),
]


@pytest.mark.parametrize(("statement", "problem"), MUTATIONS)
def test_what_somebody_changes_by_hand_is_named(archive: Engine, statement: str, problem: str) -> None:
    """Invariants 4 and 11."""
    with archive.connect() as connection:
        # So far nobody has committed, and nobody will: keys are looked at when a transaction ends.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for trigger in ("timeline_no_update", "timeline_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        changed = connection.exec_driver_sql(statement).rowcount
        problems = {finding.problem for finding in unaccounted(connection, NOW)}
        connection.rollback()
    assert changed
    assert any(problem in one for one in problems), problems


def test_what_nobody_changed_is_whole_and_counted_by_its_outcomes(archive: Engine) -> None:
    """Invariant 4."""
    with writing(archive) as connection:
        assert unaccounted(connection, NOW) == ()
        assert tally(connection) == {
            End.DELIVERED: 1,
            End.NOTICE: 2,
            End.DUE: 3,
            End.HELD: 2,
            End.DUPLICATE: 1,
            End.ABSORBED: 1,
            End.UNTOLD: 1,
            End.DROPPED: 2,
        }
