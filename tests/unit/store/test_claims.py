"""Who has a delivery that is due, in which turn, and what is given back (invariant 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event, insert, select, update
from support.archive import LEASE, WORKER, World
from support.sending import (
    AFTER_LEASE,
    DELIVERED,
    FAILED,
    LATER,
    SOON,
    claimed,
    kinds,
    recorded,
    sent,
    tracked,
)
from support.world import NOW

from relay.store import claims, outbox
from relay.store.accepting import add_deliveries
from relay.store.tables import State, deliveries
from relay.store.tables import blobs as blob_table
from relay.store.timeline import Kind, entries
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Delivery


def test_a_delivery_in_somebodys_hands_is_not_claimed_until_the_lease_is_over(world: World) -> None:
    """Invariant 8: when a worker dies, its deliveries come due again by themselves."""
    _, (delivery,) = sent(world)
    assert claimed(world, at=AFTER_LEASE - timedelta(microseconds=1)) == []
    (again,) = claimed(world)
    assert (again.id, again.content, again.attempts) == (delivery.id, delivery.content, 2)
    assert claimed(world) == []
    assert tracked(world, delivery).claimed_by == "worker-2"


def test_the_oldest_due_ones_come_first_and_no_more_than_asked_for(world: World) -> None:
    _, deliveries = sent(world, 4)
    late = NOW + timedelta(hours=1)
    assert [one.id for one in claimed(world, at=late, count_max=3)] == [one.id for one in deliveries[:3]]
    assert [one.id for one in claimed(world, at=late, count_max=3)] == [deliveries[3].id]


def waiting(world: World, domain: str, count: int, *, due_at: datetime) -> None:
    """`count` deliveries to `domain` that nobody holds. They share the octets of a notice, so that thousands take no time."""
    (pattern,) = world.accepted(world.crossing(world.opened(f"WAITING{domain}"), fate=Fate.REFUSED))

    def copied(connection: Connection) -> None:
        row = dict(connection.execute(select(deliveries).where(deliveries.c.id == pattern.id)).one()._mapping)
        row |= {"claimed_by": None, "domain": domain, "recipient": f"ana@{domain}", "attempts": 0}
        connection.execute(
            insert(deliveries),
            [row | {"id": f"{domain}-{n:05d}", "due_at": due_at + timedelta(milliseconds=n)} for n in range(count)],
        )

    world.write(copied)
    world.write(lambda connection: outbox.record(connection, pattern.id, DELIVERED, now=NOW))


def test_ten_thousand_that_wait_for_one_domain_leave_the_others_their_turn(world: World) -> None:
    """FAULT-100: the one that is due last of all comes with the first claim, and no domain is passed over."""
    waiting(world, "dead.example", 10_000, due_at=NOW)
    waiting(world, "living.example", 1, due_at=NOW + timedelta(minutes=1))
    first = claimed(world, at=SOON + timedelta(minutes=1), count_max=64)
    assert Counter(claims.turn_of(one) for one in first) == {"dead.example": 32, "living.example": 1}
    assert [claims.turn_of(one) for one in first[:3]] == ["dead.example", "living.example", "dead.example"]
    assert [one.id for one in first if claims.turn_of(one) == "dead.example"] == [f"dead.example-{n:05d}" for n in range(32)]


def test_domains_take_turns_where_one_claim_has_not_room_for_all(world: World) -> None:
    """FAULT-100"""
    names = [f"d{n:02d}.example" for n in range(2 * claims.domains_at_once_max + 3)]
    for name in names:
        waiting(world, name, 2, due_at=NOW)
    served: list[str] = []

    def next_claim(connection: Connection) -> list[Delivery]:
        return claims.claim(connection, LATER, LEASE, 20, "worker-2", served[-1] if served else "")

    while batch := world.write(next_claim):
        served += [claims.turn_of(one) for one in batch]
    assert Counter(served) == dict.fromkeys(names, 2)
    assert set(served[: len(names) + 20]) == set(names), "all had a turn before much was given a second time"


@pytest.mark.sqlite_only
def test_a_claim_steps_over_what_waits_by_the_index(world: World) -> None:
    """However many wait for a domain, and whatever was delivered in years."""
    waiting(world, "dead.example", 3, due_at=NOW)
    asked: list[tuple[str, Sequence[object]]] = []

    def note(_connection: Connection, _cursor: object, statement: str, values: Sequence[object], *_: object) -> None:
        if "FROM deliveries" in statement and not statement.startswith("EXPLAIN"):
            asked.append((statement, values))

    def plans(connection: Connection) -> list[str]:
        event.listen(connection, "before_cursor_execute", note)
        claims.claim(connection, LATER, LEASE, 9, "worker-9")
        event.remove(connection, "before_cursor_execute", note)
        return [
            "\n".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values)))
            for statement, values in asked
        ]

    found = world.write(plans)
    assert len(found) == 2
    for one in found:
        assert "INDEX deliveries_by_domain" in one
        assert "SCAN deliveries" not in one
        assert "TEMP B-TREE" not in one


def test_a_claim_is_whole_and_equal_to_what_was_accepted(world: World) -> None:
    """Invariant 8: the same bytes"""
    _, (delivery,) = sent(world)
    (again,) = claimed(world)
    assert (again.message, again.conversation, again.carries, again.return_path, again.recipient, again.accepted_at) == (
        delivery.message,
        delivery.conversation,
        delivery.carries,
        delivery.return_path,
        delivery.recipient,
        delivery.accepted_at,
    )


@pytest.mark.parametrize(
    "damage", [{"data": b"not zstd"}, {"sha256": bytes(32)}, {"codec": "zstd"}], ids=lambda one: next(iter(one))
)
def test_a_damaged_delivery_is_held_and_in_nobodys_way(world: World, damage: dict[str, object]) -> None:
    """Invariants 4 and 8, FAULT-100: the oldest one would come first at every claim."""
    conversation, (broken, good) = sent(world, 2)
    spoil(world, broken, **damage)
    late = NOW + timedelta(hours=1)
    assert [one.id for one in claimed(world, at=late)] == [good.id]
    assert world.read(claims.next_due_at) == late + LEASE
    held = tracked(world, broken)
    assert (held.state, held.claimed_by, held.attempts, held.last_text) == (State.HELD, None, 1, claims.DAMAGED)
    entry = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (entry.kind, entry.facts["delivery"], entry.facts["because"]) == (Kind.HELD, broken.id, claims.DAMAGED)
    assert kinds(world, conversation)[-1] is Kind.HELD


def test_a_delivery_whose_content_is_missing_is_held(world: World) -> None:
    _, (broken, good) = sent(world, 2)
    world.tamper(f"DELETE FROM blobs WHERE id = (SELECT content FROM deliveries WHERE id = '{broken.id}')")
    assert [one.id for one in claimed(world, at=NOW + timedelta(hours=1))] == [good.id]
    assert tracked(world, broken).state is State.HELD


def test_damaged_mail_to_the_operators_is_held_too(world: World) -> None:
    """It belongs to no conversation, and has no timeline."""
    crossing = world.crossing(world.opened())
    letter = world.delivery(crossing.envelope.id, None, carries=Carries.OPERATOR, to="ops@example.com")
    world.accepted(crossing)
    world.write(lambda connection: add_deliveries(connection, [letter], None, NOW))
    spoil(world, letter, data=b"")
    assert claimed(world, at=NOW) == []
    assert tracked(world, letter).state is State.HELD


def spoil(world: World, delivery: Delivery, **values: object) -> None:
    content = select(deliveries.c.content).where(deliveries.c.id == delivery.id).scalar_subquery()
    world.write(lambda connection: connection.execute(update(blob_table).where(blob_table.c.id == content).values(values)))


def test_a_claim_loads_only_so_much_content(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 12"""
    _, deliveries = sent(world, 3)
    monkeypatch.setattr(claims, "claimed_octets_max", len(deliveries[0].content) * 2)
    late = NOW + timedelta(hours=1)
    assert [len(claimed(world, at=late)), len(claimed(world, at=late)), len(claimed(world, at=late))] == [2, 1, 0]


