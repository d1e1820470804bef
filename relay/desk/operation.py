"""How the gateway fares, as the operator's pages ask it; and destinations that operators suspend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from relay.store import alerts, audits, backlog, dead_letters, destinations, traffic
from relay.store.stepping import Step
from relay.store.store import Store
from relay.transit.alarm import Alert
from relay.transit.crossing import Fate
from relay.values import Clock
from relay.web.operator_ports import Audited, Bound, DeadLetter, Load, Overview, Portion, Span, Stretch, Suspended, Traffic

log = structlog.get_logger("relay.operation")

failures_of: Final = timedelta(days=7)
"""Dead letters that one look counts."""
alerts_shown: Final = 5
destinations_max: Final = 20


_SPANS: Final = {
    Span.DAY: (timedelta(hours=1), 24, timedelta(minutes=1)),
    Span.MONTH: (timedelta(days=1), 30, timedelta(minutes=10)),
}
"""How long a stretch is, how many there are, and how long a look counts."""


def nobody() -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class OperationDesk:
    """relay.web.operator_ports.Operation over the store. `told` is called when deliveries have come due."""

    store: Store
    clock: Clock
    _looks: dict[Span, tuple[datetime, Traffic]] = field(default_factory=dict, init=False, repr=False)
    """The last look at the traffic of each span, for whoever asks soon after."""
    told: Callable[[], None] = field(default=nobody, repr=False)

    async def traffic(self, span: Span) -> Traffic:
        now, (step, count, kept) = self.clock(), _SPANS[span]
        if (look := self._looks.get(span)) is not None and look[0] <= now < look[0] + kept:
            return look[1]
        first = traffic.beginning(now, step) - (count - 1) * step
        found = await self.store.read(lambda connection: traffic.traffic(connection, first, first + count * step, step))
        made = _traffic(found, [first + number * step for number in range(count)])
        self._looks[span] = now, made
        return made

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


def _traffic(found: traffic.Traffic, times: Sequence[datetime]) -> Traffic:
    """Whatever became of it, a message was accepted unless it was refused or is held."""
    stretches, refused_by = [], Counter[str]()
    for at in times:
        fates, outcomes = found.fates.get(at, {}), found.outcomes.get(at, {})
        refused, held = fates.get(Fate.REFUSED.value, 0), fates.get(Fate.HELD.value, 0)
        bounced = outcomes.get("failed", 0) + outcomes.get("bounced", 0)
        accepted = sum(fates.values()) - refused - held
        delivered, deferred = outcomes.get("delivered", 0), outcomes.get("deferred", 0)
        stretches.append(Stretch(at, accepted, refused, held, delivered, deferred, bounced))
        refused_by.update(found.refused.get(at, {}))
    return Traffic(tuple(stretches), dict(refused_by.most_common()))


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
