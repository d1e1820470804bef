"""What attempts to deliver come to, and bounces (invariants 4 and 8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from support.archive import World
from support.sending import (
    DEFERRED,
    DELIVERED,
    FAILED,
    IN_DOUBT,
    LATER,
    SOON,
    claimed,
    kinds,
    recorded,
    sent,
    tracked,
)
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW

from relay.conversation import Conversation
from relay.errors import NotFound
from relay.store import accepting, audit, outbox, queue
from relay.store.tables import State, attempts
from relay.store.timeline import Kind, entries
from relay.transit.bounce import DAILY_CAP
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Delivery, Failed, Outcome, notices_a_day_max
from relay.values import DeliveryId, RealAddress, Role


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
