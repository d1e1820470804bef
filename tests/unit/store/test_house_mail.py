"""Mail to the house itself: one message, one transaction (GW-8, GW-42, GW-51)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from support.archive import LEASE, WORKER, World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound
from relay.store import audit, outbox, packing, queue
from relay.store.house_mail import accept_house_mail
from relay.store.tables import State
from relay.store.timeline import Kind, entries
from relay.transit.bounce import Bounce, Untold
from relay.transit.delivery import Carries, Cause, Delivered, Delivery, Failed
from relay.values import DeliveryId

FAILED = Failed(Cause.ADDRESS_WRONG, None, "5.1.1")
NOBODY = Untold("it is automatic")


def taken(world: World, bounces: Sequence[Bounce], *, letters: int = 0) -> tuple[Delivery, ...]:
    """A report with `bounces`, and as many copies of it for operators."""
    crossing = world.crossing(body=str(world.new_id()))
    id_ = crossing.envelope.id
    outgoing = [world.delivery(id_, None, carries=Carries.OPERATOR, to="ops@example.com") for _ in range(letters)]
    ready = packing.packed_house_mail(crossing.envelope, crossing.searchable, outgoing, now=NOW, lease=LEASE, worker=WORKER)
    return world.write(lambda c: accept_house_mail(c, ready, bounces, now=NOW, lease=LEASE, worker=WORKER))


def delivered(world: World) -> tuple[Conversation, Delivery]:
    conversation = world.opened()
    (delivery,) = world.accepted(world.crossing(conversation))
    world.write(lambda connection: outbox.record(connection, delivery.id, Delivered(250, "ok"), now=NOW))
    return conversation, delivery


def a_notice(world: World, conversation: Conversation, delivery: Delivery) -> Delivery:
    return world.delivery(delivery.message, conversation, carries=Carries.NOTICE, to=CUSTOMER_ADDRESS)


def test_a_bounce_ends_its_delivery_and_the_notice_is_in_the_hands_of_whoever_took_it(world: World) -> None:
    """GW-51: the courier gets it from memory, as it does what a message causes."""
    conversation, delivery = delivered(world)
    notice = a_notice(world, conversation, delivery)
    assert taken(world, [Bounce(delivery.id, FAILED, notice)]) == (replace(notice, attempts=1),)
    assert world.read(lambda connection: queue.shown(connection, delivery.id)).state is State.FAILED
    kept = world.read(lambda connection: queue.shown(connection, notice.id))
    assert (kept.state, kept.due_at, kept.claimed_by, kept.attempts) == (State.DUE, NOW + LEASE, WORKER, 1)
    told = world.read(lambda connection: entries(connection, conversation.id))
    assert [one.kind for one in told[-2:]] == [Kind.BOUNCED, Kind.NOTICE]
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_a_second_bounce_tells_nobody_again(world: World) -> None:
    """CASE-25"""
    conversation, delivery = delivered(world)
    first, second = (Bounce(delivery.id, FAILED, a_notice(world, conversation, delivery)) for _ in range(2))
    assert len(taken(world, [first, second])) == 1
    third = a_notice(world, conversation, delivery)
    assert taken(world, [Bounce(delivery.id, FAILED, third)]) == ()
    with pytest.raises(NotFound):
        world.read(lambda connection: queue.shown(connection, third.id))


def test_a_bounce_of_which_nobody_is_told_says_why(world: World) -> None:
    """GW-53"""
    conversation, delivery = delivered(world)
    assert taken(world, [Bounce(delivery.id, FAILED, NOBODY), Bounce(DeliveryId("none"), FAILED, NOBODY)]) == ()
    assert world.read(lambda connection: entries(connection, conversation.id))[-1].facts["untold"] == NOBODY.reason
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_letters_to_the_operators_go_out_beside_the_notices(world: World) -> None:
    """GW-8"""
    conversation, delivery = delivered(world)
    bounce = Bounce(delivery.id, FAILED, a_notice(world, conversation, delivery))
    assert [one.carries for one in taken(world, [bounce], letters=2)] == [Carries.OPERATOR, Carries.OPERATOR, Carries.NOTICE]


def test_nothing_of_it_is_stored_when_a_part_fails(world: World) -> None:
    """Invariant 3: the report comes again, and finds everything as it was."""
    conversation, delivery = delivered(world)
    crossing = world.crossing()
    ready = packing.packed_house_mail(crossing.envelope, crossing.searchable, [], now=NOW, lease=LEASE, worker=WORKER)
    bounce = Bounce(delivery.id, FAILED, a_notice(world, conversation, delivery))

    def broken(connection: Connection) -> None:
        accept_house_mail(connection, ready, [bounce], now=NOW, lease=LEASE, worker=WORKER)
        raise Conflict("the commit failed")

    with pytest.raises(Conflict):
        world.write(broken)
    assert world.read(lambda connection: queue.shown(connection, delivery.id)).state is State.DELIVERED
