"""In which list a booking stands, and whose move it is."""

from __future__ import annotations

import pytest
from support.bookings import a_booking

from relay.booking.booking import Actor, RequiredAction, Stage
from relay.booking.selection import TAB, waits_for


def test_a_booking_of_any_stage_stands_in_one_tab() -> None:
    """SL-19, OR-23"""
    assert set(TAB) == set(Stage)


@pytest.mark.parametrize(
    ("stage", "turn", "action", "expected"),
    [
        (Stage.REQUESTED, None, RequiredAction.NONE, Actor.PARTNER),
        (Stage.COUNTERED, Actor.CUSTOMER, RequiredAction.NONE, Actor.CUSTOMER),
        (Stage.COUNTERED, Actor.PARTNER, RequiredAction.NONE, Actor.PARTNER),
        (Stage.AWAITING_PAYMENT, None, RequiredAction.NONE, Actor.CUSTOMER),
        (Stage.CONFIRMED, None, RequiredAction.OPEN, Actor.CUSTOMER),
        (Stage.CONFIRMED, None, RequiredAction.DONE, None),
        (Stage.CONFIRMED, Actor.PARTNER, RequiredAction.OPEN, Actor.PARTNER),
        (Stage.CANCELLED, None, RequiredAction.OPEN, None),
    ],
)
def test_whose_move_it_is(stage: Stage, turn: Actor | None, action: RequiredAction, expected: Actor | None) -> None:
    """ST-18"""
    assert waits_for(a_booking(stage, turn=turn, action=action)) is expected
