"""The courier with sessions that are played; tests/integration has real ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from support.deliveries import FakeTime, MemoryNotices, MemoryOutbox, a_delivery
from support.letting_go import Weight, no_garbage_sought
from support.patience import patience_s

from relay.outbound.connection import NOT_OURS
from relay.outbound.courier import SUSPENDED, Courier
from relay.outbound.lanes import Limits
from relay.outbound.routes import DestinationKey, Host, Route, Smarthost
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import DeliveryId, RealAddress

TAKEN = Delivered(250, "ok")
SMARTHOST = Smarthost(Host("127.0.0.1", 25))
REFUSED = Deferred(Cause.SERVER_UNREACHABLE, None, "Connection refused")
Answer = Callable[[Delivery], Outcome]


@dataclass
class Played:
    """The receiving side: `answer` decides each attempt, `door` each session. Keeps who was under way together with whom."""

    answer: Answer = lambda _: TAKEN
    door: Deferred | None = None
    gate: asyncio.Event | None = None
    tried: list[DeliveryId] = field(default_factory=list)
    under_way: Counter[DeliveryId] = field(default_factory=Counter)
    opened: int = 0
    doubled: bool = False

    async def open(self, host: Host) -> Session | Deferred:
        await asyncio.sleep(0)
        self.opened += 1
        return self.door or Session(self)


class Session:
    def __init__(self, played: Played) -> None:
        self.played = played
        self.usable, self.messages, self.went_stale, self.in_doubt = True, 0, False, False

    async def send(self, delivery: Delivery, entitled: Callable[[], bool]) -> Outcome:
        played = self.played
        self.messages += 1
        played.under_way[delivery.id] += 1
        played.doubled |= played.under_way[delivery.id] > 1
        played.tried.append(delivery.id)
        try:
            await asyncio.sleep(0)
            if played.gate is not None:
                await played.gate.wait()
            return played.answer(delivery) if entitled() else Deferred(Cause.OTHER, None, NOT_OURS)
        finally:
            played.under_way[delivery.id] -= 1

    async def close(self) -> None:
        self.usable = False

    def abort(self) -> None:
        self.usable = False


async def until(condition: Callable[[], bool]) -> None:
    """Let the others work until `condition` holds. Raises TimeoutError when it never does."""
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(0)


@dataclass
class World:
    courier: Courier
    played: Played
    outbox: MemoryOutbox
    notices: MemoryNotices
    time: FakeTime

    def deliver(self, *deliveries: Delivery) -> None:
        self.courier.offer(self.outbox.accept(*deliveries))

    async def recorded(self, count: int) -> None:
        if self.outbox.recorded() < count:
            await self.outbox.until(lambda: self.outbox.recorded() >= count)
        await self.quiet()

    async def quiet(self) -> None:
        await until(lambda: self.courier.load().in_memory == 0)


@contextlib.asynccontextmanager
async def running(
    played: Played, limits: Limits | None = None, route: Route = SMARTHOST, pauses_s: tuple[float, ...] = (0,)
) -> AsyncIterator[World]:
    now = FakeTime()
    outbox, notices = MemoryOutbox(now.now), MemoryNotices()
    courier = Courier(
        outbox=outbox,
        notices=notices,
        route=route,
        opener=played,
        clock=now.now,
        monotonic=now.monotonic,
        jitter=lambda: 0.0,
        limits=limits or Limits(),
        pauses_s=pauses_s,
    )
    courier.start()
    try:
        yield World(courier, played, outbox, notices, now)
    finally:
        await courier.drain(grace_s=0)


def some(count: int) -> list[Delivery]:
    return [a_delivery(f"d{n}") for n in range(count)]


async def test_what_was_accepted_is_handed_on_without_a_look_at_the_table() -> None:
    async with running(Played()) as world:
        world.deliver(*some(50))
        await world.recorded(50)
        assert sorted(world.played.tried) == sorted(one.id for one in some(50))
        assert world.outbox.claims == 0


async def test_a_dead_mailbox_is_tried_by_the_schedule_told_once_and_given_up_once() -> None:
    """GW-50, FAULT-102, through the table: 20 attempts in 48 hours, one delay notice, one failure notice."""
    full = Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 full")
    async with running(Played(lambda one: TAKEN if one.carries is Carries.NOTICE else full)) as world:
        world.deliver(a_delivery("d1"))
        row = world.outbox.rows[DeliveryId("d1")]
        while row.due_at is not None:
            await world.quiet()
            attempts = len(row.outcomes)
            if row.due_at is not None and not row.held:
                world.time.advance(seconds=(row.due_at - world.time.now()).total_seconds())
                world.courier.wake()
                await world.outbox.until(lambda done=attempts: len(row.outcomes) > done)  # type: ignore[misc]
        assert len(row.outcomes) == 1 + 7 + 11
        assert row.outcomes[-1] == Failed(Cause.MAILBOX_FULL, 452, "4.2.2 full")
        assert world.notices.delays == [DeliveryId("d1")]
        assert world.notices.failures == [(DeliveryId("d1"), Cause.MAILBOX_FULL)]
        assert row.delivery.attempts == len(row.outcomes)


async def test_a_destination_that_an_operator_suspends_is_not_tried_and_its_writer_hears_of_the_delay() -> None:
    """GW-50, GW-52: what is suspended waits as if nobody had answered, is told once after four hours, and is lost never."""
    async with running(Played(), Limits(suspended_every_s=0)) as world:
        world.outbox.left_alone = frozenset({"hotel.example"})
        world.courier.wake()
        waits = a_delivery("d1", "anna@hotel.example")
        world.outbox.add(waits, a_delivery("d2"))
        row = world.outbox.rows[DeliveryId("d1")]
        for _ in range(8):
            done = len(row.outcomes)
            world.courier.wake()
            await world.outbox.until(lambda done=done: len(row.outcomes) > done)  # type: ignore[misc]
            assert row.due_at is not None
            world.time.advance(seconds=(row.due_at - world.time.now()).total_seconds())
        assert set(row.outcomes) == {SUSPENDED}
        assert DeliveryId("d1") not in world.played.tried
        assert DeliveryId("d2") in world.played.tried
        assert world.notices.delays == [DeliveryId("d1")]
        world.outbox.left_alone = frozenset()
        world.courier.wake()
        await world.outbox.until(lambda: isinstance(row.outcomes[-1], Delivered))
        assert world.played.tried.count(DeliveryId("d1")) == 1


async def test_what_an_operator_insists_on_is_sent_to_a_suspended_destination_too() -> None:
    async with running(Played(), Limits(suspended_every_s=0)) as world:
        world.outbox.left_alone = frozenset({"hotel.example"})
        world.courier.wake()
        await until(lambda: world.courier._suspended != frozenset())
        world.deliver(a_delivery("d1", "anna@hotel.example", insisted=True))
        await world.recorded(1)
        assert world.played.tried == [DeliveryId("d1")]


async def test_a_delivery_is_under_way_once_at_a_time() -> None:
    """Offered twice, and claimed again because its lease ran out meanwhile."""
    gate = asyncio.Event()
    async with running(Played(gate=gate)) as world:
        held = world.outbox.accept(*some(3))
        world.courier.offer(held)
        world.courier.offer(held)
        world.time.advance(hours=1)
        world.courier.wake()
        await until(lambda: world.outbox.claims > 0)
        gate.set()
        await world.recorded(3)
        assert not world.played.doubled
        assert len(world.played.tried) == 3


async def test_an_exception_in_one_delivery_is_a_retry_and_no_other_s_business(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(delivery: Delivery) -> Outcome:
        if delivery.id == "d3":
            raise KeyError("ana@customer.example")
        return TAKEN

    async with running(Played(answer)) as world:
        world.deliver(*some(10))
        await world.recorded(10)
        assert world.outbox.last("d3") == Deferred(Cause.OTHER, None, "internal: KeyError")
        assert [world.outbox.last(f"d{n}") for n in range(10) if n != 3] == [TAKEN] * 9
        world.deliver(a_delivery("after"))
        await world.recorded(11)
    told = capsys.readouterr().out
    assert "delivery.broke" in told
    assert "@" not in told


async def test_a_destination_that_is_down_is_tried_once_for_all_that_wait() -> None:
    """FAULT-100: and again when it has rested."""
    played = Played(door=REFUSED)
    async with running(played, Limits(connections_unanswered_max=1)) as world:
        world.deliver(*some(100))
        await world.recorded(100)
        assert (played.opened, played.tried) == (1, [])
        world.deliver(a_delivery("meanwhile"))
        await world.recorded(101)
        assert played.opened == 1
        played.door = None
        world.time.advance(minutes=2)
        world.courier.wake()
        await world.recorded(202)
        assert Counter(played.tried) == Counter({row.delivery.id: 1 for row in world.outbox.rows.values()})


@dataclass
class Hanging:
    """The receiving side whose hosts never answer."""

    opened: int = 0

    async def open(self, host: Host) -> Session | Deferred:
        self.opened += 1
        await asyncio.Event().wait()
        raise AssertionError


async def test_hosts_that_hang_one_after_the_other_are_left_in_the_end() -> None:
    """FAULT-88: a claim's lease is longer than an attempt, however many hosts there are."""
    hanging = Hanging()
    async with running(cast("Played", hanging), Limits(opening_s=0.01)) as world:
        world.deliver(a_delivery("d"))
        await world.recorded(1)
        outcome = world.outbox.last("d")
    assert isinstance(outcome, Deferred)
    assert outcome.text == "4.4.1 no host answered in time"
    assert hanging.opened == 1


