from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.deliveries import START, FakeTime, MemoryNotices, MemoryOutbox, a_delivery

from relay.errors import Unavailable
from relay.outbound.schedule import LIFETIME
from relay.outbound.settling import Settler
from relay.transit.bounce import Untold
from relay.transit.delivery import Carries, Cause, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import DeliveryId

FULL = Deferred(Cause.MAILBOX_FULL, 452, "4.2.2 full")
GONE = Failed(Cause.ADDRESS_WRONG, 550, "5.1.1 no")


class World:
    def __init__(self) -> None:
        self.time = FakeTime()
        self.outbox = MemoryOutbox(self.time.now)
        self.notices = MemoryNotices()
        self.settler = Settler(self.outbox, self.notices, self.time.now, lambda: 0.0, pauses_s=(0,))

    def held(self, delivery: Delivery) -> Delivery:
        return self.outbox.accept(delivery)[0]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("outcome", "due_in", "failures"),
    [(Delivered(250, "ok"), None, 0), (FULL, timedelta(minutes=1), 0), (GONE, None, 1)],
)
async def test_an_outcome_becomes_an_end_a_retry_or_a_notice(
    world: World, outcome: Outcome, due_in: timedelta | None, failures: int
) -> None:
    """GW-50, GW-51."""
    settled = await world.settler.settle(world.held(a_delivery()), outcome)
    row = world.outbox.rows[DeliveryId("d1")]
    assert row.outcomes == [outcome]
    assert row.due_at == (None if due_in is None else START + due_in)
    assert len(world.notices.failures) == len(settled.further) == failures


async def test_the_notice_is_in_the_same_record_as_the_failure(world: World) -> None:
    """Invariant 4: due at once, held by nobody."""
    await world.settler.settle(world.held(a_delivery()), GONE)
    notice = world.outbox.rows[DeliveryId("failure-d1")]
    assert (notice.due_at, notice.held) == (START, False)


async def test_no_retry_before_the_destination_has_rested(world: World) -> None:
    """FAULT-93."""
    await world.settler.settle(world.held(a_delivery()), FULL, rest_s=300)
    assert world.outbox.rows[DeliveryId("d1")].due_at == START + timedelta(minutes=5)


async def test_what_waited_for_the_same_destination_does_not_come_back_in_the_same_instant(world: World) -> None:
    """FAULT-93, FAULT-103."""
    world.settler.jitter = iter((0.0, 0.5)).__next__
    for name in ("d1", "d2"):
        await world.settler.settle(world.held(a_delivery(name)), FULL, rest_s=300)
    due = [world.outbox.rows[DeliveryId(name)].due_at for name in ("d1", "d2")]
    assert due == [START + timedelta(seconds=300), START + timedelta(seconds=315)]


async def test_after_four_hours_the_delay_is_told_once(world: World) -> None:
    """GW-50."""
    late = world.held(a_delivery())
    world.time.advance(hours=4)
    await world.settler.settle(late, FULL)
    row = world.outbox.rows[DeliveryId("d1")]
    assert row.delivery.delay_told
    assert world.notices.delays == [DeliveryId("d1")]
    row.held = True
    await world.settler.settle(row.delivery, FULL)
    assert world.notices.delays == [DeliveryId("d1")]


async def test_when_the_lifetime_is_over_the_last_cause_is_the_failure_s(world: World) -> None:
    """FAULT-102: a single notice."""
    old = world.held(a_delivery())
    world.time.advance(seconds=LIFETIME.total_seconds())
    settled = await world.settler.settle(old, FULL)
    assert settled.outcome == Failed(Cause.MAILBOX_FULL, 452, "4.2.2 full")
    assert world.notices.failures == [(DeliveryId("d1"), Cause.MAILBOX_FULL)]
    assert world.notices.delays == []


@pytest.mark.parametrize("carries", [Carries.NOTICE, Carries.NOTIFICATION])
@pytest.mark.parametrize("outcome", [GONE, FULL])
async def test_there_is_never_a_notice_about_mail_of_ours(world: World, outcome: Outcome, carries: Carries) -> None:
    """GW-53, FAULT-101, RFC 3834 §2."""
    notice = world.held(a_delivery(carries=carries))
    world.time.advance(hours=47)
    settled = await world.settler.settle(notice, outcome)
    assert settled.further == ()
    assert "GW-53" in world.outbox.rows[notice.id].untold
    assert (world.notices.failures, world.notices.delays) == ([], [])


