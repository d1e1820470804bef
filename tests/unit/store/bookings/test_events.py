"""The outbox of events: entered with the step, told to whoever wants them, each until they have it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.archive import World
from support.booking_rows import ROW, a_booking_row
from support.world import NOW

from relay.errors import NotFound
from relay.store.bookings import endpoints, events
from relay.store.bookings.endpoints import Endpoint
from relay.store.bookings.events import Attempt, Event
from relay.store.exchange_tables import Telling

LEASE = timedelta(minutes=2)


def endpoint(id_: str, *kinds: str) -> Endpoint:
    return Endpoint(id_, "https://shop.example/hook", kinds, NOW, None, None, "whsec_old")


def event(id_: str, kind: str = "booking.accept") -> Event:
    return Event(id_, ROW, 2, kind, NOW, "{}")


@pytest.fixture
def told(world: World) -> World:
    """A booking, an endpoint that wants everything, and one that wants cancellations alone."""
    world.write(a_booking_row)
    world.write(lambda connection: endpoints.add(connection, endpoint("e1")))
    world.write(lambda connection: endpoints.add(connection, endpoint("e2", "booking.cancel", "booking.decline")))
    return world


def test_an_event_is_due_for_those_alone_who_want_it(told: World) -> None:
    assert told.write(lambda connection: events.enter(connection, event("v1"))) == 1
    assert told.write(lambda connection: events.enter(connection, event("v2", "booking.cancel"))) == 2
    claimed = told.write(lambda connection: events.claim(connection, NOW, LEASE, 10))
    assert sorted((one.event.id, one.endpoint) for one in claimed) == [("v1", "e1"), ("v2", "e1"), ("v2", "e2")]
    assert {one.attempts for one in claimed} == {1}


def test_nobody_else_has_what_is_claimed_until_the_lease_is_over(told: World) -> None:
    told.write(lambda connection: events.enter(connection, event("v1")))
    assert told.read(lambda connection: events.is_due(connection, NOW))
    assert len(told.write(lambda connection: events.claim(connection, NOW, LEASE, 10))) == 1
    assert not told.read(lambda connection: events.is_due(connection, NOW))
    [again] = told.write(lambda connection: events.claim(connection, NOW + LEASE, LEASE, 10))
    assert again.attempts == 2


def test_the_log_has_every_attempt_and_an_event_can_be_sent_again(told: World) -> None:
    for id_ in ("v1", "v2", "v3"):
        told.write(lambda connection, id_=id_: events.enter(connection, event(id_)))  # type: ignore[misc]
    one, *_ = told.write(lambda connection: events.claim(connection, NOW, LEASE, 1))
    later = NOW + timedelta(seconds=5)
    told.write(lambda connection: events.settle(connection, one, Attempt(NOW, 500, ""), Telling.DUE, later))
    told.write(lambda connection: events.settle(connection, one, Attempt(later, None, "no connection"), Telling.GIVEN_UP, later))
    log = told.read(lambda connection: events.log(connection, "e1", None, 10, None))
    assert [each.event.id for each in log] == ["v3", "v2", "v1"]
    assert [(each.code, each.told) for each in log[-1].tried] == [(500, ""), (None, "no connection")]
    assert [each.event.id for each in told.read(lambda c: events.log(c, "e1", Telling.GIVEN_UP, 10, None))] == ["v1"]
    assert [each.event.id for each in told.read(lambda c: events.log(c, "e1", None, 1, "v3"))] == ["v2"]
    again = told.write(lambda connection: events.again(connection, "e1", "v1", later))
    assert (again.state, again.due_at, again.attempts, len(again.tried)) == (Telling.DUE, later, 0, 2)
    with pytest.raises(NotFound):
        told.write(lambda connection: events.again(connection, "e1", "v9", later))
    with pytest.raises(NotFound):
        told.read(lambda connection: events.log(connection, "e9", None, 10, None))


def test_a_disabled_endpoint_is_told_nothing_and_one_that_is_taken_away_leaves_nothing(told: World) -> None:
    disabled = told.write(lambda connection: endpoints.change(connection, "e1", None, is_enabled=False, now=NOW))
    assert disabled.disabled_at == NOW
    assert told.write(lambda connection: events.enter(connection, event("v1"))) == 0
    told.write(lambda connection: endpoints.change(connection, "e1", ("booking.accept",), is_enabled=True, now=NOW))
    assert told.write(lambda connection: events.enter(connection, event("v2"))) == 1
    told.write(lambda connection: endpoints.remove(connection, "e1"))
    assert [one.id for one in told.read(endpoints.listed)] == ["e2"]
    assert told.write(lambda connection: events.claim(connection, NOW, LEASE, 10)) == ()


def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_not(told: World) -> None:
    """Invariant 12"""
    for id_ in ("v1", "v2"):
        told.write(lambda connection, id_=id_: events.enter(connection, event(id_)))  # type: ignore[misc]
    first, _ = told.write(lambda connection: events.claim(connection, NOW, LEASE, 10))
    told.write(lambda connection: events.settle(connection, first, Attempt(NOW, 200, ""), Telling.TOLD, NOW))
    later = NOW + timedelta(seconds=1)
    assert told.write(lambda connection: events.forget(connection, NOW)) == 0
    assert told.write(lambda connection: events.forget(connection, later)) == 1
    assert [one.event.id for one in told.read(lambda c: events.log(c, "e1", None, 10, None))] == ["v2"]
