"""Many at once, on two nodes: one wins, and nobody waits for another in a circle (invariants 9 and 10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine
from support.archive import World
from support.bookings import NOW, STARTS, TOUR, paid
from support.bookkeeping import SHOWN, ZOFIA, Office
from support.catalogue import SLOT

from relay.booking.booking import Actor, Booking, BookingId, Stage
from relay.booking.offer import Mode, Pay
from relay.booking.selection import Filter
from relay.booking.situation import Act
from relay.booking.terms import Occasion, SlotId
from relay.errors import Conflict
from relay.store.bookings import capacity, history, ledger, lists, records, timers
from relay.store.bookings.capacity import Places
from relay.store.bookings.catalogue import SLOTS
from relay.store.bookings.timers import Timer
from relay.store.engine import open_engine, writing

pytestmark = pytest.mark.slow

T = TypeVar("T")
PATIENCE = timedelta(minutes=2)
"""Of two hundred that want the write lock of one file, or one row, somebody is the last."""
at_once = 200
threads = 20
"""For what needs no crowd, only somebody who is faster."""


class Nodes:
    """Two processes' worth of connections to one database."""

    def __init__(self, url: str) -> None:
        self.engines: list[Engine] = [open_engine(url, patience=PATIENCE) for _ in range(2)]
        self.world = World(self.engines[0])

    def together(self, number: int, work: Callable[[Connection, int], T]) -> list[T | Conflict]:
        """What came of `work`, done so many times at the same time, each in a transaction of its own."""
        begin = Barrier(number)

        def one(at: int) -> T | Conflict:
            begin.wait(PATIENCE.total_seconds())
            try:
                with writing(self.engines[at % 2]) as connection:
                    return work(connection, at)
            except Conflict as lost:
                return lost

        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(one, range(number)))


@pytest.fixture
def nodes(database_url: str) -> Iterator[Nodes]:
    nodes = Nodes(database_url)
    yield nodes
    for engine in nodes.engines:
        engine.dispose()


def test_of_two_hundred_acceptances_of_the_last_place_one_wins(nodes: Nodes) -> None:
    """T6, ST-4: looked up and taken in one transaction."""
    office = Office(nodes.world, Mode.ON_REQUEST, slot=replace(SLOT, capacity=1), pay=Pay.AFTER_CONFIRMATION)
    steps = [office.first_step(f"BOAT-{number}") for number in range(at_once)]
    rules = office.listing.rules

    def ask(connection: Connection) -> None:
        for step in steps:
            records.add(connection, step, rules, ZOFIA, shown=SHOWN)

    nodes.world.write(ask)

    def accept(connection: Connection, at: int) -> Booking:
        step = office.step(connection, steps[at].booking.id, Act.ACCEPT, Actor.PARTNER, terms_version=1)
        records.stepped(connection, step)
        if not capacity.settle(connection, step.booking):
            raise Conflict("there is no place left")
        return step.booking

    outcomes = nodes.together(at_once, accept)
    won = [one for one in outcomes if isinstance(one, Booking)]
    assert [one.stage for one in won] == [Stage.CONFIRMED]
    assert office.taken() == 1
    counts = nodes.world.read(lambda connection: lists.counts(connection, Filter(), now=NOW))
    assert (counts.stages[Stage.CONFIRMED], counts.stages[Stage.REQUESTED]) == (1, at_once - 1)
    assert nodes.world.read(lambda connection: capacity.held(connection, won[0].id)) == Places(SLOT.id, 1)


def test_of_two_hundred_reservations_of_the_last_places_as_many_win_as_there_are_places(nodes: Nodes) -> None:
    """T2, ST-4"""
    office = Office(nodes.world, slot=replace(SLOT, capacity=3))
    steps = [office.first_step(f"BOAT-{number}") for number in range(at_once)]
    rules = office.listing.rules

    def reserve(connection: Connection, at: int) -> BookingId:
        records.add(connection, steps[at], rules, ZOFIA, shown=SHOWN)
        if not capacity.settle(connection, steps[at].booking):
            raise Conflict("there is no place left")
        return steps[at].booking.id

    outcomes = nodes.together(at_once, reserve)
    assert sum(isinstance(one, str) for one in outcomes) == office.taken() == 3
    counts = nodes.world.read(lambda connection: lists.counts(connection, Filter(), now=NOW))
    assert sum(counts.stages.values()) == 3


