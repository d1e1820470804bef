"""Mail about bookings: each row becomes one delivery, and each has one end that somebody hears of (invariants 4, 8 and 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select
from support.archive import LEASE, World
from support.booked import REFERENCE, carrying, posted, written_down
from support.sending import DEFERRED, DELIVERED, FAILED, claimed, kinds, recorded, tracked
from support.world import DOMAIN, NOW, PARTNER_ADDRESS

from relay.booking.notification import Notification, To
from relay.errors import Conflict, NotFound
from relay.store import alerts, archive, occasions, outbox, posting, queue, restored, unreached
from relay.store.audit import overdue_after, unaccounted, unposted_after
from relay.store.conversations import by_reference
from relay.store.posting import BookingMail
from relay.store.stepping import Step
from relay.store.tables import State, deliveries
from relay.store.tally import End, tally_of_mail
from relay.store.timeline import Kind, entries
from relay.transit.alarm import Alarm
from relay.transit.bounce import MAIL_OF_OURS
from relay.transit.delivery import Carries, Cause, Delivery, Failed, Outcome
from relay.values import Role

OPS = Step("ops", NOW)
LATER = NOW + timedelta(minutes=30)


def waiting(world: World, at: datetime = NOW) -> list[str]:
    return [one.id for one in world.read(lambda connection: posting.waiting(connection, at, 100))]


def problems(world: World, later: timedelta = timedelta()) -> list[str]:
    return [one.problem for one in world.read(lambda connection: unaccounted(connection, NOW + later))]


def raised(world: World) -> list[tuple[Alarm, Role | None, str]]:
    return [(one.alarm, one.party, one.detail) for one in world.read(alerts.listed)]


def parked(world: World, mail: BookingMail, why: str = "KeyError in letter.py:12") -> None:
    assert world.write(lambda connection: posting.park(connection, mail, why, NOW))


def test_mail_waits_oldest_first_until_it_is_posted_and_is_then_due_at_once(world: World) -> None:
    conversation = world.opened(REFERENCE)
    first, second = written_down(world), written_down(world, Notification.REQUEST_RECEIVED, To.CUSTOMER)
    assert waiting(world) == [first.id, second.id]
    delivery = posted(world, first)
    assert waiting(world) == [second.id]
    (due,) = claimed(world, at=NOW)
    assert (due.id, due.message, due.carries, due.content) == (delivery.id, None, Carries.NOTIFICATION, delivery.content)
    assert kinds(world, conversation) == [Kind.OPENED, Kind.NOTIFICATION]
    facts = world.read(lambda connection: entries(connection, conversation.id))[-1].facts
    assert facts == {"delivery": delivery.id, "notification": first.id, "says": "N1", "party": "partner"}


def test_what_is_to_be_told_later_waits_for_its_time(world: World) -> None:
    mail = written_down(world, at=LATER)
    assert (waiting(world), waiting(world, LATER)) == ([], [mail.id])
    assert problems(world, unposted_after * 2) == []


def test_what_somebody_else_has_posted_is_not_posted_again(world: World) -> None:
    """Invariant 9: two nodes have read the same row."""
    mail = written_down(world)
    posted(world, mail)
    assert not world.write(lambda connection: posting.post(connection, mail, carrying(world, mail), NOW))
    assert world.read(lambda connection: connection.execute(select(func.count()).select_from(deliveries)).scalar_one()) == 1


@pytest.mark.parametrize("reference", [REFERENCE, "WITHOUT"], ids=["in a conversation", "in none"])
@pytest.mark.parametrize(
    ("outcome", "state", "told"),
    [
        (DELIVERED, State.DELIVERED, []),
        (DEFERRED, State.DUE, []),
        (FAILED, State.FAILED, [(Alarm.NOTIFICATION_FAILED, Role.PARTNER, "N1: address_wrong")]),
    ],
)
def test_an_attempt_comes_to_what_others_come_to_and_a_failure_is_told_to_the_house_alone(
    world: World, outcome: Outcome, state: State, told: list[tuple[Alarm, Role | None, str]], reference: str
) -> None:
    """GW-53, GW-54"""
    world.opened(REFERENCE)
    mail = written_down(world, reference=reference)
    delivery = posted(world, mail)
    assert recorded(world, delivery, outcome, untold=MAIL_OF_OURS.reason)
    assert tracked(world, delivery).state is state
    assert raised(world) == told
    assert [(one.reference, one.notification, one.message) for one in world.read(alerts.listed)] == [
        (reference, mail.id, None) for _ in told
    ]
    assert problems(world) == []


def test_mail_to_the_operators_that_fails_is_an_alert_of_no_party(world: World) -> None:
    """N22"""
    delivery = posted(world, written_down(world, Notification.REFUND_FAILED, To.OPERATOR))
    recorded(world, delivery, FAILED)
    assert raised(world) == [(Alarm.NOTIFICATION_FAILED, None, "N22: address_wrong")]
    assert problems(world) == []


def test_a_bounce_that_comes_back_has_failed_too_and_once(world: World) -> None:
    """GW-51, CASE-25"""
    conversation = world.opened(REFERENCE)
    delivery = posted(world, written_down(world))
    recorded(world, delivery, DELIVERED)

    def bounce(connection: Connection) -> bool:
        return outbox.bounced(connection, delivery.id, Failed(Cause.MAILBOX_FULL, None, "5.2.2"), now=LATER)

    assert [world.write(bounce), world.write(bounce)] == [True, False]
    assert kinds(world, conversation)[-2:] == [Kind.DELIVERED, Kind.BOUNCED]
    assert raised(world) == [(Alarm.NOTIFICATION_FAILED, Role.PARTNER, "N1: mailbox_full")]
    assert problems(world) == []


def test_the_third_hard_failure_kills_the_address_and_the_lifecycle_learns_who_is_not_reached(world: World) -> None:
    """GW-54: failures of mail about bookings count like those of messages"""
    conversation = world.opened(REFERENCE)
    for says in (Notification.NEW_REQUEST, Notification.REQUEST_UNANSWERED, Notification.WITHDRAWN):
        recorded(world, posted(world, written_down(world, says)), FAILED)
    assert not world.read(lambda connection: by_reference(connection, REFERENCE)).partner.is_reachable
    assert kinds(world, conversation)[-1] is Kind.ADDRESS_DEAD
    heard = world.read(unreached.waiting)
    assert [(one.alarm, one.party, one.says) for one in heard] == [
        (Alarm.NOTIFICATION_FAILED, Role.PARTNER, Notification.NEW_REQUEST),
        (Alarm.NOTIFICATION_FAILED, Role.PARTNER, Notification.REQUEST_UNANSWERED),
        (Alarm.NOTIFICATION_FAILED, Role.PARTNER, Notification.WITHDRAWN),
        (Alarm.ADDRESS_DEAD, Role.PARTNER, Notification.WITHDRAWN),
    ]
    assert {one.reference for one in heard} == {REFERENCE}


def test_an_address_that_messages_found_dead_reaches_the_lifecycle_too(world: World) -> None:
    """GW-54"""
    conversation = world.opened(REFERENCE)
    written_down(world)
    other = world.opened("NOBODYS")  # a conversation of a house that books elsewhere
    for number in range(3):
        for one in (conversation, other):
            (delivery,) = world.accepted(world.crossing(one, body=f"{one.reference} {number}"))
            recorded(world, delivery, FAILED, untold="not told in this test")
    (heard,) = [one for one in world.read(unreached.waiting) if one.reference is not None]
    assert (heard.alarm, heard.party, heard.says, heard.reference) == (Alarm.ADDRESS_DEAD, Role.PARTNER, None, REFERENCE)


def test_each_of_them_is_entered_once_and_the_operators_hear_of_it_all_the_same(world: World) -> None:
    """GW-54: two nodes have read the same alert; and one is of the operators' own mail"""
    world.opened(REFERENCE)
    parked(world, written_down(world))
    recorded(world, posted(world, written_down(world, Notification.REFUND_FAILED, To.OPERATOR)), FAILED)
    heard = world.read(unreached.waiting)
    assert [(one.reference, one.party) for one in heard] == [(REFERENCE, Role.PARTNER), (REFERENCE, None)]
    assert world.read(lambda connection: unreached.waiting(connection, 1)) == heard[:1]
    for expected in (True, False):
        entered = world.write(lambda connection: [unreached.enter(connection, one, NOW) for one in heard])
        assert entered == [expected, expected]
    assert world.read(unreached.waiting) == ()
    assert len(world.read(lambda connection: alerts.untold(connection, 9))) == len(heard)


