"""Whatever is changed by hand about a booking is named (invariants 9 to 11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection
from support.archive import World
from support.bookings import NOW
from support.front_desk import FrontDesk

from relay.booking.booking import Actor, Cause
from relay.booking.deadlines import Term
from relay.booking.ledger import Entry, Kind
from relay.booking.offer import DeadlinePolicy
from relay.booking.situation import Act
from relay.store.bookings import audit, ledger, records, refunds


@pytest.fixture(scope="module")
def house(kept_world: World) -> FrontDesk:
    """Three bookings: BOAT-1 waits for its payment, BOAT-2 is booked and paid, BOAT-3 was paid, cancelled, and is refunded."""
    front = FrontDesk(kept_world, deadline_policy=DeadlinePolicy.FIRM, term=Term(days_after=7))
    waits, booked, cancelled = (front.begin() for _ in range(3))
    for one in (waits, booked, cancelled):
        front.act(one, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    front.pay(booked, "evt2")
    front.pay(cancelled, "evt3")
    front.act(cancelled, Act.CANCEL, Actor.PARTNER, reason="The boat is broken", cause=Cause.OPERATIONAL)
    return front


def problems(connection: Connection, after: timedelta = timedelta()) -> list[str]:
    return [one.problem for one in audit.contradictions(connection, NOW + after)]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_what_nobody_changed_agrees(house: FrontDesk, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(audit, "found_at_once", at_once)
    assert house.world.read(problems) == []
    late = [one.split()[1] for one in house.world.read(lambda connection: problems(connection, timedelta(days=99)))]
    assert {"BOAT-1:", "BOAT-2:", "BOAT-3:"} <= set(late)


MUTATIONS = [
    ("UPDATE bookings SET version = 9 WHERE reference = 'BOAT-1'", "BOAT-1: it is version 9, and its last step made version 2"),
    ("DELETE FROM booking_steps WHERE version = 3", "its last step made version 2"),
    ("UPDATE bookings SET stage = 'confirmed' WHERE reference = 'BOAT-1'", "BOAT-1: what it is found by is not what it is"),
    ("UPDATE bookings SET deadline = deadline + 1 WHERE reference = 'BOAT-1'", "what it is found by is not what it is"),
    ("UPDATE bookings SET state = replace(state, '9000', '1')", "it is not what its last step made of it"),
    ("UPDATE bookings SET state = '{}' WHERE reference = 'BOAT-3'", "BOAT-3: what is kept is no Booking"),
    ("UPDATE booking_steps SET person = 'somebody' WHERE version = 2", "not what was written, from version 2 on"),
    (
        "UPDATE booking_states SET state = replace(state, '9000', '1') WHERE version = 1",
        "version 1 of its terms is not what it was",
    ),
    ("UPDATE booking_states SET state = '[]' WHERE version = 1", "what is kept is no Booking"),
    ("DELETE FROM ledger WHERE event = 'evt2'", "BOAT-2: it is said to be paid, and its ledger does not come to that"),
    ("UPDATE bookings SET payment = 'unpaid' WHERE reference = 'BOAT-2'", "BOAT-2: it is said to be unpaid"),
    ("UPDATE ledger SET amount = amount * 2 WHERE kind = 'refund started'", "BOAT-3: more of its money went back than came in"),
    ("DELETE FROM ledger WHERE kind = 'refund started'", "of booking BOAT-3: nobody entered it in the ledger"),
    ("UPDATE refunds SET state = 'sent'", "of booking BOAT-3: it was sent, and nobody entered that"),
    ("UPDATE places SET number = 2 WHERE counts", "its places are not those of its hold"),
    ("UPDATE places SET counts = NOT counts", "its places are not those of its hold"),
    ("DELETE FROM places", "slot t1: 2 of 8 places are taken, and bookings have 0"),
    ("UPDATE slots SET taken = 0", "slot t1: 0 of 8 places are taken, and bookings have 2"),
    ("DELETE FROM timers", "BOAT-1: nothing will release it at"),
    ("DELETE FROM timers", "BOAT-2: nothing will complete it at"),
    ("DELETE FROM timers", "BOAT-3: nothing will close the conversation it at"),
]


@pytest.mark.parametrize(("statement", "problem"), MUTATIONS)
def test_what_somebody_changes_by_hand_is_named(house: FrontDesk, statement: str, problem: str) -> None:
    with house.world.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for trigger in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
            # Nobody commits: keys are looked at when a transaction ends.
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        changed = connection.exec_driver_sql(statement).rowcount
        found = problems(connection)
        connection.rollback()
    assert changed
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (timedelta(days=8), "BOAT-1: what the clock does to it is overdue: nobody works it off"),
        (timedelta(hours=2), "of booking BOAT-3: nobody asks the provider for it"),
    ],
)
def test_what_nobody_does_in_time_is_named(house: FrontDesk, after: timedelta, problem: str) -> None:
    found = house.world.read(lambda connection: problems(connection, after))
    assert any(problem in one for one in found), found


def test_what_was_erased_agrees(world: World) -> None:
    """T26"""
    front = FrontDesk(world)
    booking = front.begin(note="My grandmother turns 80")
    front.act(booking, Act.DECLINE, Actor.PARTNER, reason="We are full")
    world.write(lambda connection: records.erase(connection, booking.id, NOW))
    assert world.read(problems) == []


def test_a_refund_that_was_made_and_entered_agrees(world: World) -> None:
    front = FrontDesk(world)
    booking = front.begin()
    front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    booking = front.pay(booking)
    front.act(booking, Act.CANCEL, Actor.PARTNER, reason="The boat is broken", cause=Cause.OPERATIONAL)

    def made(connection: Connection) -> None:
        [refund] = refunds.of_booking(connection, booking.id)
        refunds.sent(connection, refund.id, "re_1", NOW)
        ledger.enter(connection, booking.id, Entry(Kind.REFUNDED, refund.amount, NOW, "evt9", refund.id, "stripe"))

    world.write(made)
    assert world.read(problems) == []
