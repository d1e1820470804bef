"""Who has how many places of which slot (invariant 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.bookings import NOW, STARTS, TOUR
from support.bookkeeping import Office
from support.catalogue import SLOT

from relay.booking.booking import Actor, Booking, Hold, HoldKind, Keeping
from relay.booking.situation import Act
from relay.booking.terms import Occasion, SlotId
from relay.errors import NotFound
from relay.store.bookings import capacity
from relay.store.bookings.capacity import Places, places_of
from relay.store.bookings.catalogue import SLOTS

EVENING = SlotId("t2")


@pytest.fixture
def bookings(office: Office) -> Sequence[Booking]:
    """Three with a place each in the morning, where there are eight; in the evening there are two."""
    at = STARTS + timedelta(hours=8)
    evening = replace(SLOT, id=EVENING, occasion=Occasion(at, at + timedelta(hours=3), TOUR.zone), capacity=2)
    office.world.write(lambda connection: SLOTS.add(connection, evening, now=NOW, by="operator"))
    return [office.begun(f"BOAT-{number}") for number in range(3)]


def kept(office: Office, *wanted: tuple[Booking, Places | None]) -> bool:
    return office.world.write(lambda connection: capacity.keep(connection, {one.id: places for one, places in wanted}))


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (None, None),
        (Hold(HoldKind.RESERVATION, Keeping.HELD, slot=SLOT.id, places=2), Places(SLOT.id, 2)),
        (Hold(HoldKind.CHECKOUT, Keeping.CONVERTED, slot=SLOT.id, places=2), Places(SLOT.id, 2)),
        (Hold(HoldKind.RESERVATION, Keeping.RELEASED, slot=SLOT.id, places=2), None),
        (Hold(HoldKind.RESERVATION, Keeping.HELD, places=2), None),
    ],
)
def test_a_hold_takes_places_until_it_is_released(hold: Hold | None, expected: Places | None, office: Office) -> None:
    """ST-4"""
    assert places_of(replace(office.first_step().booking, hold=hold)) == expected


def test_what_is_taken_and_given_back_is_counted(office: Office, bookings: Sequence[Booking]) -> None:
    assert office.taken() == 3
    assert kept(office, (bookings[0], Places(SLOT.id, 4)))
    assert office.taken() == 6
    assert kept(office, (bookings[0], None))
    assert office.taken() == 2
    assert kept(office, (bookings[0], None))
    assert office.taken() == 2


def test_a_step_takes_and_gives_back(office: Office, bookings: Sequence[Booking]) -> None:
    office.stepped(bookings[0], Act.CANCEL, Actor.CUSTOMER)
    assert office.taken() == 2
    assert office.world.read(lambda connection: capacity.held(connection, bookings[0].id)) is None


def test_a_booking_moves_from_slot_to_slot(office: Office, bookings: Sequence[Booking]) -> None:
    """T20"""
    assert kept(office, (bookings[0], Places(EVENING, 1)))
    assert (office.taken(), office.taken(EVENING)) == (2, 1)
    assert kept(office, (bookings[0], Places(SLOT.id, 1)))
    assert (office.taken(), office.taken(EVENING)) == (3, 0)


@pytest.mark.parametrize("number", [7, 8, 100])
def test_more_than_there_is_is_not_to_be_had(office: Office, bookings: Sequence[Booking], number: int) -> None:
    assert not kept(office, (bookings[0], Places(SLOT.id, number)))
    assert office.taken() == 3
    assert office.world.read(lambda connection: capacity.held(connection, bookings[0].id)) == Places(SLOT.id, 1)


def test_of_several_all_have_what_they_want_or_none(office: Office, bookings: Sequence[Booking]) -> None:
    """T16"""
    wanted = [(one, Places(EVENING, 1)) for one in bookings]
    assert not kept(office, *wanted)
    assert (office.taken(), office.taken(EVENING)) == (3, 0)
    assert kept(office, *wanted[:2])
    assert (office.taken(), office.taken(EVENING)) == (1, 2)


def test_two_that_change_places_need_no_room_between(office: Office, bookings: Sequence[Booking]) -> None:
    assert kept(office, *[(one, Places(EVENING, 1)) for one in bookings[:2]])
    assert kept(office, (bookings[0], Places(SLOT.id, 1)), (bookings[2], Places(EVENING, 1)))
    assert (office.taken(), office.taken(EVENING)) == (1, 2)


def test_of_a_closed_slot_nothing_more_is_taken_and_what_is_can_be_given_back(
    office: Office, bookings: Sequence[Booking]
) -> None:
    """SL-B6"""
    office.world.write(lambda connection: SLOTS.put(connection, replace(SLOT, is_closed=True), now=NOW, by="operator"))
    assert not kept(office, (bookings[0], Places(SLOT.id, 2)))
    assert kept(office, (bookings[0], None))
    assert office.taken() == 2


def test_the_room_for_a_booking_is_what_is_free_and_what_it_has(office: Office, bookings: Sequence[Booking]) -> None:
    def room(*of: object) -> int:
        # Whoever only looks at a booking asks it too.
        return office.world.read(lambda connection: capacity.room(connection, *of))  # type: ignore[arg-type]

    assert (room(SLOT.id), room(SLOT.id, bookings[0].id), room(EVENING, bookings[0].id)) == (5, 6, 2)
    office.world.write(lambda connection: SLOTS.put(connection, replace(SLOT, is_closed=True), now=NOW, by="operator"))
    assert (room(SLOT.id), room(SLOT.id, bookings[0].id)) == (0, 1)
    with pytest.raises(NotFound, match="no slot t9"):
        room(SlotId("t9"))


def test_a_slot_that_is_not_there_has_no_places(office: Office, bookings: Sequence[Booking]) -> None:
    with pytest.raises(NotFound, match="no slot t9"):
        kept(office, (bookings[0], Places(SlotId("t9"), 1)))
    assert office.taken() == 3


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.integers(0, 2), st.none() | st.tuples(st.sampled_from([SLOT.id, EVENING]), st.integers(1, 9)), min_size=1
        ),
        max_size=6,
    )
)
def test_whatever_is_wanted_what_is_taken_is_what_bookings_have(
    office: Office, bookings: Sequence[Booking], wishes: list[dict[int, tuple[SlotId, int] | None]]
) -> None:
    for wish in wishes:
        kept(office, *((bookings[at], Places(*places) if places is not None else None) for at, places in wish.items()))
        had = [office.world.read(lambda connection, one=one: capacity.held(connection, one.id)) for one in bookings]
        for slot, most in ((SLOT.id, 8), (EVENING, 2)):
            assert office.taken(slot) == sum(one.number for one in had if one is not None and one.slot == slot) <= most