async def test_what_an_operator_wants_tried_is_tried_while_the_destination_rests() -> None:
    """FAULT-100: and whatever else waits for it is left alone meanwhile."""
    played = Played(door=REFUSED)
    async with running(played, Limits(connections_unanswered_max=1)) as world:
        world.deliver(a_delivery("first"))
        await world.recorded(1)
        world.deliver(a_delivery("in vain", insisted=True))
        await world.recorded(2)
        assert (played.opened, world.outbox.last("in vain")) == (2, REFUSED)
        played.door = None
        world.deliver(a_delivery("other"), a_delivery("wanted", insisted=True))
        await world.recorded(4)
        assert (played.tried, world.outbox.last("wanted")) == (["wanted"], TAKEN)
        assert isinstance(world.outbox.last("other"), Deferred)


async def test_thousands_that_are_due_are_taken_in_portions_and_none_is_lost() -> None:
    """FAULT-103, invariant 12."""
    most = 0

    def answer(_: Delivery) -> Outcome:
        nonlocal most
        most = max(most, world.courier.load().in_memory)
        return TAKEN

    limits = Limits(deliveries_max=200, claim_max=50)
    async with running(Played(answer), limits) as world:
        world.outbox.add(*some(2000))
        world.courier.wake()
        await world.recorded(2000)
        assert most <= 200
        assert set(Counter(world.played.tried).values()) == {1}