def test_what_cannot_be_written_waits_for_a_person_who_hears_of_it(world: World) -> None:
    """Invariant 4"""
    conversation = world.opened(REFERENCE)
    mail = written_down(world)
    parked(world, mail)
    assert waiting(world) == []
    assert [(one.id, one.why) for one in world.read(lambda connection: posting.parked(connection, 9))] == [
        (mail.id, "KeyError in letter.py:12")
    ]
    assert raised(world) == [(Alarm.NOTIFICATION_PARKED, Role.PARTNER, "N1")]
    assert kinds(world, conversation)[-1] is Kind.HELD
    assert not world.write(lambda connection: posting.post(connection, mail, carrying(world, mail), NOW))
    assert not world.write(lambda connection: posting.park(connection, mail, "again", NOW))
    assert problems(world, unposted_after * 2) == []


def test_what_is_parked_is_tried_again_or_dropped_by_a_person(world: World) -> None:
    conversation = world.opened(REFERENCE)
    again, given_up = written_down(world), written_down(world, Notification.WITHDRAWN)
    for mail in (again, given_up):
        parked(world, mail)
    world.write(lambda connection: posting.retry(connection, again.id, OPS))
    world.write(lambda connection: posting.drop(connection, given_up.id, Step("ops", NOW, "told by telephone")))
    assert waiting(world) == [again.id]
    posted(world, again)
    assert kinds(world, conversation)[-3:] == [Kind.RETRIED, Kind.DROPPED, Kind.NOTIFICATION]
    assert world.read(tally_of_mail) == {End.DUE: 1, End.SPARED: 1}
    assert problems(world, unposted_after * 2) == []
    for step in (posting.retry, posting.drop):
        with pytest.raises(Conflict, match="does not wait"):
            world.write(lambda connection, step=step: step(connection, given_up.id, OPS))
        with pytest.raises(NotFound):
            world.write(lambda connection, step=step: step(connection, "none", OPS))  # type: ignore[arg-type]  # an id of nothing


