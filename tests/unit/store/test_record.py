"""The record: every entry of every timeline has one leaf, and what was changed afterwards is seen (AR-1, invariant 11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from support.archive import World
from support.world import NOW

from relay.record.head import fingerprint, is_signed
from relay.record.tree import Frontier, goes_on, is_included
from relay.store import record
from relay.store.tables import timeline

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def numbered(world: World, count_max: int = 1_000) -> int:
    return world.write(lambda connection: record.number_some(connection, count_max))


def signed(world: World, minutes: int = 0) -> record.SignedHead | None:
    return world.write(lambda connection: record.sign(connection, KEY, NOW + timedelta(minutes=minutes)))


def contradictions(world: World) -> list[str]:
    return world.read(lambda connection: list(record.contradictions(connection)))


@pytest.fixture
def filled(world: World) -> World:
    """Two conversations with three messages each."""
    for reference in ("GYG-A", "GYG-B"):
        conversation = world.opened(reference)
        for number in range(3):
            world.accepted(world.crossing(conversation, body=f"message {number}"))
    return world


def test_every_entry_gets_one_leaf_in_however_many_pieces(filled: World) -> None:
    entries = filled.read(lambda connection: connection.execute(select(func.count()).select_from(timeline)).scalar_one())
    pieces = [numbered(filled, 3) for _ in range(entries)]
    assert sum(pieces) == entries == filled.read(record.size)
    assert filled.read(record.waiting) == 0
    assert contradictions(filled) == []


def test_there_is_nothing_to_sign_before_the_first_leaf_and_nothing_anew_without_another(filled: World) -> None:
    assert signed(filled) is None
    numbered(filled)
    first = signed(filled)
    assert first is not None
    assert signed(filled, minutes=1) is None
    assert filled.read(record.last_head) == first


def test_a_head_is_signed_by_the_key_that_it_names(filled: World) -> None:
    numbered(filled)
    head = signed(filled)
    assert head is not None
    assert head.key == fingerprint(KEY.public_key())
    assert is_signed(head.head.octets, head.signature, KEY.public_key())
    assert not is_signed(head.head.octets.replace(b"size", b"Size"), head.signature, KEY.public_key())


def test_each_leaf_of_a_conversation_is_proven_and_the_log_goes_on_from_any_earlier_head(filled: World) -> None:
    numbered(filled, 5)
    early = signed(filled)
    numbered(filled)
    late = signed(filled, minutes=1)
    assert early is not None
    assert late is not None
    conversation = filled.read(lambda connection: connection.execute(select(timeline.c.conversation)).scalars().first())
    leaves = filled.read(lambda connection: record.proven(connection, str(conversation), late.head.size))
    assert len(leaves) == filled.read(
        lambda connection: connection.execute(
            select(func.count()).select_from(timeline).where(timeline.c.conversation == conversation)
        ).scalar_one()
    )
    assert all(is_included(one.hash, one.number, one.size, one.path, late.head.root) for one in leaves)
    proof = filled.read(lambda connection: record.proven_to_go_on(connection, early.head.size, late.head.size))
    assert goes_on(early.head.size, early.head.root, late.head.size, late.head.root, proof)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE timeline SET hash = previous WHERE seq = 2", "is not what the timeline"),
        ("UPDATE timeline SET kind = 'closed' WHERE seq = 2", "is not what the timeline"),
        ("DELETE FROM record_leaves WHERE number = 4", "leaf 4 of the record is missing"),
        ("DELETE FROM record_leaves WHERE number = (SELECT max(number) FROM record_leaves)", "and there are fewer"),
        ("UPDATE record_leaves SET octets = '{}' WHERE number = 1", "leaf 1 of the record is not"),
        (
            "UPDATE record_nodes SET hash = (SELECT hash FROM record_leaves WHERE number = 0) WHERE level = 1 AND number = 0",
            "node 0",
        ),
        ("DELETE FROM record_nodes WHERE level = 2", "node 0 of level 2"),
    ],
)
def test_what_was_changed_afterwards_is_seen(filled: World, statement: str, told: str) -> None:
    numbered(filled)
    signed(filled)
    filled.tamper(statement)
    found = contradictions(filled)
    assert any(told in one for one in found), found


def test_a_head_over_other_leaves_is_seen(filled: World) -> None:
    numbered(filled)
    head = signed(filled)
    assert head is not None
    other = Frontier().root.hex()
    filled.tamper(f"UPDATE record_heads SET octets = replace(octets, '{head.head.root.hex()}', '{other}')")
    assert contradictions(filled) == [f"the head of {head.head.size} leaves was signed over others"]


def test_an_entry_that_lost_its_leaf_and_waits_for_none_is_seen(filled: World) -> None:
    filled.tamper("DELETE FROM record_due WHERE entry = 1")
    assert [one for one in contradictions(filled) if "waits for none" in one]


@pytest.mark.parametrize("table", ["record_leaves", "record_nodes", "record_heads"])
def test_the_database_refuses_to_change_the_log(filled: World, table: str) -> None:
    numbered(filled)
    signed(filled)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {'at = at' if table == 'record_heads' else 'hash = hash'}"):
        with pytest.raises(Exception, match=r"append-only|P0001"):
            filled.write(lambda connection, said=statement: connection.exec_driver_sql(said))