async def test_what_exceeds_memory_goes_back_to_the_table_and_is_delivered_from_there() -> None:
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(deliveries_max=10, unanswered_max=100)) as world:
        world.deliver(*some(30))
        assert world.courier.load().in_memory == 5, "as much again is kept free for other destinations"
        await until(lambda: sum(not row.held for row in world.outbox.rows.values()) == 25)
        gate.set()
        await world.recorded(30)
        assert set(Counter(world.played.tried).values()) == {1}
        assert all(row.delivery.attempts == 1 for row in world.outbox.rows.values())


async def test_contents_count_by_their_octets() -> None:
    large = [a_delivery(f"d{n}", content=b"x" * 1_000_000) for n in range(5)]
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(octets_max=2_500_000)) as world:
        world.deliver(*large)
        assert world.courier.load().octets == 2_000_000
        gate.set()
        await world.recorded(5)


class EachItsOwn(Smarthost):
    """Every recipient's domain is a destination."""

    def destination(self, recipient: RealAddress) -> DestinationKey:
        return DestinationKey(recipient.reveal().rpartition("@")[2])


async def test_however_many_destinations_hang_there_is_room_for_the_next() -> None:
    """FAULT-100: each has as much of the memory as is still free, in deliveries and in octets."""
    gate = asyncio.Event()
    limits = Limits(deliveries_max=64, octets_max=64_000, unanswered_max=100)
    async with running(Played(gate=gate), limits, EachItsOwn(Host("127.0.0.1", 25))) as world:
        held = []
        for name in ("a", "b", "c", "d", "e"):
            before = world.courier.load().in_memory
            world.deliver(*(a_delivery(f"{name}{n}", f"ana@{name}.example", content=b"x" * 1000) for n in range(100)))
            held.append(world.courier.load().in_memory - before)
        assert held == [32, 16, 8, 4, 2]
        gate.set()
        await world.recorded(500)
        assert set(Counter(world.played.tried).values()) == {1}


