"""The one record of the installation, in the database: every entry of every timeline gets a leaf, in one order for all (AR-1).

An entry waits for its leaf from the very transaction that wrote it, so none is forgotten; one after another they are numbered,
beside the path of mail. Whoever numbers holds the installation's row, so that there is one order on any number of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, tuple_

from relay.errors import NotFound
from relay.record.head import Head, fingerprint, head_of, signature
from relay.record.leaf import Leaf
from relay.record.tree import Frontier, Hash, consistency, inclusion
from relay.store.record_tables import record_due, record_heads, record_leaves, record_nodes
from relay.store.rows import Inserted, Row, micros
from relay.store.tables import installation, timeline

compared_at_once: Final = 5_000


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head, as it was signed. `key` is the fingerprint of the key."""

    head: Head
    signature: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf with the path that leads from it to the root of the record's first `size` leaves."""

    number: int
    leaf: bytes
    hash: Hash
    path: tuple[Hash, ...]
    size: int


_LEAVES: Final = Inserted(record_leaves, "number", "octets", "hash", "conversation", "entry")
_NODES: Final = Inserted(record_nodes, "level", "number", "hash")


def number_some(connection: Connection, count_max: int) -> int:
    """Gives at most so many of the entries that wait a leaf each; says how many it was."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(installation.c.id).with_for_update())
    waiting = connection.execute(
        select(timeline.c.conversation, timeline.c.seq, timeline.c.at, timeline.c.kind, timeline.c.hash)
        .join_from(
            record_due, timeline, (timeline.c.conversation == record_due.c.conversation) & (timeline.c.seq == record_due.c.entry)
        )
        .order_by(timeline.c.at, timeline.c.conversation, timeline.c.seq)
        .limit(count_max)
    ).all()
    if not waiting:
        return 0
    frontier = frontier_of(connection, size(connection))
    leaves = [Leaf(row.conversation, row.seq, micros(row.at), row.kind, row.hash) for row in waiting]
    rows: list[Row] = [
        (number, leaf.octets.decode("ascii"), leaf.leaf_hash, leaf.conversation, leaf.entry)
        for number, leaf in enumerate(leaves, start=frontier.size)
    ]
    _, nodes = frontier.appended(leaf.leaf_hash for leaf in leaves)
    _LEAVES(connection, rows)
    _NODES(connection, [(node.level, node.index, node.hash) for node in nodes if node.level])
    numbered = [(leaf.conversation, leaf.entry) for leaf in leaves]
    connection.execute(delete(record_due).where(tuple_(record_due.c.conversation, record_due.c.entry).in_(numbered)))
    return len(leaves)


def size(connection: Connection) -> int:
    """How many leaves there are."""
    last = connection.execute(select(func.max(record_leaves.c.number))).scalar_one()
    return 0 if last is None else last + 1


def waiting(connection: Connection) -> int:
    """How many entries have no leaf yet."""
    return connection.execute(select(func.count()).select_from(record_due)).scalar_one()


def frontier_of(connection: Connection, count: int) -> Frontier:
    """The tree of the first `count` leaves, as far as appending to it goes. Raises NotFound where nodes are missing."""
    subtrees, before = list[Hash](), 0
    for level in reversed(range(count.bit_length())):
        if count >> level & 1:
            subtrees.append(node_at(connection, level, before >> level))
            before += 1 << level
    return Frontier(count, tuple(subtrees))


def node_at(connection: Connection, level: int, number: int) -> Hash:
    """The hash of that complete subtree. Raises NotFound."""
    chosen = (
        select(record_nodes.c.hash).where(record_nodes.c.level == level, record_nodes.c.number == number)
        if level
        else select(record_leaves.c.hash).where(record_leaves.c.number == number)
    )
    found = connection.execute(chosen).scalar_one_or_none()
    if found is None:
        raise NotFound(f"the record has no node {number} of level {level}")
    return Hash(found)


def sign(connection: Connection, key: Ed25519PrivateKey, now: datetime) -> SignedHead | None:
    """A head of all the leaves that there are, kept; None where the last one has them all."""
    count, last = size(connection), last_head(connection)
    if count == 0 or (last is not None and last.head.size == count):
        return None
    name = connection.execute(select(installation.c.id)).scalar_one()
    head = Head(name, count, frontier_of(connection, count).root, now.replace(microsecond=0))
    signed = SignedHead(head, signature(head.octets, key), fingerprint(key.public_key()))
    connection.execute(
        record_heads.insert().values(
            size=count, at=head.at, octets=head.octets.decode("ascii"), signature=signed.signature, key=signed.key
        )
    )
    return signed


def is_head_due(connection: Connection, signed_before: datetime) -> bool:
    """Whether there are leaves that no head covers, and the last head is from before that instant."""
    last = last_head(connection)
    return (last is None or last.head.at <= signed_before) and size(connection) > (0 if last is None else last.head.size)


def last_head(connection: Connection) -> SignedHead | None:
    """The newest; None before the first."""
    row = connection.execute(select(record_heads).order_by(record_heads.c.size.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return SignedHead(_head(row.octets), row.signature, row.key)


def proven(connection: Connection, conversation: str, count: int) -> tuple[Proven, ...]:
    """The leaves of `conversation` among the first `count`, each with its path, in the order of its timeline."""
    rows = connection.execute(
        select(record_leaves)
        .where(record_leaves.c.conversation == conversation, record_leaves.c.number < count)
        .order_by(record_leaves.c.entry)
    ).all()

    def at(level: int, number: int) -> Hash:
        return node_at(connection, level, number)

    return tuple(
        Proven(row.number, row.octets.encode("ascii"), Hash(row.hash), inclusion(row.number, count, at), count) for row in rows
    )


def proven_to_go_on(connection: Connection, earlier: int, count: int) -> tuple[Hash, ...]:
    """What proves that the record of `count` leaves begins with that of `earlier`. Raises ValueError."""
    return consistency(earlier, count, lambda level, number: node_at(connection, level, number))


def contradictions(connection: Connection) -> Iterator[str]:
    """Where the record, the timelines and the heads do not tell the same: one sentence each."""
    yield from _of_leaves(connection)
    yield from _of_timelines(connection)


def _of_leaves(connection: Connection) -> Iterator[str]:
    """The tree is built anew from its leaves, and has to come to what was stored and signed."""
    heads = {row.size: row for row in connection.execute(select(record_heads))}
    frontier, expected = Frontier(), 0
    while rows := connection.execute(
        select(record_leaves).where(record_leaves.c.number >= expected).order_by(record_leaves.c.number).limit(compared_at_once)
    ).all():
        for row in rows:
            if row.number != expected:
                yield f"leaf {expected} of the record is missing"
                return
            leaf = _leaf(connection, row.conversation, row.entry)
            if leaf is None or leaf.octets.decode("ascii") != row.octets or leaf.leaf_hash != row.hash:
                yield f"leaf {row.number} of the record is not what the timeline of conversation {row.conversation} says"
            frontier, nodes = frontier.appended([Hash(row.hash)])
            expected += 1
            yield from (
                f"node {node.index} of level {node.level} of the record is not what its leaves come to"
                for node in nodes
                if node.level and _stored(connection, node.level, node.index) != node.hash
            )
            head = heads.pop(expected, None)
            if head is not None and _head(head.octets).root != frontier.root:
                yield f"the head of {expected} leaves was signed over others"
    yield from (f"a head of {count} leaves was signed, and there are fewer" for count in sorted(heads))


def _of_timelines(connection: Connection) -> Iterator[str]:
    without = (
        select(timeline.c.conversation, timeline.c.seq)
        .outerjoin(
            record_leaves, (record_leaves.c.conversation == timeline.c.conversation) & (record_leaves.c.entry == timeline.c.seq)
        )
        .outerjoin(record_due, (record_due.c.conversation == timeline.c.conversation) & (record_due.c.entry == timeline.c.seq))
        .where(record_leaves.c.number.is_(None), record_due.c.entry.is_(None))
        .limit(compared_at_once)
    )
    for row in connection.execute(without):
        yield f"entry {row.seq} of conversation {row.conversation} has no leaf in the record, and waits for none"


def _of(table: Table) -> ColumnElement[bool]:
    """Which rows of `table` are about which entry of a timeline."""
    return and_(table.c.conversation == timeline.c.conversation, table.c.entry == timeline.c.seq)


def _leaf(connection: Connection, conversation: str, entry: int) -> Leaf | None:
    row = connection.execute(
        select(timeline.c.at, timeline.c.kind, timeline.c.hash).where(
            timeline.c.conversation == conversation, timeline.c.seq == entry
        )
    ).one_or_none()
    return Leaf(conversation, entry, micros(row.at), row.kind, row.hash) if row is not None else None


def _stored(connection: Connection, level: int, number: int) -> bytes | None:
    return connection.execute(
        select(record_nodes.c.hash).where(record_nodes.c.level == level, record_nodes.c.number == number)
    ).scalar_one_or_none()


def _head(octets: str) -> Head:
    return head_of(octets.encode("ascii"))
