"""The courier, its sessions and a receiving server together: nothing lost, nothing doubled, whatever the server does."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dkim
import pytest
from support.accounts import holds
from support.deliveries import FakeTime, MemoryNotices, MemoryOutbox, a_delivery
from support.patience import patience_s
from support.sink import CLOSE, EXTENSIONS, Answer, Sink, Step, reply

from relay.outbound.connecting import Connector
from relay.outbound.connection import Timeouts
from relay.outbound.courier import Courier
from relay.outbound.lanes import Limits
from relay.outbound.routes import DestinationKey, Host, Route, Smarthost, Tls
from relay.outbound.signing import Signer
from relay.outbound.signing_key import SigningKey, generate_key
from relay.transit.delivery import Cause, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import DeliveryId, RealAddress

pytestmark = pytest.mark.slow

QUICK = Timeouts(connect_s=2, greeting_s=2, command_s=1, data_s=1, block_s=1, dot_s=1, quit_s=0.2)


@dataclass(frozen=True)
class ByDomain:
    """A route with one host a domain, as MX will be: the domain is `pPORT.example`."""

    first: dict[str, Host] = field(default_factory=dict)
    """A host to try before, by domain."""

    def destination(self, recipient: RealAddress) -> DestinationKey:
        return DestinationKey(recipient.reveal().rpartition("@")[2])

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:
        if key == "nowhere.example":
            return Failed(Cause.ADDRESS_WRONG, None, "5.1.10 this domain takes no mail")
        own = Host("127.0.0.1", int(key.removeprefix("p").partition(".")[0]), Tls.OFF)
        return (self.first[key], own) if key in self.first else (own,)


@dataclass
class World:
    courier: Courier
    outbox: MemoryOutbox
    notices: MemoryNotices
    time: FakeTime

    async def later(self, **duration: float) -> None:
        """Time passes, and the courier looks at what has come due."""
        self.time.advance(**duration)
        self.courier.wake()

    def deliver(self, *deliveries: Delivery) -> None:
        """As the accepting side does: into the table, claimed, and straight to the courier."""
        self.courier.offer(self.outbox.accept(*deliveries))

    async def outcome(self, name: str, attempts: int = 1) -> Outcome | None:
        row = self.outbox.rows[DeliveryId(name)]
        await self.outbox.until(lambda: len(row.outcomes) >= attempts)
        return self.outbox.last(name)


@contextlib.asynccontextmanager
async def running(route: Route, limits: Limits | None = None, timeouts: Timeouts = QUICK) -> AsyncIterator[World]:
    now = FakeTime()
    outbox, notices = MemoryOutbox(now.now), MemoryNotices()
    courier = Courier(
        outbox=outbox,
        notices=notices,
        route=route,
        opener=Connector("relay.example", timeouts),
        clock=now.now,
        monotonic=now.monotonic,
        jitter=lambda: 0.0,
        limits=limits or Limits(),
        pauses_s=(0.05,),
    )
    courier.start()
    try:
        yield World(courier, outbox, notices, now)
    finally:
        await courier.drain(grace_s=1)


def to(sink: Sink) -> Smarthost:
    return Smarthost(Host("127.0.0.1", sink.port))


def subjects(sink: Sink) -> Counter[bytes]:
    """How often each message arrived."""
    return Counter(one.content.partition(b"\r\n")[0].removeprefix(b"Subject: ") for one in sink.received)


def numbered(count: int, recipient: str = "ana@customer.example", prefix: str = "d") -> list[Delivery]:
    return [a_delivery(f"{prefix}{n}", recipient, f"Subject: {prefix}{n}\r\n\r\nHello\r\n".encode()) for n in range(count)]


@pytest.mark.parametrize("extensions", [EXTENSIONS, ()], ids=["pipelining", "plain"])
@pytest.mark.parametrize("step", [Step.RCPT, Step.DOT])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [(reply("550 5.1.1 no"), Failed), (reply("451 4.3.0 later"), Deferred), (CLOSE, Deferred), (None, Deferred)],
    ids=["550", "451", "closes", "is down"],
)
async def test_what_the_receiver_does_decides_between_notice_and_retry(
    step: Step, answer: Answer | None, kind: type[Outcome], extensions: tuple[str, ...]
) -> None:
    """CASE-61: a notice for 550, a retry for the rest; in the end each message is there once, or its writer told once."""
    async with Sink(extensions=extensions) as sink, running(to(sink)) as world:
        if answer is None:
            await sink.down()
        else:
            sink.always(step, answer, recipient="ana@")  # the notices go to the writer, who can be reached
        world.deliver(*numbered(3))
        for n in range(3):
            assert isinstance(await world.outcome(f"d{n}"), kind)
        assert not any(one.recipients == ("ana@customer.example",) for one in sink.received)
        sink.as_usual()
        if answer is None:
            await sink.up()
        await world.later(minutes=1)
        if kind is Failed:
            await sink.until(3)  # the notices
            assert sorted(world.notices.failures) == [(DeliveryId(f"d{n}"), Cause.ADDRESS_WRONG) for n in range(3)]
            assert all(one.return_path == "" for one in sink.received)
            assert {one.recipients for one in sink.received} == {("writer@partner.example",)}
            assert len(sink.received) == 3
        else:
            await sink.until(3)
            for n in range(3):
                assert isinstance(await world.outcome(f"d{n}", attempts=2), Delivered)
            assert subjects(sink) == {b"d0": 1, b"d1": 1, b"d2": 1}
            assert world.notices.failures == []


async def test_one_recipient_s_trouble_is_no_other_s() -> None:
    """CASE-53, FAULT-90: dead beside living, dead alone, temporary; only what is due for it is tried again."""
    async with Sink() as sink, running(to(sink)) as world:
        sink.always(Step.RCPT, reply("550 5.1.1 <dead@customer.example> unknown"), recipient="dead@")
        sink.plan(Step.RCPT, reply("451 4.3.0 later"), recipient="busy@")
        for name in ("alive", "dead", "busy"):
            world.deliver(a_delivery(name, f"{name}@customer.example", f"Subject: {name}\r\n\r\nx\r\n".encode()))
        assert isinstance(await world.outcome("alive"), Delivered)
        assert isinstance(await world.outcome("busy"), Deferred)
        dead = await world.outcome("dead")
        assert isinstance(dead, Failed)
        assert "dead@" not in dead.text
        await world.later(minutes=1)
        assert isinstance(await world.outcome("busy", attempts=2), Delivered)
        arrived = subjects(sink)
        assert (arrived[b"alive"], arrived[b"busy"], arrived[b"dead"]) == (1, 1, 0)
        assert world.notices.failures == [(DeliveryId("dead"), Cause.ADDRESS_WRONG)]


async def test_a_lost_answer_to_the_final_dot_is_tried_again_with_the_same_octets() -> None:
    """FAULT-92, invariant 8: the one case in which a message may arrive twice."""
    content = b"Message-ID: <1@reply.example.com>\r\n\r\nHello\r\n"
    async with Sink() as sink, running(to(sink)) as world:
        sink.plan(Step.DOT, Answer(b"2", close=True))  # taken, and the reply cut off
        world.deliver(a_delivery("d1", content=content))
        first = await world.outcome("d1")
        assert isinstance(first, Deferred)
        assert first.in_doubt
        await world.later(minutes=1)
        assert isinstance(await world.outcome("d1", attempts=2), Delivered)
        assert [one.content for one in sink.received] == [content, content]


@pytest.mark.parametrize("hiccup", [reply("421 4.7.0 too many", close=True), reply("450 4.7.28 rate"), reply("452 4.3.1 full")])
async def test_a_receiver_that_asks_for_less_is_left_alone(hiccup: Answer) -> None:
    """FAULT-93: the destination, not only the message."""
    limits = Limits(connections_per_destination_max=1)
    async with Sink() as sink, running(to(sink), limits) as world:
        sink.plan(Step.MAIL, hiccup)
        world.deliver(*numbered(10))
        for n in range(10):
            assert isinstance(await world.outcome(f"d{n}"), Deferred)
        assert sum(line.startswith("MAIL") for _, line in sink.commands) == 1
        await world.later(minutes=1)
        await sink.until(10)
        assert set(subjects(sink).values()) == {1}


async def test_connections_are_reused() -> None:
    """FAULT-5.6: a hundred messages do not need a hundred connections."""
    limits = Limits(connections_per_destination_max=4)
    async with Sink() as sink, running(to(sink), limits) as world:
        world.deliver(*numbered(100))
        await sink.until(100)
        assert sink.connections <= 4
        assert set(subjects(sink).values()) == {1}


async def test_a_connection_takes_only_so_many_messages() -> None:
    limits = Limits(connections_per_destination_max=1, messages_per_connection_max=10)
    async with Sink() as sink, running(to(sink), limits) as world:
        world.deliver(*numbered(35))
        await sink.until(35)
        assert sink.connections == 4
        assert max(Counter(one.session for one in sink.received).values()) == 10
        assert sum(line == "QUIT" for _, line in sink.commands) >= 3


async def test_a_receiver_that_grants_fewer_connections_still_gets_everything() -> None:
    limits = Limits(connections_per_destination_max=10)
    async with Sink() as sink, running(to(sink), limits) as world:
        world.deliver(*numbered(1, prefix="first"))
        await sink.until(1)
        sink.always(Step.CONNECT, reply("421 4.7.0 too many connections", close=True))
        world.deliver(*numbered(50))
        await sink.until(51)
        assert set(subjects(sink).values()) == {1}


async def test_a_connection_that_died_while_idle_costs_no_attempt() -> None:
    async with Sink() as sink, running(to(sink)) as world:
        world.deliver(*numbered(1, prefix="a"))
        await sink.until(1)
        await sink.down()
        await sink.up()
        world.deliver(*numbered(1, prefix="b"))
        assert isinstance(await world.outcome("b0"), Delivered)
        assert len(world.outbox.rows[DeliveryId("b0")].outcomes) == 1


async def test_the_first_host_that_answers_takes_it_in_the_same_attempt() -> None:
    """FAULT-87, FAULT-88: one refuses TCP, one refuses in its greeting."""
    async with Sink() as gone, Sink() as refusing, Sink() as sink:
        refusing.always(Step.CONNECT, reply("554 5.3.2 no mail here"))
        await gone.down()
        for first in (gone, refusing):
            domain = f"p{sink.port}.example"
            async with running(ByDomain({domain: Host("127.0.0.1", first.port, Tls.OFF)})) as world:
                world.deliver(a_delivery("d1", f"ana@{domain}"))
                assert isinstance(await world.outcome("d1"), Delivered)


async def test_a_domain_without_mail_fails_at_once() -> None:
    """FAULT-86, as far as the route tells."""
    async with running(ByDomain()) as world:
        world.deliver(a_delivery("d1", "ana@nowhere.example"))
        assert await world.outcome("d1") == Failed(Cause.ADDRESS_WRONG, None, "5.1.10 this domain takes no mail")
        assert world.notices.failures == [(DeliveryId("d1"), Cause.ADDRESS_WRONG)]


@pytest.mark.parametrize("dead", ["refuses", "hangs"])
async def test_a_dead_destination_does_not_slow_the_others(dead: str) -> None:
    """FAULT-100: thousands wait for one that never answers; the others get their mail within a second or two."""
    async with Sink() as tarpit, Sink() as living:
        tarpit.always(Step.CONNECT, Answer(silent=True))
        if dead == "refuses":
            await tarpit.down()
        hung = Timeouts(greeting_s=10 * patience_s)  # whoever waited for it would not be here in time
        async with running(ByDomain(), timeouts=hung) as world:
            world.outbox.add(*numbered(3000, f"ana@p{tarpit.port}.example", "dead"))
            world.courier.wake()
            await holds(lambda: tarpit.unanswered > 0 if dead == "hangs" else world.outbox.recorded() > 0)
            world.deliver(*numbered(100, f"bob@p{living.port}.example", "living"))
            world.outbox.add(*numbered(20, f"bob@p{living.port}.example", "due"))
            world.courier.wake()
            await living.until(120)
            assert world.courier.load().in_memory <= Limits().deliveries_max


async def test_many_destinations_share_the_connections() -> None:
    """FAULT-100: a busy destination leaves its connections to those that wait."""
    async with contextlib.AsyncExitStack() as stack:
        sinks = [await stack.enter_async_context(Sink()) for _ in range(6)]
        limits = Limits(connections_max=3, connections_per_destination_max=3, messages_per_turn_max=5, idle_s=5)
        world = await stack.enter_async_context(running(ByDomain(), limits))
        for number, sink in enumerate(sinks):
            count = 300 if number == 0 else 5
            world.deliver(*numbered(count, f"ana@p{sink.port}.example", f"s{number}-"))
        for sink in sinks[1:]:
            await sink.until(5)
        assert len(sinks[0].received) < 300, "the small ones did not have to wait for the large one"
        await sinks[0].until(300)
        assert all(set(subjects(sink).values()) == {1} for sink in sinks)


def in_data(sink: Sink) -> bool:
    """Whether a message has got as far as its content."""
    return any(command.startswith("DATA") for _, command in sink.commands)


async def test_what_waits_is_given_back_when_the_courier_stops() -> None:
    """FAULT-43: what is under way may finish; the rest is due at once for the next worker."""
    limits = Limits(connections_per_destination_max=2)
    async with Sink() as sink, running(to(sink), limits) as world:
        sink.always(Step.DOT, reply("250 2.0.0 taken", delay_s=0.3))
        world.deliver(*numbered(20))
        await holds(lambda: in_data(sink))
        await world.courier.drain(grace_s=patience_s)
        done = {name for name, row in world.outbox.rows.items() if row.outcomes}
        assert {one.decode() for one in subjects(sink)} == done
        assert 1 <= len(done) <= 4
        rest = [row for name, row in world.outbox.rows.items() if name not in done]
        assert all(not row.held and row.due_at == world.time.now() and row.delivery.attempts == 0 for row in rest)
    assert sink.open_now == 0


async def test_what_is_broken_off_after_the_dot_is_in_doubt_and_before_it_untried() -> None:
    async with Sink() as sink, running(to(sink), Limits(connections_per_destination_max=2)) as world:
        sink.always(Step.DOT, Answer(silent=True), recipient="after@")
        sink.always(Step.RCPT, Answer(silent=True), recipient="before@")
        world.deliver(a_delivery("after", "after@customer.example"), a_delivery("before", "before@customer.example"))
        await holds(lambda: sink.unanswered == 2)
        await world.courier.drain(grace_s=0.1)
        outcome = world.outbox.last("after")
        assert isinstance(outcome, Deferred)
        assert outcome.in_doubt
        assert world.outbox.last("before") is None
        assert world.outbox.rows[DeliveryId("before")].due_at == world.time.now()


async def test_signed_octets_arrive_as_they_were_signed() -> None:
    """FAULT-46: the signature holds at the receiver, dots, tabs and trailing empty lines included."""
    key = SigningKey.from_pem(generate_key(), "relay")
    signer, record = Signer("reply.example.com", (key,)), key.record.encode()
    message = b"From: a@reply.example.com\r\nSubject: \tdots  \r\n\r\n.\r\n..a\t b  \r\n.\r\n\r\n\r\n"
    signed = signer.signed(message, datetime.now(UTC))  # noqa: TID251 - the reference reads the clock itself
    async with Sink() as sink, running(to(sink)) as world:
        world.deliver(a_delivery("d1", content=signed))
        await sink.until(1)
        assert sink.received[0].content == signed
        assert dkim.verify(sink.received[0].content, dnsfunc=lambda name, timeout=5: record)


async def test_with_the_table_gone_nothing_is_sent_whose_result_could_not_be_kept() -> None:
    """Invariant 8: a result that cannot be written down is kept, not found out again by sending once more."""
    async with Sink() as sink, running(to(sink), Limits(connections_per_destination_max=1)) as world:
        deliveries = world.outbox.accept(*numbered(50))
        world.outbox.trouble = True
        world.courier.offer(deliveries)
        await holds(lambda: not world.courier.load().sound)
        await asyncio.sleep(0.3)
        sent = len(sink.received)
        assert sent < 50
        assert not world.courier.load().sound
        world.outbox.trouble = False
        await sink.until(50)
        await world.outbox.until(lambda: world.outbox.recorded() == 50)
        assert set(subjects(sink).values()) == {1}