async def test_hosts_that_never_answer_leave_their_connections_to_those_who_wait() -> None:
    """FAULT-100: those that were there first, and those that come later."""

    class Mostly(Played):
        async def open(self, host: Host) -> Session | Deferred:
            if host.name != "living.example":
                await asyncio.Event().wait()
            return await super().open(host)

    class ByName(EachItsOwn):
        async def hosts(self, key: DestinationKey) -> tuple[Host, ...]:
            return (Host(key, 25),)

    limits = Limits(connections_max=2, connections_unanswered_max=1, opening_crowded_s=0.01)
    async with running(Mostly(), limits, ByName(Host("127.0.0.1", 25))) as world:
        world.deliver(*(a_delivery(f"dead{n}", f"ana@dead{n}.example") for n in range(4)))
        world.deliver(a_delivery("alive", "bob@living.example"))
        await until(lambda: world.played.tried == [DeliveryId("alive")])


async def test_a_connection_that_comes_free_goes_to_the_destination_with_the_fewest() -> None:
    """PERF-11: two that have none get one each, and nobody gives up theirs for the next."""
    gate = asyncio.Event()
    limits = Limits(connections_max=4, connections_unanswered_max=4, messages_per_turn_max=3)
    async with running(Played(gate=gate), limits, EachItsOwn(Host("127.0.0.1", 25))) as world:
        for name in ("a", "b", "c"):
            world.deliver(*(a_delivery(f"{name}{n}", f"ana@{name}.example") for n in range(12)))
        gate.set()
        await world.recorded(36)
        assert set(Counter(world.played.tried).values()) == {1}
        assert world.played.opened <= 12


async def test_what_has_no_room_is_not_claimed_again_and_again() -> None:
    """One busy destination: what is due for it stays in the table until half of what it holds is gone."""
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(deliveries_max=8), pauses_s=(0.0, 3600.0)) as world:
        world.outbox.add(*some(40))
        world.courier.wake()
        await until(lambda: world.courier.load().in_memory == 4 and world.outbox.claims >= 2)
        claims = world.outbox.claims
        for _ in range(200):
            await asyncio.sleep(0)
        assert world.outbox.claims == claims
        gate.set()
        await world.recorded(40)
        assert set(Counter(world.played.tried).values()) == {1}


async def test_what_cannot_be_given_back_is_left_to_its_lease() -> None:
    """Invariant 12: while the table is gone, only so many are remembered; none is lost."""
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(deliveries_max=4, returned_max=3)) as world:
        deliveries = world.outbox.accept(*some(20))
        world.outbox.trouble = True
        world.courier.offer(deliveries)
        world.outbox.trouble = False
        await until(lambda: sum(not row.held for row in world.outbox.rows.values()) == 3)
        gate.set()
        await world.recorded(5)
        assert sum(row.held for row in world.outbox.rows.values()) == 15
        world.time.advance(minutes=31)
        world.courier.wake()
        await world.recorded(20)