@pytest.mark.parametrize("outcome", [GONE, FULL])
async def test_why_nobody_is_told_is_recorded_with_the_outcome(world: World, outcome: Outcome) -> None:
    """GW-52, GW-53: and of a delay nobody is asked again."""
    delivery = world.held(a_delivery())
    world.time.advance(hours=5)
    world.notices.untold = Untold("it is automatic")
    settled = await world.settler.settle(delivery, outcome)
    row = world.outbox.rows[delivery.id]
    assert (settled.further, row.untold, row.delivery.delay_told) == ((), "it is automatic", outcome is FULL)


@pytest.mark.parametrize("outcome", [Delivered(250, "ok"), FULL])
async def test_where_there_is_nothing_to_tell_no_reason_is_given(world: World, outcome: Outcome) -> None:
    await world.settler.settle(world.held(a_delivery()), outcome)
    assert world.outbox.rows[DeliveryId("d1")].untold == ""


@pytest.mark.parametrize("outcome", [GONE, FULL])
async def test_a_notice_that_cannot_be_made_keeps_no_outcome_from_the_table(
    world: World, outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invariant 4: it would fail in the same way each time; an operator finds it in the log and the audit."""
    delivery = world.held(a_delivery())
    world.time.advance(hours=5)
    world.notices.broken = ValueError("no letter for ana@customer.example")
    await world.settler.settle(delivery, outcome)
    row = world.outbox.rows[delivery.id]
    assert (row.outcomes, row.untold, row.delivery.delay_told) == ([outcome], "the notice could not be written", outcome is FULL)
    told = capsys.readouterr().out
    assert "delivery.no_notice" in told
    assert "ValueError" in told
    assert "customer.example" not in told


async def test_a_notice_is_asked_for_again_while_the_table_is_in_trouble(world: World) -> None:
    delivery = world.held(a_delivery())
    world.notices.broken = Unavailable("no database just now")
    settling = asyncio.create_task(world.settler.settle(delivery, GONE))
    while len(world.notices.failures) < 5:
        await asyncio.sleep(0)
    assert not world.settler.sound.is_set()
    world.notices.broken = None
    assert len((await settling).further) == 1
    assert world.settler.sound.is_set()


async def test_what_cannot_be_written_down_is_kept_until_it_can(world: World) -> None:
    """Invariant 8: and meanwhile nothing further is sent."""
    delivery = world.held(a_delivery())
    world.outbox.trouble = True
    settling = asyncio.create_task(world.settler.settle(delivery, Delivered(250, "ok")))
    while world.outbox.refused_calls < 5:
        await asyncio.sleep(0)
    assert not world.settler.sound.is_set()
    world.outbox.trouble = False
    await settling
    assert world.settler.sound.is_set()
    assert world.outbox.rows[delivery.id].outcomes == [Delivered(250, "ok")]


async def test_one_result_that_is_never_accepted_does_not_stop_the_others(world: World) -> None:
    """Only a table in trouble stops the sending; a fault about one row does not."""
    unknown = replace(a_delivery("never stored"))
    poisoned = asyncio.create_task(world.settler.settle(unknown, Delivered(250, "ok")))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not poisoned.done()
    assert world.settler.sound.is_set()
    await world.settler.settle(world.held(a_delivery()), Delivered(250, "ok"))
    poisoned.cancel()
    await asyncio.gather(poisoned, return_exceptions=True)
    assert world.settler.sound.is_set()


async def test_no_address_and_no_remote_text_reaches_the_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Invariant 1."""
    for n, outcome in enumerate((Delivered(250, "for ana@customer.example"), FULL, GONE)):
        await world.settler.settle(world.held(a_delivery(f"d{n}")), outcome)
    told = capsys.readouterr().out
    assert told.count("delivery=d") == 3
    assert not any(word in told for word in ("@", "customer", "4.2.2", "5.1.1"))
