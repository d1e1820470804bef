"""Every accepted message has exactly one outcome per recipient (invariant 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, update
from support.archive import LEASE, World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.store import outbox, queue
from relay.store.audit import unaccounted
from relay.store.finding import Finding
from relay.store.stepping import Step
from relay.store.tables import deliveries, passages
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Failed

FAILED = Failed(Cause.ADDRESS_WRONG, 550, "no")


def audited(world: World, later: timedelta = timedelta()) -> tuple[Finding, ...]:
    return world.read(lambda connection: unaccounted(connection, NOW + later))


def problems(world: World) -> list[str]:
    return [finding.problem for finding in audited(world)]


def test_an_empty_archive_is_accounted_for(world: World) -> None:
    assert audited(world) == ()


@pytest.mark.parametrize("fate", list(Fate))
def test_whatever_became_of_a_message_is_an_outcome(world: World, fate: Fate) -> None:
    world.accepted(world.crossing(world.opened("FIRST"), world.opened("SECOND"), fate=fate))
    assert audited(world) == ()


def test_every_end_of_a_delivery_is_an_outcome(world: World) -> None:
    conversation = world.opened()
    ends = [world.accepted(world.crossing(conversation, body=str(number)))[0] for number in range(5)]
    notice = world.delivery(ends[1].message, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)

    def end(connection: Connection) -> None:
        outbox.record(connection, ends[0].id, Delivered(250, "ok"), now=NOW)
        outbox.record(connection, ends[1].id, FAILED, now=NOW, notices=[notice])
        outbox.record(connection, ends[2].id, FAILED, now=NOW, untold="an automatic answer (GW-53)")
        queue.drop(connection, ends[3].id, Step("ops", NOW, "spam"))
        queue.hold(connection, ends[4].id, Step("ops", NOW))

    world.write(end)
    assert audited(world) == ()


def test_held_mail_is_accounted_for_until_and_after_somebody_decides(world: World) -> None:
    conversation = world.opened()
    crossings = [world.crossing(conversation, fate=Fate.HELD, body=str(number)) for number in range(3)]
    for crossing in crossings:
        world.accepted(crossing)
    world.let_out(crossings[0])
    world.dropped(crossings[1])
    assert audited(world) == ()


def test_mail_to_the_house_that_is_only_kept_is_accounted_for(world: World) -> None:
    """GW-8, GW-42: at a return path, at noreply, at a role address while no operators are named; it has no alias."""
    crossing = world.crossing(world.opened())
    world.kept(replace(crossing, envelope=replace(crossing.envelope, aliases=())))
    assert audited(world) == ()


def test_mail_to_an_alias_of_which_nothing_became_is_found(world: World) -> None:
    crossing = world.crossing(world.opened())
    world.kept(crossing)
    assert audited(world) == (Finding(crossing.envelope.id, None, "nothing became of it"),)


def test_mail_to_the_operators_is_accounted_for(world: World) -> None:
    crossing = world.crossing(world.opened())
    outgoing = [world.delivery(crossing.envelope.id, None, carries=Carries.OPERATOR, to="ops@example.com")]
    world.kept(replace(crossing, envelope=replace(crossing.envelope, aliases=())), outgoing)
    assert audited(world) == ()


def test_the_own_alias_beside_the_other_partys_needs_no_outcome(world: World) -> None:
    """GW-7: reply-all puts it there."""
    conversation = world.opened()
    crossing = world.crossing(conversation)
    both = (conversation.partner.alias, conversation.customer.alias)
    world.accepted(replace(crossing, envelope=replace(crossing.envelope, aliases=both)))
    assert audited(world) == ()


def test_a_failure_that_nobody_was_told_of_is_found(world: World) -> None:
    (delivery,) = world.accepted(world.crossing(world.opened()))
    world.write(lambda connection: outbox.record(connection, delivery.id, FAILED, now=NOW))
    assert problems(world) == ["its delivery failed, and its writer was not told"]


def test_the_notice_of_a_delay_is_not_the_notice_of_the_failure(world: World) -> None:
    """GW-50"""
    conversation = world.opened()
    (delivery,) = world.accepted(world.crossing(conversation))
    notice = world.delivery(delivery.message, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    later = Deferred(Cause.OTHER, 450, "later")
    world.write(lambda c: outbox.record(c, delivery.id, later, now=NOW, next_due=NOW, notices=[notice]))
    assert problems(world) == []
    world.write(lambda connection: outbox.record(connection, delivery.id, FAILED, now=NOW))
    assert problems(world) == ["its delivery failed, and its writer was not told"]


def test_each_recipient_of_a_message_has_its_own_notice(world: World) -> None:
    """CASE-44: two deliveries failed, and the writer was told of one."""
    conversations = [world.opened(reference) for reference in ("FIRST", "SECOND")]
    first, second = world.accepted(world.crossing(*conversations))
    notice = world.delivery(first.message, conversations[0], carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    world.write(lambda connection: outbox.record(connection, first.id, FAILED, now=NOW, notices=[notice]))
    assert problems(world) == []
    world.write(lambda connection: outbox.record(connection, second.id, FAILED, now=NOW))
    assert [(one.passage, one.problem) for one in audited(world)] == [(1, "its delivery failed, and its writer was not told")]


def test_a_delay_nobody_could_be_told_of_takes_nothing_from_the_notice_of_the_failure(world: World) -> None:
    """GW-50, GW-53"""
    conversation = world.opened()
    (delivery,) = world.accepted(world.crossing(conversation))
    later = Deferred(Cause.OTHER, 450, "later")
    world.write(lambda c: outbox.record(c, delivery.id, later, now=NOW, next_due=NOW, delay_told=True, untold="the daily cap"))
    notice = world.delivery(delivery.message, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)
    world.write(lambda connection: outbox.record(connection, delivery.id, FAILED, now=NOW, notices=[notice]))
    assert problems(world) == []


Break = Callable[[Connection], object]


@pytest.mark.parametrize(
    ("fate", "break_", "problem"),
    [
        (Fate.PASSED, lambda c: c.execute(delete(deliveries)), "it passed, and has not exactly one delivery"),
        (Fate.REFUSED, lambda c: c.execute(delete(deliveries)), "it was refused, and its writer was not told"),
        (Fate.PASSED, lambda c: c.execute(update(passages).values(fate="held", reason="leak")), "it did not pass, and was sent"),
        (Fate.ABSORBED, lambda c: c.execute(delete(passages)), "nothing became of it"),
    ],
)
def test_what_should_never_happen_is_found(world: World, fate: Fate, break_: Break, problem: str) -> None:
    world.accepted(world.crossing(world.opened(), fate=fate))
    world.write(break_)
    assert problem in problems(world)


def test_a_recipient_without_an_outcome_is_found(world: World) -> None:
    first, second = world.opened("FIRST"), world.opened("SECOND")
    crossing = world.crossing(first)
    aliases = (first.partner.alias, second.partner.alias)
    world.accepted(replace(crossing, envelope=replace(crossing.envelope, aliases=aliases)))
    assert audited(world) == (Finding(crossing.envelope.id, None, "one of its recipients has no outcome"),)


def test_a_recipient_with_two_outcomes_is_found(world: World) -> None:
    conversation = world.opened()
    crossing = world.crossing(conversation)
    again = world.passage(crossing.envelope.id, conversation)
    world.accepted(replace(crossing, passages=(*crossing.passages, again)))
    assert problems(world) == ["one recipient has two outcomes"]


def test_a_delivery_that_nobody_sends_is_found(world: World) -> None:
    world.accepted(world.crossing(world.opened()))
    assert audited(world, LEASE + timedelta(hours=1)) == ()
    (finding,) = audited(world, LEASE + timedelta(hours=1, microseconds=1))
    assert finding.problem == "its delivery is overdue: nobody is sending"
