from __future__ import annotations

import pytest
from support.deliveries import a_delivery

from relay.outbound.lanes import NARROW_S, RESTS_S, Lane, Limits, Place, Waiting, losses_max
from relay.outbound.routes import DestinationKey
from relay.transit.delivery import Cause, Deferred, Delivered, Failed

LIMITS = Limits(connections_per_destination_max=5, connections_unanswered_max=2, unanswered_max=3)
LOST = Deferred(Cause.SERVER_UNREACHABLE, None, "connection lost")


def a_lane(waiting: int = 0, sessions: int = 0) -> Lane:
    lane = Lane(DestinationKey("d"), sessions=sessions)
    lane.waiting.extend(Waiting(a_delivery(f"d{n}"), 0.0) for n in range(waiting))
    return lane


def test_a_failing_destination_rests_longer_each_time() -> None:
    lane, now, rests = a_lane(), 100.0, []
    for _ in range(len(RESTS_S) + 2):
        lane.failed(now, "refused")
        rests.append(lane.rest_s(now))
        now = lane.rests_until
        assert not lane.rests(now)
    assert rests == [*RESTS_S, RESTS_S[-1], RESTS_S[-1]]


def test_several_carriers_that_notice_the_same_failure_count_once() -> None:
    lane = a_lane()
    for _ in range(20):
        lane.failed(100.0, "refused")
    assert (lane.failures, lane.rest_s(100.0)) == (1, RESTS_S[0])


@pytest.mark.parametrize("answer", [Delivered(250, ""), Failed(Cause.ADDRESS_WRONG, 550, ""), Deferred(Cause.OTHER, 451, "")])
def test_any_answer_ends_the_failing(answer: Delivered | Failed | Deferred) -> None:
    lane = a_lane()
    lane.failed(100.0, "refused")
    assert lane.heard(answer, 200.0, 200.0)
    assert lane.failures == 0
    assert not lane.heard(answer, 201.0, 201.0)


@pytest.mark.parametrize(("began", "rests"), [(99.9, True), (100.1, False)])
def test_an_answer_ends_the_rest_unless_it_was_under_way_when_the_destination_failed(began: float, rests: bool) -> None:
    """What an operator insisted on arrived: what comes next waits for nothing (FAULT-97). FAULT-93: it asked us to slow down."""
    lane = a_lane()
    lane.failed(100.0, "421 4.7.0 slow down")
    lane.heard(Delivered(250, ""), 100.2, began)
    assert lane.rests(100.2) is rests


def test_one_lost_session_may_be_the_message_s_fault_three_are_the_destination_s() -> None:
    lane = a_lane()
    for _ in range(losses_max - 1):
        lane.heard(LOST, 100.0, 100.0)
        assert not lane.rests(100.0)
    lane.heard(LOST, 100.0, 100.0)
    assert lane.rests(100.0)


@pytest.mark.parametrize(
    ("waiting", "sessions", "resting", "room", "place"),
    [
        (0, 0, False, True, Place.WAITING),
        (2, 0, False, True, Place.WAITING),
        (3, 0, False, True, Place.LATER),  # nobody has answered yet: leave the room to other destinations
        (3, 1, False, True, Place.WAITING),
        (0, 1, False, False, Place.BACK),
        (0, 0, True, True, Place.LATER),
        (0, 0, True, False, Place.LATER),  # never back at once: it would be claimed again at once
    ],
)
def test_where_a_delivery_goes(waiting: int, sessions: int, resting: bool, room: bool, place: Place) -> None:
    """FAULT-100."""
    lane = a_lane(waiting, sessions)
    if resting:
        lane.failed(100.0, "refused")
    assert lane.place(101.0, LIMITS, room) is place


def test_what_an_operator_wants_tried_does_not_wait_for_the_destination_to_have_rested() -> None:
    """FAULT-100."""
    lane = a_lane()
    lane.failed(100.0, "refused")
    assert lane.place(101.0, LIMITS, room=True, insisted=True) is Place.WAITING
    assert lane.place(101.0, LIMITS, room=False, insisted=True) is Place.BACK


@pytest.mark.parametrize(
    ("waiting", "sessions", "carriers", "ready", "failures", "more"),
    [
        (10, 0, 0, 0, 0, 2),
        (10, 1, 2, 1, 0, 3),
        (10, 5, 5, 0, 0, 0),
        (2, 1, 1, 1, 0, 1),
        (1, 1, 1, 1, 0, 0),
        (0, 1, 1, 0, 0, 0),
        (10, 0, 0, 0, 1, 1),
        (10, 0, 1, 1, 1, 0),
    ],
)
def test_how_many_carriers_there_is_work_for(
    waiting: int, sessions: int, carriers: int, ready: int, failures: int, more: int
) -> None:
    lane = a_lane(waiting, sessions)
    lane.carriers, lane.ready, lane.failures = carriers, ready, failures
    assert lane.carriers_wanted(100.0, LIMITS) == more


def test_a_destination_that_grants_three_sessions_is_asked_for_no_fourth_for_a_while() -> None:
    """FAULT-93."""
    lane = a_lane(waiting=10, sessions=3)
    lane.carriers = 3
    lane.takes_no_more_sessions(100.0)
    assert lane.carriers_wanted(100.0 + NARROW_S - 1, LIMITS) == 0
    assert lane.carriers_wanted(100.0 + NARROW_S, LIMITS) == 2


def test_a_destination_gets_one_more_connection_for_each_round_of_messages_it_takes() -> None:
    """FAULT-93: five at first, and never more than the limit."""
    lane, taken = Lane(DestinationKey("d"), allowed=5, allowed_max=7), Delivered(250, "")
    grown = []
    for _ in range(30):
        lane.heard(taken, 100.0, 100.0)
        grown.append(lane.allowed)
    assert grown == [5] * 4 + [6] * 6 + [7] * 20
    assert not lane.heard(Failed(Cause.ADDRESS_WRONG, 550, ""), 100.0, 100.0)


def test_a_destination_that_asks_to_slow_down_gets_half_as_many_connections_and_earns_the_others_anew() -> None:
    """FAULT-93."""
    lane = a_lane(waiting=50, sessions=1)
    lane.allowed, lane.carriers = 5, 5
    lane.failed(100.0, "421 4.7.0 slow down")
    assert (lane.allowed, lane.overmanned) == (2, True)
    lane.carriers = 1
    assert lane.heard(Delivered(250, ""), lane.rests_until, lane.rests_until)
    assert lane.carriers_wanted(lane.rests_until, LIMITS) == 1
    assert lane.heard(Delivered(250, ""), lane.rests_until, lane.rests_until)
    assert lane.carriers_wanted(lane.rests_until, LIMITS) == 2
    for _ in range(9):
        lane.failed(lane.rests_until, "421 4.7.0 slow down")
    assert lane.allowed == 1


def test_a_lane_is_forgotten_when_nothing_would_be_lost_with_it() -> None:
    assert a_lane().forgettable(0)
    assert not a_lane(waiting=1).forgettable(0)
    busy, failing = a_lane(), a_lane()
    busy.carriers = 1
    assert not busy.forgettable(0)
    failing.failed(100.0, "refused")
    assert not failing.forgettable(failing.rests_until)
    assert failing.forgettable(failing.rests_until + RESTS_S[-1])
