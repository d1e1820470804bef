"""How the gateway fares, as the operator's pages ask it; and destinations that operators suspend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.store import alerts, audits, backlog, dead_letters, destinations
from relay.store.stepping import Step
from relay.store.store import Store
from relay.transit.alarm import Alert
from relay.values import Clock
from relay.web.operator_ports import Audited, Bound, DeadLetter, Load, Overview, Portion, Suspended

log = structlog.get_logger("relay.operation")

failures_of: Final = timedelta(days=7)
"""Dead letters that one look counts."""
alerts_shown: Final = 5
destinations_max: Final = 20


def nobody() -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class OperationDesk:
    """relay.web.operator_ports.Operation over the store. `told` is called when deliveries have come due."""

    store: Store
    clock: Clock
    told: Callable[[], None] = field(default=nobody, repr=False)

    async def overview(self) -> Overview:
        now = self.clock()

        def question(connection: Connection) -> Overview:
            failed, untold = dead_letters.counted(connection, now - failures_of)
            audited = audits.last(connection)
            return Overview(
                load=_load(backlog.backlog(connection, now)),
                failed=failed,
                untold=untold,
                alerts=alerts.newest(connection, alerts_shown),
                suspended=_suspended(connection),
                audited=Audited(audited.at, audited.findings) if audited is not None else None,
            )

        return await self.store.read(question)

    async def load(self) -> Load:
        return await self.store.read(lambda connection: _load(backlog.backlog(connection, self.clock())))

    async def bound(self) -> Sequence[Bound]:
        def question(connection: Connection) -> Sequence[Bound]:
            return [Bound(one.domain, one.due, one.next_at) for one in destinations.bound(connection, destinations_max)]

        return await self.store.read(question)

    async def dead_letters(self, limit: int, after: str | None, *, untold: bool) -> Sequence[DeadLetter]:
        def question(connection: Connection) -> Sequence[DeadLetter]:
            return [DeadLetter(**asdict(one)) for one in dead_letters.listed(connection, limit, after, untold=untold)]

        return await self.store.read(question)

    async def alerts(self, limit: int, before: int | None) -> Sequence[Alert]:
        return await self.store.read(lambda connection: alerts.newest(connection, limit, before))

    async def suspended(self) -> Sequence[Suspended]:
        return await self.store.read(_suspended)

    async def suspend(self, domain: str, by: str, because: str) -> None:
        step = Step(by, self.clock(), because)
        await self.store.write(lambda connection: destinations.suspend(connection, domain, step))
        # Not which: it may be somebody's own domain.
        log.info("destination.suspended", by=by)
        self.told()

    async def resume(self, domain: str, by: str) -> int:
        now = self.clock()
        count = await self.store.write(lambda connection: destinations.resume(connection, domain, now))
        log.info("destination.resumed", by=by, count=count)
        self.told()
        return count


def _suspended(connection: Connection) -> tuple[Suspended, ...]:
    return tuple(Suspended(**asdict(one)) for one in destinations.listed(connection))


def _load(found: backlog.Backlog) -> Load:
    portions = tuple(Portion(one.state, one.age, one.destination, count) for one, count in found.queue.items())
    return Load(
        due=found.due,
        late=found.late,
        oldest=found.oldest,
        held=found.held,
        parked=found.parked,
        in_doubt=found.in_doubt,
        unposted=found.unposted,
        untended=found.untended,
        workers=found.workers,
        portions=portions,
    )
