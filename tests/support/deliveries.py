"""Deliveries for tests, and a table of them in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from relay.errors import Unavailable
from relay.transit.bounce import Untold
from relay.transit.delivery import Carries, Cause, Delivery, Outcome
from relay.values import DeliveryId, MessageId, RealAddress
from support.patience import patience_s

START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def a_delivery(
    name: str = "d1",
    recipient: str = "ana@customer.example",
    content: bytes = b"Subject: x\r\n\r\nHello\r\n",
    *,
    return_path: str = "bounce-1@reply.example.com",
    carries: Carries = Carries.RENDITION,
    accepted_at: datetime = START,
    attempts: int = 1,
    insisted: bool = False,
) -> Delivery:
    return Delivery(
        DeliveryId(name),
        MessageId(f"m-{name}"),
        None,
        carries,
        return_path,
        RealAddress(recipient),
        content,
        accepted_at,
        attempts,
        insisted=insisted,
    )


class FakeTime:
    """A wall clock and a monotonic one that stand still until they are moved."""

    def __init__(self) -> None:
        self.wall = START
        self.ticks = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, **duration: float) -> None:
        by = timedelta(**duration)
        self.wall += by
        self.ticks += by.total_seconds()


@dataclass
class Row:
    """A delivery in the table. `due_at` is None when it is over."""

    delivery: Delivery
    due_at: datetime | None
    held: bool = False
    untold: str = ""
    outcomes: list[Outcome] = field(default_factory=list)


class MemoryOutbox:
    """`relay.outbound.ports.Outbox` in memory. `trouble` makes every call raise Unavailable while it is set."""

    def __init__(self, now: Callable[[], datetime], lease: timedelta = timedelta(minutes=30)) -> None:
        self.rows: dict[DeliveryId, Row] = {}
        self.trouble = False
        self.refused_calls = 0
        self.claims = 0
        self.left_alone: frozenset[str] = frozenset()
        self._now = now
        self._lease = lease
        self._changed = asyncio.Condition()

    def add(self, *deliveries: Delivery) -> None:
        """Deliveries that nobody holds, due at once."""
        for one in deliveries:
            self.rows[one.id] = Row(replace(one, attempts=0), self._now())

    def accept(self, *deliveries: Delivery) -> tuple[Delivery, ...]:
        """Deliveries as an accepting worker has them: claimed in the transaction that made them."""
        for one in deliveries:
            self.rows[one.id] = Row(replace(one, attempts=1), self._now() + self._lease, held=True)
        return tuple(self.rows[one.id].delivery for one in deliveries)

    async def claim(self, count_max: int) -> Sequence[Delivery]:
        self._check()
        self.claims += 1
        now = self._now()
        due = sorted((row for row in self.rows.values() if row.due_at is not None and row.due_at <= now), key=_when)[:count_max]
        for row in due:
            row.delivery = replace(row.delivery, attempts=row.delivery.attempts + 1)
            row.due_at, row.held = now + self._lease, True
        return [row.delivery for row in due]

    async def record(
        self,
        delivery: Delivery,
        outcome: Outcome,
        next_due_at: datetime | None,
        further: Sequence[Delivery],
        delay_told: bool,
        untold: str,
    ) -> None:
        self._check()
        row = self.rows[delivery.id]
        assert row.held, "what nobody holds cannot come to anything"
        row.outcomes.append(outcome)
        row.due_at, row.held, row.untold = next_due_at, False, untold
        row.delivery = replace(row.delivery, delay_told=delay_told)
        self.add(*further)
        async with self._changed:
            self._changed.notify_all()

    async def suspended(self) -> frozenset[str]:
        return self.left_alone

    async def next_due_at(self) -> datetime | None:
        self._check()
        return min((row.due_at for row in self.rows.values() if row.due_at is not None), default=None)

    async def release(self, deliveries: Sequence[Delivery]) -> None:
        self._check()
        for one in deliveries:
            row = self.rows[one.id]
            row.delivery = replace(row.delivery, attempts=row.delivery.attempts - 1)
            row.due_at, row.held = self._now(), False

    async def until(self, condition: Callable[[], bool], timeout_s: float = patience_s) -> None:
        """Wait until `condition` holds after something was recorded. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(condition)

    def last(self, name: str) -> Outcome | None:
        outcomes = self.rows[DeliveryId(name)].outcomes
        return outcomes[-1] if outcomes else None

    def recorded(self) -> int:
        """How many attempts came to something."""
        return sum(len(row.outcomes) for row in self.rows.values())

    def _check(self) -> None:
        if self.trouble:
            self.refused_calls += 1
            raise Unavailable("no database just now")


class MemoryNotices:
    """`relay.outbound.ports.Notices`: a notice a message, and what was asked for. `broken` is raised while it is set;
    `untold`, while set, is the answer."""

    def __init__(self) -> None:
        self.failures: list[tuple[DeliveryId, Cause]] = []
        self.delays: list[DeliveryId] = []
        self.broken: Exception | None = None
        self.untold: Untold | None = None

    async def failure(self, delivery: Delivery, cause: Cause, now: datetime) -> Delivery | Untold:
        self.failures.append((delivery.id, cause))
        return self._answer(f"failure-{delivery.id}", now)

    async def delay(self, delivery: Delivery, now: datetime) -> Delivery | Untold:
        self.delays.append(delivery.id)
        return self._answer(f"delay-{delivery.id}", now)

    def _answer(self, name: str, now: datetime) -> Delivery | Untold:
        if self.broken is not None:
            raise self.broken
        return self.untold or self._notice(name, now)

    def _notice(self, name: str, now: datetime) -> Delivery:
        return a_delivery(name, "writer@partner.example", return_path="", carries=Carries.NOTICE, accepted_at=now, attempts=0)


def _when(row: Row) -> datetime:
    assert row.due_at is not None
    return row.due_at