async def test_one_delivery_larger_than_the_bound_is_taken_when_there_is_no_other() -> None:
    async with running(Played(), Limits(octets_max=1000)) as world:
        world.deliver(a_delivery("large", content=b"x" * 5000))
        await world.recorded(1)
        assert world.outbox.last("large") == TAKEN


async def test_what_waited_too_long_for_its_lease_goes_back_untried() -> None:
    """Invariant 8: another worker may have it by now."""
    gate = asyncio.Event()
    limits = Limits(connections_per_destination_max=1, held_s_max=300)
    async with running(Played(gate=gate), limits) as world:
        world.deliver(*some(2))
        await until(lambda: bool(world.played.tried))
        world.time.advance(seconds=301)
        gate.set()
        await world.recorded(2)
        assert world.outbox.rows[DeliveryId("d1")].delivery.attempts == 1  # given back, claimed again
        assert world.outbox.claims >= 1


async def test_a_session_that_died_unnoticed_costs_no_attempt() -> None:
    class Stale(Session):
        async def send(self, delivery: Delivery, entitled: Callable[[], bool]) -> Outcome:
            if self.messages == 1:
                self.messages, self.usable, self.went_stale = 2, False, True
                return REFUSED
            return await super().send(delivery, entitled)

    class Host2(Played):
        async def open(self, host: Host) -> Session | Deferred:
            self.opened += 1
            return Stale(self)

    played = Host2()
    async with running(played, Limits(connections_per_destination_max=1)) as world:
        world.deliver(*some(5))
        await world.recorded(5)
        assert [world.outbox.last(f"d{n}") for n in range(5)] == [TAKEN] * 5
        assert played.opened == 5


async def test_a_table_in_trouble_is_asked_again() -> None:
    async with running(Played()) as world:
        world.outbox.add(*some(3))
        world.outbox.trouble = True
        world.courier.wake()
        await until(lambda: world.outbox.refused_calls >= 3)
        world.outbox.trouble = False
        await world.recorded(3)
        assert len(world.played.tried) == 3


async def test_drained_everything_is_recorded_or_given_back() -> None:
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(connections_per_destination_max=2)) as world:
        world.deliver(*some(10))
        await until(lambda: len(world.played.tried) == 2)
        draining = asyncio.create_task(world.courier.drain(grace_s=5))
        await asyncio.sleep(0)
        world.deliver(a_delivery("too late"))
        gate.set()
        await draining
        assert world.outbox.recorded() == len(world.played.tried) == 2
        assert [row.due_at for row in world.outbox.rows.values() if not row.outcomes] == [world.time.now()] * 9
        assert world.courier.load().in_memory == 0


async def test_broken_off_before_the_dot_is_untried_and_after_it_in_doubt() -> None:
    class Dotted(Session):
        async def send(self, delivery: Delivery, entitled: Callable[[], bool]) -> Outcome:
            self.in_doubt = delivery.id == "after"
            return await super().send(delivery, entitled)

    class Host3(Played):
        async def open(self, host: Host) -> Session | Deferred:
            return Dotted(self)

    async with running(Host3(gate=asyncio.Event())) as world:
        world.deliver(a_delivery("before"), a_delivery("after"))
        await until(lambda: len(world.played.tried) == 2)
        await world.courier.drain(grace_s=0)
        assert world.outbox.last("before") is None
        assert world.outbox.rows[DeliveryId("before")].due_at == world.time.now()
        assert world.outbox.last("after") == Deferred(Cause.SERVER_UNREACHABLE, None, "broken off", in_doubt=True)


async def test_a_notice_goes_out_at_once() -> None:
    """It is claimed from the table as soon as it is there, not at the next look half a minute later."""
    gone = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")
    async with running(Played(lambda one: TAKEN if one.carries is Carries.NOTICE else gone)) as world:
        world.deliver(a_delivery("d1"))
        await world.recorded(2)
        assert world.outbox.last("failure-d1") == TAKEN


