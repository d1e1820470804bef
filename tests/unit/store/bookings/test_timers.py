"""Timers: written anew with each step, worked off once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection
from support.bookings import NOW
from support.bookkeeping import Office

from relay.store.bookings import timers
from relay.store.bookings.timers import Due, Timer

HOUR = timedelta(hours=1)
REMIND = Timer("remind-1", NOW + HOUR, {"says": "N26"})
RELEASE = Timer("release", NOW + 3 * HOUR)


def test_a_booking_has_the_timers_that_were_written_last(office: Office) -> None:
    booking = office.begun()
    for coming in ((REMIND, Timer("lapse", NOW)), (RELEASE, REMIND)):
        office.world.write(lambda connection, coming=coming: timers.write(connection, booking.id, coming))
    assert office.world.read(lambda connection: timers.of_booking(connection, booking.id)) == (REMIND, RELEASE)
    office.world.write(lambda connection: timers.write(connection, booking.id, ()))
    assert office.world.read(lambda connection: timers.of_booking(connection, booking.id)) == ()
    assert office.world.read(timers.next_at) is None


def test_those_whose_time_has_come_are_due_the_earliest_first(office: Office) -> None:
    first, second = office.begun("BOAT-1"), office.begun("BOAT-2")
    office.world.write(lambda connection: timers.write(connection, first.id, (RELEASE, REMIND)))
    office.world.write(lambda connection: timers.write(connection, second.id, (Timer("lapse", NOW + 2 * HOUR),)))

    def due(hours: int, limit: int = 10) -> list[tuple[str, str]]:
        found = office.world.write(lambda connection: timers.due(connection, NOW + hours * HOUR, limit))
        return [(one.booking, one.timer.key) for one in found]

    assert due(0) == []
    assert due(1) == [(first.id, "remind-1")]
    assert due(3) == [(first.id, "remind-1"), (second.id, "lapse"), (first.id, "release")]
    assert due(3, limit=1) == [(first.id, "remind-1")]
    assert office.world.read(timers.next_at) == NOW + HOUR


def test_what_was_worked_off_is_not_due_again(office: Office) -> None:
    booking = office.begun()
    office.world.write(lambda connection: timers.write(connection, booking.id, (REMIND, RELEASE)))

    def work(connection: Connection) -> tuple[Due, ...]:
        found = timers.due(connection, NOW + HOUR, 10)
        for one in found:
            timers.done(connection, one)
        return found

    assert office.world.write(work) == (Due(booking.id, REMIND, 0),)
    assert office.world.write(work) == ()
    assert office.world.read(lambda connection: timers.of_booking(connection, booking.id)) == (RELEASE,)


def test_what_something_was_in_the_way_of_is_due_later(office: Office) -> None:
    booking = office.begun()
    office.world.write(lambda connection: timers.write(connection, booking.id, (REMIND,)))
    office.world.write(lambda connection: timers.put_off(connection, Due(booking.id, REMIND, 0), NOW + 2 * HOUR))
    assert office.world.write(lambda connection: timers.due(connection, NOW + HOUR, 10)) == ()
    [again] = office.world.write(lambda connection: timers.due(connection, NOW + 2 * HOUR, 10))
    assert (again.timer.key, again.attempts) == ("remind-1", 1)