def test_mail_for_somebody_who_is_not_there_any_more_has_its_end_too(world: World) -> None:
    mail = written_down(world)
    assert world.write(lambda connection: posting.spare(connection, mail, "the customer was erased", NOW))
    assert not world.write(lambda connection: posting.spare(connection, mail, "twice", NOW))
    assert waiting(world) == []
    assert world.read(tally_of_mail) == {End.SPARED: 1}
    assert problems(world, unposted_after * 2) == []


Stepping = Callable[[Connection, Delivery], None]


@pytest.mark.parametrize(
    ("steps", "state", "last"),
    [
        ([queue.retry_now], State.DUE, Kind.RETRIED),
        ([queue.hold], State.HELD, Kind.HELD),
        ([queue.hold, queue.release], State.DUE, Kind.RELEASED),
        ([queue.drop], State.DROPPED, Kind.DROPPED),
    ],
)
def test_operators_step_in_as_with_any_delivery(world: World, steps: list[Callable[..., None]], state: State, last: Kind) -> None:
    """GW-55"""
    conversation = world.opened(REFERENCE)
    delivery = posted(world, written_down(world))
    for step in steps:
        world.write(lambda connection, step=step: step(connection, delivery.id, OPS))
    assert tracked(world, delivery).state is state
    assert kinds(world, conversation)[-1] is last
    (listed,) = world.read(lambda connection: queue.listing(connection, queue.Wanted(states=frozenset(State))))
    assert (listed.message, listed.writer, listed.carries) == (None, None, Carries.NOTIFICATION)
    assert problems(world) == []