async def test_idle_connections_do_not_hold_up_the_end() -> None:
    async with running(Played(), Limits(idle_s=60)) as world:
        world.deliver(*some(3))
        await world.recorded(3)
        assert world.courier.load().connections > 0
        async with asyncio.timeout(patience_s):
            await world.courier.drain(grace_s=60)
        assert world.courier.load().connections == 0


async def test_nothing_is_begun_that_another_worker_may_have_taken_over() -> None:
    """Invariant 8: a worker that could give no sign of life for long gives back what waits, untried."""
    async with running(Played()) as world:
        world.courier.entitled_until = world.time.monotonic() + 30
        world.deliver(a_delivery("before"))
        await world.recorded(1)
        world.time.advance(seconds=30)
        world.deliver(*some(5))
        await world.quiet()
        assert world.played.tried == ["before"]
        await until(lambda: all(world.outbox.rows[one.id].delivery.attempts == 0 for one in some(5)))


@pytest.mark.parametrize("noticed", [False, True], ids=["standing still", "and told of it since"])
async def test_what_was_begun_before_another_worker_may_have_taken_it_over_is_not_finished(noticed: bool) -> None:
    """Invariant 8: stopped in the middle, and gone on; also when it has given signs of life again before the receiver answers."""
    gate = asyncio.Event()
    async with running(Played(gate=gate)) as world:
        world.courier.entitled_until = world.time.monotonic() + 30
        world.deliver(a_delivery("begun"))
        await until(lambda: world.played.tried == ["begun"])
        world.time.advance(seconds=60)
        if noticed:
            world.courier.hand_back()
            world.courier.entitled_until = world.time.monotonic() + 30
        gate.set()
        await world.recorded(1)
        assert world.outbox.last("begun") == Deferred(Cause.OTHER, None, NOT_OURS)


async def test_what_waits_is_handed_back_by_a_worker_that_was_taken_for_dead() -> None:
    gate = asyncio.Event()
    async with running(Played(gate=gate), Limits(connections_max=1)) as world:
        world.deliver(*some(4))
        await until(lambda: len(world.played.tried) == 1)
        world.courier.hand_back()
        assert world.courier.load().in_memory == 1
        gate.set()
        await world.quiet()
        assert world.played.tried[0] == "d0"
        assert world.outbox.last("d0") == Deferred(Cause.OTHER, None, NOT_OURS)


async def test_what_was_carried_is_let_go_of_while_nothing_waits() -> None:
    """PERF-6: it may be a message of 25 MB, and its carrier stays for the next one"""
    async with running(Played()) as world:
        with no_garbage_sought():
            content = Weight(b"Subject: a\r\n\r\n")
            gone = content.gone
            world.deliver(replace(a_delivery("d1"), content=content))
            await world.recorded(1)
            world.outbox.rows.clear()
            del content
            await until(gone.is_set)


@pytest.mark.parametrize("where", ["route", "opener"])
async def test_a_way_to_a_destination_that_breaks_puts_off_what_waits_and_never_spins(where: str) -> None:
    """Whatever a stranger's DNS or server made our own code raise: it is a retry, and the courier has work left for others."""
    tried = 0

    class Broken:
        def destination(self, recipient: RealAddress) -> DestinationKey:
            return DestinationKey("broken.example")

        async def hosts(self, key: DestinationKey) -> tuple[Host, ...]:
            nonlocal tried
            tried += 1
            if where == "route":
                raise ValueError("ana@customer.example")
            return (Host("127.0.0.1", 25),)

    class Door(Played):
        async def open(self, host: Host) -> Session | Deferred:
            raise ValueError("ana@customer.example")

    async with running(Door(), route=Broken()) as world:
        world.deliver(*some(3))
        await world.recorded(3)
        outcomes = [one for row in world.outbox.rows.values() for one in row.outcomes]
        assert outcomes == [Deferred(Cause.OTHER, None, "internal: ValueError")] * 3
        assert tried <= Limits().connections_unanswered_max
