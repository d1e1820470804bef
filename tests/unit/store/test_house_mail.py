"""Mail to the house itself: one message, one transaction (GW-8, GW-42, GW-51)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from support.archive import LEASE, WORKER, World
from support.world import CUSTOMER_ADDRESS, NOW

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound, TakenEnough
from relay.store import alerts, archive, audit, conversations, occasions, outbox, packing, queue
from relay.store.house_mail import accept_house_mail
from relay.store.tables import State
from relay.store.timeline import Kind, entries
from relay.transit.alarm import Alarm
from relay.transit.bounce import DAILY_CAP, Bounce, Complained, Intake, Untold, reports_max
from relay.transit.crossing import Fate, Passage
from relay.transit.delivery import Carries, Cause, Delivered, Delivery, Failed, notices_a_day_max
from relay.values import DeliveryId, MsgId, Role

FAILED = Failed(Cause.ADDRESS_WRONG, None, "5.1.1")
NOBODY = Untold("it is automatic")


def taken(world: World, bounces: Sequence[Bounce] = (), *, letters: int = 0, **more: Any) -> tuple[Delivery, ...]:
    """A report with `bounces`, as many copies of it for operators, and what more it causes."""
    crossing = world.crossing(body=str(world.new_id()))
    id_ = crossing.envelope.id
    outgoing = [world.delivery(id_, None, carries=Carries.OPERATOR, to="ops@example.com") for _ in range(letters)]
    envelope = replace(crossing.envelope, aliases=())
    intake = Intake(envelope, crossing.searchable, outgoing=tuple(outgoing), bounces=tuple(bounces), **more)
    ready = packing.packed_house_mail(intake, now=NOW, lease=LEASE, worker=WORKER)
    return world.write(lambda c: accept_house_mail(c, ready, intake, now=NOW, lease=LEASE, worker=WORKER))


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
    bounce = Bounce(delivery.id, FAILED, a_notice(world, conversation, delivery))
    intake = Intake(crossing.envelope, crossing.searchable, bounces=(bounce,))
    ready = packing.packed_house_mail(intake, now=NOW, lease=LEASE, worker=WORKER)

    def broken(connection: Connection) -> None:
        accept_house_mail(connection, ready, intake, now=NOW, lease=LEASE, worker=WORKER)
        raise Conflict("the commit failed")

    with pytest.raises(Conflict):
        world.write(broken)
    assert world.read(lambda connection: queue.shown(connection, delivery.id)).state is State.DELIVERED


def a_place(conversation: Conversation) -> Passage:
    return Passage(conversation.id, conversation.reference, Role.PARTNER, Fate.ABSORBED, "report", "failed: address_wrong")


def test_a_bounce_stands_in_the_timeline_of_its_conversation_and_is_traced_from_both_ends(world: World) -> None:
    """GW-51; AR: what support reads of a message tells what came back, and which mail said so."""
    conversation, delivery = delivered(world)
    taken(world, [Bounce(delivery.id, FAILED, NOBODY)], passages=(a_place(conversation),))
    *_, arrived, bounced = world.read(lambda connection: entries(connection, conversation.id))
    assert (arrived.kind, arrived.facts["fate"], arrived.facts["reason"]) == (Kind.MESSAGE, "absorbed", "report")
    report = bounced.facts["report"]
    assert (bounced.kind, arrived.facts["message"]) == (Kind.BOUNCED, report)
    assert isinstance(report, str)
    told = world.read(lambda connection: archive.trace(connection, delivery.id))
    assert ("report", report) in [fact for one in told for fact in one.facts]
    assert "message" in [one.kind for one in world.read(lambda connection: archive.trace(connection, report))]
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()


def test_a_complaint_stops_mail_to_who_complained_and_the_house_hears_of_it(world: World) -> None:
    """FAULT-75, LEAK-83"""
    conversation, delivery = delivered(world)
    complaint = Complained(delivery.id, conversation.id, Role.PARTNER, "abuse", suspends=True)
    taken(world, complaints=(complaint, replace(complaint, what="opt-out")))
    now = world.read(lambda connection: conversations.by_id(connection, conversation.id))
    assert (now.partner.suspended_at, now.customer.suspended_at) == (NOW, None)
    told = world.read(alerts.listed)
    assert [(one.alarm, one.party, one.detail) for one in told] == [
        (Alarm.COMPLAINT, Role.PARTNER, "abuse"),
        (Alarm.COMPLAINT, Role.PARTNER, "opt-out"),
    ]
    last = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (last.kind, last.facts["party"], last.facts["suspended"]) == (Kind.COMPLAINT, "partner", True)


def test_praise_and_figures_stand_in_the_timeline_and_stop_nothing(world: World) -> None:
    conversation, delivery = delivered(world)
    taken(world, complaints=(Complained(delivery.id, conversation.id, Role.PARTNER, "not-spam", suspends=False),))
    assert world.read(lambda connection: conversations.by_id(connection, conversation.id)).partner.suspended_at is None
    assert world.read(alerts.listed) == ()


def test_reports_are_counted_at_their_return_path(world: World) -> None:
    """CASE-54"""
    _, delivery = delivered(world)
    for _ in range(3):
        taken(world, about=(delivery.id,))
    about = world.read(lambda connection: occasions.sent(connection, delivery.id))
    assert about is not None
    assert about.reports == 3


def test_a_delivery_is_found_by_the_message_id_of_what_it_carried(world: World) -> None:
    """FAULT-75: feedback loops return the message, often without its envelope."""
    _, delivery = delivered(world)
    ids = [MsgId("unknown@reply.example.com"), MsgId(f"{delivery.id}@reply.example.com")]
    assert world.read(lambda connection: occasions.sent_as(connection, ids)) == (delivery.id,)


def test_of_reports_that_come_at_once_as_many_are_taken_as_a_return_path_has_room_for(world: World) -> None:
    """CASE-54, invariant 12: each was judged before any of the others was here. A letter to the house is taken all the same."""
    _, delivery = delivered(world)
    for _ in range(reports_max):
        taken(world, about=(delivery.id,), to_return_paths_alone=True)
    with pytest.raises(TakenEnough):
        taken(world, about=(delivery.id,), to_return_paths_alone=True)
    about = world.read(lambda connection: occasions.sent(connection, delivery.id))
    assert about is not None
    assert about.reports == reports_max, "nothing of the last one is stored"
    assert len(taken(world, letters=1, about=(delivery.id,))) == 1


def test_one_return_path_that_has_room_is_enough(world: World) -> None:
    """CASE-54: a report about two deliveries is news of the other one."""
    (_, full), (other,) = delivered(world), world.accepted(world.crossing(world.opened("OTHER")))
    for _ in range(reports_max):
        taken(world, about=(full.id,), to_return_paths_alone=True)
    taken(world, about=(full.id, other.id), to_return_paths_alone=True)
    about = [world.read(lambda connection, one=one: occasions.sent(connection, one.id)) for one in (full, other)]
    assert [one and one.reports for one in about] == [reports_max + 1, 1]


def test_of_bounces_that_come_at_once_as_many_are_told_as_a_day_has_notices(world: World) -> None:
    """GW-52, invariant 12: the delivery has failed all the same, and why nobody was told stands with it (GW-53)."""
    conversation = world.opened()
    came_back = [world.accepted(world.crossing(conversation, body=str(number)))[0] for number in range(notices_a_day_max + 1)]
    bounces = [Bounce(one.id, FAILED, a_notice(world, conversation, one)) for one in came_back]
    assert len(taken(world, bounces)) == notices_a_day_max
    last = world.read(lambda connection: entries(connection, conversation.id))[-1]
    assert (last.kind, last.facts["delivery"], last.facts["untold"]) == (Kind.BOUNCED, came_back[-1].id, DAILY_CAP.reason)
    assert world.read(lambda connection: audit.unaccounted(connection, NOW)) == ()