def test_what_is_damaged_is_held_and_the_timeline_says_so(world: World) -> None:
    conversation = world.opened(REFERENCE)
    delivery = posted(world, written_down(world))
    world.tamper(f"UPDATE blobs SET sha256 = {blob(world)} WHERE id = '{delivery.id}'")
    assert claimed(world, at=NOW) == []
    assert tracked(world, delivery).state is State.HELD
    assert [one.kind for one in world.read(lambda connection: entries(connection, conversation.id))][-1] is Kind.HELD


def blob(world: World) -> str:
    """32 octets of nought, as that database writes them."""
    return f"x'{'00' * 32}'" if world.engine.dialect.name == "sqlite" else f"'\\x{'00' * 32}'::bytea"


@pytest.mark.parametrize(
    ("later", "found"),
    [
        (unposted_after, []),
        (unposted_after + timedelta(seconds=1), ["nobody has posted it"]),
    ],
)
def test_what_nobody_posts_for_long_is_found(world: World, later: timedelta, found: list[str]) -> None:
    """Invariant 4: the outbox of booking mail is watched as the queue is"""
    mail = written_down(world)
    assert problems(world, later) == [f"mail {mail.id} about a booking: {one}" for one in found]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ("DELETE FROM alerts WHERE kind = 'notification_failed'", "it could not be delivered, and the house was not told"),
        ("DELETE FROM alerts WHERE kind = 'notification_parked'", "it waits for a person, and the house was not told"),
        ("UPDATE deliveries SET carries = 'operator' WHERE state = 'failed'", "its delivery carries something else"),
        ("UPDATE notifications SET delivery = NULL, posted_at = NULL WHERE delivery IS NOT NULL", "that nobody wrote down"),
        ("DELETE FROM deliveries WHERE state = 'failed'", "that is not there"),
        ("UPDATE deliveries SET state = 'delivered'", "its timeline says failed"),
        ("DELETE FROM notifications WHERE delivery IS NOT NULL", "that nobody wrote down"),
    ],
)
def test_what_somebody_changes_by_hand_is_found(world: World, changed: str, found: str) -> None:
    world.opened(REFERENCE)
    recorded(world, posted(world, written_down(world)), FAILED)
    parked(world, written_down(world, Notification.WITHDRAWN))
    assert problems(world) == []
    world.tamper(changed)
    assert [one for one in problems(world) if found in one]


def test_its_deliveries_are_overdue_like_all_others(world: World) -> None:
    posted(world, written_down(world))
    assert problems(world, overdue_after * 2) == ["its delivery is overdue: nobody is sending"]


def test_each_end_is_counted(world: World) -> None:
    """Invariant 4: `relay audit` tells how many came to what"""
    for outcome in (DELIVERED, DELIVERED, FAILED, DEFERRED):
        recorded(world, posted(world, written_down(world)), outcome)
    for step in (queue.hold, queue.drop):
        delivery = posted(world, written_down(world))
        world.write(lambda connection, step=step, delivery=delivery: step(connection, delivery.id, OPS))
    parked(world, written_down(world))
    written_down(world)
    assert world.read(tally_of_mail) == {End.DELIVERED: 2, End.DUE: 2, End.HELD: 2, End.ALERT: 1, End.DROPPED: 1}


@pytest.mark.parametrize("by", ["id", "delivery", "Message-ID"])
def test_its_trace_tells_it_from_the_step_that_caused_it_to_its_end(world: World, by: str) -> None:
    """GW-60"""
    world.opened(REFERENCE)
    mail = written_down(world)
    other = posted(world, written_down(world, Notification.WITHDRAWN))
    recorded(world, other, DELIVERED)
    delivery = posted(world, mail)
    recorded(world, delivery, FAILED)
    named = {"id": mail.id, "delivery": delivery.id, "Message-ID": f"<{mail.id}@{DOMAIN}>"}[by]
    events = world.read(lambda connection: archive.trace(connection, named))
    assert [one.kind for one in events] == ["caused", "notification", "failed", "answer"]
    assert events[-1].text == FAILED.text
    assert not any("@" in value for one in events for _, value in one.facts)