def test_of_many_steps_from_one_version_one_is_written(nodes: Nodes) -> None:
    office = Office(nodes.world)
    booking = office.begun()
    acts = (Act.BLOCK, Act.RELEASE)
    steps = [
        nodes.world.write(lambda connection, act=act: office.step(connection, booking.id, act, Actor.OPERATOR)) for act in acts
    ]
    outcomes = nodes.together(threads, lambda connection, at: records.stepped(connection, steps[at % 2]))
    assert sum(one is None for one in outcomes) == 1
    assert [one.version for one in nodes.world.read(lambda connection: history.past(connection, booking.id))] == [1, 2]
    assert nodes.world.read(lambda connection: history.verify(connection, booking.id)) is None


def test_steps_that_lock_the_booking_first_come_one_after_the_other(nodes: Nodes) -> None:
    office = Office(nodes.world)
    booking = office.begun()

    def turn(connection: Connection, _: int) -> int:
        blocked = records.locked(connection, booking.id).booking.release_blocked
        step = office.step(connection, booking.id, Act.UNBLOCK if blocked else Act.BLOCK, Actor.OPERATOR)
        records.stepped(connection, step)
        return step.booking.version

    assert sorted(nodes.together(threads, turn), key=str) == sorted(range(2, threads + 2), key=str)
    assert nodes.world.read(lambda connection: history.verify(connection, booking.id)) is None


def test_an_event_that_comes_many_times_at_once_is_entered_once(nodes: Nodes) -> None:
    """T12"""
    booking = Office(nodes.world).begun()
    outcomes = nodes.together(threads, lambda connection, _: ledger.enter(connection, booking.id, paid()))
    assert Counter(outcomes) == {True: 1, False: threads - 1}
    assert nodes.world.read(lambda connection: ledger.entries(connection, booking.id)) == (paid(),)


def test_each_timer_is_worked_off_once_by_whichever_node(nodes: Nodes) -> None:
    office = Office(nodes.world, slot=replace(SLOT, capacity=100))
    several = [office.begun(f"BOAT-{number}", composite="TRIP" if number < 5 else "") for number in range(threads)]

    def wind(connection: Connection) -> None:
        for one in several:
            timers.write(connection, one.id, (Timer("remind", NOW), Timer("release", NOW)))

    nodes.world.write(wind)
    done: list[tuple[str, str]] = []
    while len(done) < 2 * threads:

        def work(connection: Connection, _: int) -> list[tuple[str, str]]:
            found = timers.due(connection, NOW, 3)
            for one in found:
                timers.done(connection, one)
            return [(one.booking, one.timer.key) for one in found]

        for worked in nodes.together(8, work):
            assert not isinstance(worked, Conflict)
            done += worked
    assert Counter(done) == Counter((one.id, key) for one in several for key in ("remind", "release"))


def test_whoever_wants_several_slots_waits_for_nobody_in_a_circle(nodes: Nodes) -> None:
    """T16, T20: places are taken in the order of the slots, whatever is wanted."""
    office = Office(nodes.world)
    at = STARTS + timedelta(hours=8)
    evening = replace(SLOT, id=SlotId("t0"), occasion=Occasion(at, at + timedelta(hours=3), TOUR.zone), capacity=8)
    nodes.world.write(lambda connection: SLOTS.add(connection, evening, now=NOW, by="operator"))
    several = [office.begun(f"BOAT-{number}") for number in range(8)]

    def move(connection: Connection, at: int) -> bool:
        random = Random(at)
        pair = random.sample([one.id for one in several], 2)
        for id_ in sorted(pair):
            records.locked(connection, id_)
        wanted = {id_: random.choice([None, Places(SLOT.id, 1), Places(evening.id, 1)]) for id_ in pair}
        return capacity.keep(connection, wanted)

    outcomes = nodes.together(threads, move)
    assert {one for one in outcomes if isinstance(one, Conflict)} == set()
    had = [nodes.world.read(lambda connection, one=one: capacity.held(connection, one.id)) for one in several]
    for slot in (SLOT.id, evening.id):
        assert office.taken(slot) == sum(one.number for one in had if one is not None and one.slot == slot)