def test_the_next_due_time_is_that_of_the_earliest_under_way(world: World) -> None:
    assert world.read(claims.next_due_at) is None
    _, (delivery, other) = sent(world, 2)
    assert world.read(claims.next_due_at) == AFTER_LEASE
    recorded(world, delivery, DELIVERED)
    assert world.read(claims.next_due_at) == AFTER_LEASE + timedelta(minutes=1)
    recorded(world, other, FAILED)
    assert world.read(claims.next_due_at) is None


def test_a_worker_that_stops_gives_back_what_it_has(world: World) -> None:
    _, deliveries = sent(world, 2)
    recorded(world, deliveries[0], DELIVERED)
    assert world.write(lambda connection: claims.release_claims(connection, "another", NOW)) == 0
    assert world.write(lambda connection: claims.release_claims(connection, WORKER, NOW)) == 1
    assert [one.id for one in claimed(world, at=NOW)] == [deliveries[1].id]


def test_what_is_given_back_untried_has_one_attempt_less(world: World) -> None:
    _, (first, second) = sent(world, 2)
    ids = [first.id]
    assert world.write(lambda connection: claims.give_back(connection, ids, "another", NOW)) == 0
    assert world.write(lambda connection: claims.give_back(connection, ids, WORKER, NOW)) == 1
    assert [(one.id, one.attempts) for one in claimed(world, at=NOW)] == [(first.id, 1)]
    assert tracked(world, second).claimed_by == WORKER