def test_one_delivery_is_shown_with_its_attempts(world: World) -> None:
    delivery = posted(world, written_down(world))
    recorded(world, delivery, DEFERRED)
    shown = world.read(lambda connection: archive.delivery_shown(connection, delivery.id))
    assert (shown.tracked.id, [one.outcome for one in shown.attempts], shown.content) == (
        *(delivery.id, ["deferred"]),
        delivery.content,
    )
    with pytest.raises(NotFound):
        world.read(lambda connection: archive.delivery_shown(connection, written_down(world).id))  # type: ignore[arg-type]  # none


@pytest.mark.parametrize(("to", "reader"), [(To.CUSTOMER, Role.CUSTOMER), (To.PARTNER, Role.PARTNER), (To.OPERATOR, None)])
def test_a_return_path_tells_to_whom_it_went(world: World, to: To, reader: Role | None) -> None:
    """GW-42"""
    conversation = world.opened(REFERENCE)
    says = {
        To.CUSTOMER: Notification.BOOKED,
        To.PARTNER: Notification.NEW_REQUEST,
        To.OPERATOR: Notification.REFUND_FAILED,
    }[to]
    delivery = posted(world, written_down(world, says, to))
    sent = world.read(lambda connection: occasions.sent(connection, delivery.id))
    assert sent == occasions.Sent(conversation, reader, Carries.NOTIFICATION, 0)
    assert world.read(lambda connection: occasions.about(connection, delivery.id, NOW)) is None


def test_a_message_and_a_notice_went_to_the_other_and_to_its_writer(world: World) -> None:
    """GW-42, GW-51"""
    conversation = world.opened()
    (delivery,) = world.accepted(world.crossing(conversation))
    notice = world.delivery(delivery.message, conversation, carries=Carries.NOTICE)  # type: ignore[arg-type]  # it is there
    recorded(world, delivery, FAILED, notices=[notice])
    letter = world.delivery(delivery.message, None, carries=Carries.OPERATOR)  # type: ignore[arg-type]  # it is there
    world.write(lambda connection: alerts.told(connection, [], [letter], NOW))
    went = [world.read(lambda connection, one=one: occasions.sent(connection, one.id)) for one in (delivery, notice, letter)]
    assert [one.reader if one is not None else None for one in went] == [Role.PARTNER, Role.CUSTOMER, None]


@pytest.mark.parametrize(
    ("after", "hold_all", "held"),
    [(timedelta(hours=1), False, 0), (timedelta(hours=1), True, 2), (timedelta(days=3), False, 2)],
)
def test_what_was_not_posted_when_a_backup_was_made_goes_out_again_or_waits_for_a_person(
    world: World, after: timedelta, hold_all: bool, held: int
) -> None:
    """docs/decisions/0008: it has been posted in the time that is lost, with the same Message-ID"""
    world.opened(REFERENCE)
    posted(world, written_down(world))
    mail = written_down(world, Notification.WITHDRAWN)
    step = Step("restore", NOW + after)
    under_way = world.write(lambda connection: restored.decide_under_way(connection, step, timedelta(days=2), hold_all=hold_all))
    assert (under_way.held, under_way.sent_again) == (held, 0 if held else 1)
    assert waiting(world) == ([] if held else [mail.id])


def test_claims_of_mail_about_bookings_run_out_like_all_others(world: World) -> None:
    """Invariant 8: whoever had it died"""
    delivery = posted(world, written_down(world), to=PARTNER_ADDRESS)
    assert [one.attempts for one in claimed(world, at=NOW, worker="dead")] == [1]
    assert claimed(world, at=NOW) == []
    assert [(one.id, one.attempts, one.content) for one in claimed(world, at=NOW + LEASE)] == [(delivery.id, 2, delivery.content)]
