"""What payment providers told: each once, for ever."""

from __future__ import annotations

from support.archive import World
from support.booking_rows import ROW, a_booking_row
from support.world import NOW

from relay.store.bookings import payment_events


def test_an_event_is_noted_once_whatever_it_is_about(world: World) -> None:
    """T12"""
    world.write(a_booking_row)
    assert not world.read(lambda connection: payment_events.is_known(connection, "evt_1"))
    assert world.write(lambda connection: payment_events.note(connection, "evt_1", "paid", ROW, "T12", NOW))
    assert world.read(lambda connection: payment_events.is_known(connection, "evt_1"))
    assert not world.write(lambda connection: payment_events.note(connection, "evt_1", "paid", None, "of no booking", NOW))
    assert world.write(lambda connection: payment_events.note(connection, "evt_2", "paid", None, "of no booking", NOW))


def test_a_name_that_is_too_long_is_cut_and_known_all_the_same(world: World) -> None:
    assert world.write(lambda connection: payment_events.note(connection, "e" * 1_000, "paid", None, "x" * 2_000, NOW))
    assert world.read(lambda connection: payment_events.is_known(connection, "e" * 1_000))
