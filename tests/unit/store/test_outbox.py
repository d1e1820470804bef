"""Deliveries under way: claims, and what attempts come to (invariants 4 and 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import Connection, event, insert, select, update
from support.archive import LEASE, WORKER, World
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW

from relay.conversation import Conversation
from relay.errors import NotFound
from relay.store import accepting, audit, outbox, queue
from relay.store.accepting import add_deliveries
from relay.store.tables import State, attempts, deliveries
from relay.store.tables import blobs as blob_table
from relay.store.timeline import Kind, entries, verify
from relay.store.tracked import Tracked
from relay.transit.bounce import DAILY_CAP
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Delivery, Failed, Outcome, notices_a_day_max
from relay.values import DeliveryId, RealAddress, Role

AFTER_LEASE: Final = NOW + LEASE
SOON: Final = NOW + timedelta(minutes=1)
LATER: Final = NOW + timedelta(minutes=6)
DELIVERED: Final = Delivered(250, "2.0.0 queued as 4711")
DEFERRED: Final = Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 over quota <marco.bellini@alpine-tours.example>")
IN_DOUBT: Final = Deferred(Cause.SERVER_UNREACHABLE, None, "connection lost", in_doubt=True)
FAILED: Final = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no such user <marco.bellini@alpine-tours.example>")


def claimed(world: World, *, at: datetime = AFTER_LEASE, count_max: int = 10, worker: str = "worker-2") -> list[Delivery]:
    return world.write(lambda connection: outbox.claim(connection, at, LEASE, count_max, worker))


def recorded(world: World, delivery: Delivery, outcome: Outcome, **more: object) -> bool:
    if isinstance(outcome, Deferred):
        more = {"next_due": LATER, **more}
    return world.write(lambda connection: outbox.record(connection, delivery.id, outcome, now=SOON, **more))  # type: ignore[arg-type]


def tracked(world: World, delivery: Delivery) -> Tracked:
    return world.read(lambda connection: queue.shown(connection, delivery.id))


def kinds(world: World, conversation: Conversation) -> list[Kind]:
    assert world.read(lambda connection: verify(connection, conversation.id)) is None
    return [entry.kind for entry in world.read(lambda connection: entries(connection, conversation.id))]


def sent(world: World, count: int = 1) -> tuple[Conversation, list[Delivery]]:
    """A conversation with `count` messages taken over, a minute apart."""
    conversation = world.opened()
    crossings = [
        world.crossing(conversation, body=f"number {number}", at=NOW + timedelta(minutes=number)) for number in range(count)
    ]
    return conversation, [
        delivery
        for number, crossing in enumerate(crossings)
        for delivery in world.accepted(crossing, now=NOW + timedelta(minutes=number))
    ]


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
    assert Counter(outbox.turn_of(one) for one in first) == {"dead.example": 32, "living.example": 1}
    assert [outbox.turn_of(one) for one in first[:3]] == ["dead.example", "living.example", "dead.example"]
    assert [one.id for one in first if outbox.turn_of(one) == "dead.example"] == [f"dead.example-{n:05d}" for n in range(32)]


def test_domains_take_turns_where_one_claim_has_not_room_for_all(world: World) -> None:
    """FAULT-100"""
    names = [f"d{n:02d}.example" for n in range(2 * outbox.domains_at_once_max + 3)]
    for name in names:
        waiting(world, name, 2, due_at=NOW)
    served: list[str] = []

    def next_claim(connection: Connection) -> list[Delivery]:
        return outbox.claim(connection, LATER, LEASE, 20, "worker-2", served[-1] if served else "")

    while batch := world.write(next_claim):
        served += [outbox.turn_of(one) for one in batch]
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
        outbox.claim(connection, LATER, LEASE, 9, "worker-9")
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
    assert world.read(outbox.next_due_at) == late + LEASE
    held = tracked(world, broken)
    assert (held.state, held.claimed_by, held.attempts, held.last_text) == (State.HELD, None, 1, outbox.DAMAGED)
    entry = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (entry.kind, entry.facts["delivery"], entry.facts["because"]) == (Kind.HELD, broken.id, outbox.DAMAGED)
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
    monkeypatch.setattr(outbox, "claimed_octets_max", len(deliveries[0].content) * 2)
    late = NOW + timedelta(hours=1)
    assert [len(claimed(world, at=late)), len(claimed(world, at=late)), len(claimed(world, at=late))] == [2, 1, 0]


def test_a_delivered_one_is_finished(world: World) -> None:
    conversation, (delivery,) = sent(world)
    assert recorded(world, delivery, DELIVERED)
    assert tracked(world, delivery).state is State.DELIVERED
    assert claimed(world, at=NOW + timedelta(days=9)) == []
    assert kinds(world, conversation)[-1] is Kind.DELIVERED


def test_a_deferred_one_is_tried_again_when_its_time_has_come(world: World) -> None:
    """GW-50"""
    conversation, (delivery,) = sent(world)
    assert recorded(world, delivery, DEFERRED)
    assert claimed(world, at=LATER - timedelta(microseconds=1)) == []
    assert [one.id for one in claimed(world, at=LATER)] == [delivery.id]
    assert kinds(world, conversation)[-1] is Kind.DEFERRED


def test_a_deferral_needs_its_next_time(world: World) -> None:
    _, (delivery,) = sent(world)
    with pytest.raises(ValueError, match="next time"):
        recorded(world, delivery, DEFERRED, next_due=None)


def a_notice(world: World, conversation: Conversation, delivery: Delivery) -> Delivery:
    return world.delivery(
        delivery.message, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS, content=b"Subject: sorry\r\n\r\n", at=SOON
    )


def test_the_notice_of_a_failure_is_stored_with_it_and_due_at_once(world: World) -> None:
    """Invariant 4, GW-51"""
    conversation, (delivery,) = sent(world)
    notice = a_notice(world, conversation, delivery)
    assert recorded(world, delivery, FAILED, notices=[notice])
    assert tracked(world, delivery).state is State.FAILED
    (due,) = claimed(world, at=SOON)
    assert (due.id, due.content, due.carries, due.attempts) == (notice.id, notice.content, Carries.NOTICE, 1)
    assert kinds(world, conversation)[-2:] == [Kind.FAILED, Kind.NOTICE]


@pytest.mark.parametrize("told", [True, False])
def test_a_deferral_of_which_the_delay_was_told_stays_so(world: World, told: bool) -> None:
    """GW-50: once, and nobody is asked again where nobody may be told"""
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, DEFERRED)
    assert not tracked(world, delivery).delay_told
    notices = [a_notice(world, conversation, delivery)] if told else []
    recorded(world, delivery, DEFERRED, notices=notices, delay_told=True, untold="" if told else "automatic")
    recorded(world, delivery, DEFERRED)
    assert tracked(world, delivery).delay_told
    assert next(one for one in claimed(world) if one.id == delivery.id).delay_told


def test_why_nobody_was_told_stands_in_the_timeline(world: World) -> None:
    """GW-53"""
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, FAILED, untold="it is automatic")
    assert world.read(lambda connection: entries(connection, conversation.id))[-1].facts["untold"] == "it is automatic"


def test_a_doubt_stays(world: World) -> None:
    """FAULT-92: counted as a possible duplicate"""
    _, (delivery,) = sent(world)
    recorded(world, delivery, IN_DOUBT)
    recorded(world, delivery, DEFERRED)
    assert tracked(world, delivery).in_doubt


@pytest.mark.parametrize("first", [DELIVERED, FAILED])
@pytest.mark.parametrize("second", [DELIVERED, DEFERRED, FAILED])
def test_a_result_for_what_is_finished_changes_nothing(world: World, first: Outcome, second: Outcome) -> None:
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, first)
    before, told = tracked(world, delivery), kinds(world, conversation)
    assert not recorded(world, delivery, second, notices=[a_notice(world, conversation, delivery)])
    assert tracked(world, delivery) == before
    assert kinds(world, conversation) == told
    assert claimed(world, at=NOW + timedelta(days=9)) == []


def test_a_result_for_nothing_changes_nothing(world: World) -> None:
    conversation, (delivery,) = sent(world)
    assert not world.write(lambda connection: outbox.record(connection, DeliveryId("none"), DELIVERED, now=SOON))
    assert kinds(world, conversation) == [Kind.OPENED, Kind.MESSAGE]
    assert tracked(world, delivery).state is State.DUE


def test_a_late_deferral_does_not_take_the_delivery_from_whoever_has_it_now(world: World) -> None:
    _, (delivery,) = sent(world)
    (again,) = claimed(world)
    recorded(world, delivery, DEFERRED, attempt=delivery.attempts)
    assert tracked(world, delivery).claimed_by == "worker-2"
    recorded(world, again, DEFERRED, attempt=again.attempts)
    assert (tracked(world, delivery).claimed_by, tracked(world, delivery).due_at) == (None, LATER)


def test_a_late_delivery_counts_whoever_has_it_now(world: World) -> None:
    """Invariant 8: the receiver has it."""
    _, (delivery,) = sent(world)
    claimed(world)
    recorded(world, delivery, DELIVERED, attempt=delivery.attempts)
    assert tracked(world, delivery).state is State.DELIVERED


def test_every_attempt_is_kept_with_its_answer_and_the_timeline_without(world: World) -> None:
    """FAULT-95, invariant 11"""
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, DEFERRED)
    recorded(world, delivery, Failed(Cause.OTHER, 554, "x" * 5000 + "\x00"))
    rows = world.read(lambda connection: connection.execute(select(attempts).order_by(attempts.c.seq)).all())
    assert [(row.outcome, row.code, row.cause) for row in rows] == [
        ("deferred", 452, "mailbox_full"),
        ("failed", 554, "other"),
    ]
    assert rows[0].text == DEFERRED.text
    assert len(rows[1].text) == 1000
    assert "alpine-tours" not in str(world.read(lambda connection: entries(connection, conversation.id)))


def test_a_bounce_turns_a_delivery_into_a_failure_once(world: World) -> None:
    """GW-51, CASE-25: the writer is told once."""
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, DELIVERED)

    def bounce() -> bool:
        notice = a_notice(world, conversation, delivery)
        return world.write(lambda connection: outbox.bounced(connection, delivery.id, FAILED, now=LATER, notices=[notice]))

    assert [bounce(), bounce()] == [True, False]
    assert tracked(world, delivery).state is State.FAILED
    assert kinds(world, conversation)[-3:] == [Kind.DELIVERED, Kind.BOUNCED, Kind.NOTICE]
    of_message = queue.Wanted(carries=Carries.NOTICE, message=delivery.message)
    assert len(world.read(lambda connection: queue.listing(connection, of_message))) == 1


def test_what_a_return_path_names_is_found_with_its_writer(world: World) -> None:
    """GW-42"""
    conversation, (delivery,) = sent(world)
    found = tracked(world, delivery)
    assert (found.message, found.conversation, found.writer) == (delivery.message, conversation.id, Role.CUSTOMER)
    assert str(found.recipient) == "<real address>"
    assert found.domain == "alpine-tours.example"
    with pytest.raises(NotFound):
        world.read(lambda connection: queue.shown(connection, DeliveryId("none")))


def test_the_next_due_time_is_that_of_the_earliest_under_way(world: World) -> None:
    assert world.read(outbox.next_due_at) is None
    _, (delivery, other) = sent(world, 2)
    assert world.read(outbox.next_due_at) == AFTER_LEASE
    recorded(world, delivery, DELIVERED)
    assert world.read(outbox.next_due_at) == AFTER_LEASE + timedelta(minutes=1)
    recorded(world, other, FAILED)
    assert world.read(outbox.next_due_at) is None


def test_a_worker_that_stops_gives_back_what_it_has(world: World) -> None:
    _, deliveries = sent(world, 2)
    recorded(world, deliveries[0], DELIVERED)
    assert world.write(lambda connection: outbox.release_claims(connection, "another", NOW)) == 0
    assert world.write(lambda connection: outbox.release_claims(connection, WORKER, NOW)) == 1
    assert [one.id for one in claimed(world, at=NOW)] == [deliveries[1].id]


def test_what_is_given_back_untried_has_one_attempt_less(world: World) -> None:
    _, (first, second) = sent(world, 2)
    ids = [first.id]
    assert world.write(lambda connection: outbox.give_back(connection, ids, "another", NOW)) == 0
    assert world.write(lambda connection: outbox.give_back(connection, ids, WORKER, NOW)) == 1
    assert [(one.id, one.attempts) for one in claimed(world, at=NOW)] == [(first.id, 1)]
    assert tracked(world, second).claimed_by == WORKER


def test_notices_are_counted_by_who_they_went_to_and_since_when(world: World) -> None:
    """GW-52: the daily cap"""
    conversation, (delivery,) = sent(world)
    recorded(world, delivery, FAILED, notices=[a_notice(world, conversation, delivery)])

    def count(to: str, since: timedelta) -> int:
        return world.read(lambda connection: accepting.notices_since(connection, conversation.id, RealAddress(to), NOW + since))

    assert count(CUSTOMER_ADDRESS, timedelta()) == 1
    assert count(CUSTOMER_ADDRESS, timedelta(hours=1)) == 0
    assert count(f"somebody@{DOMAIN}", timedelta()) == 0


def test_a_notice_that_came_with_the_message_counts_like_one_that_came_later(world: World) -> None:
    """GW-52: one cap for refusals and failures"""
    conversation, (delivery,) = sent(world)
    world.accepted(world.crossing(conversation, fate=Fate.REFUSED))
    recorded(world, delivery, FAILED, notices=[a_notice(world, conversation, delivery)])
    to = RealAddress(CUSTOMER_ADDRESS)
    assert world.read(lambda connection: accepting.notices_since(connection, conversation.id, to, NOW)) == 2


def test_of_failures_at_the_same_instant_as_many_are_told_as_a_day_has_notices(world: World) -> None:
    """GW-52, invariant 12: each notice was made before any of the others was here. What failed has failed all the same."""
    conversation, failing = sent(world, notices_a_day_max + 1)
    for delivery in failing:
        assert recorded(world, delivery, FAILED, notices=[a_notice(world, conversation, delivery)])
    to = RealAddress(CUSTOMER_ADDRESS)
    assert world.read(lambda connection: accepting.notices_since(connection, conversation.id, to, NOW)) == notices_a_day_max
    last = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (last.kind, last.facts["untold"]) == (Kind.FAILED, DAILY_CAP.reason)
    assert world.read(lambda connection: audit.unaccounted(connection, LATER)) == ()


def test_a_repr_of_a_delivery_shows_no_address(world: World) -> None:
    """Invariant 1"""
    _, (delivery,) = sent(world)
    recorded(world, delivery, DEFERRED)
    assert "alpine-tours" not in repr(tracked(world, delivery))
    assert "marco" not in repr(tracked(world, delivery))
