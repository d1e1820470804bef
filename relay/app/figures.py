"""What Prometheus is told: the figures of all workers, and those of the table, asked for when somebody looks, and seldom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from relay.app.mirroring import Mirror
from relay.errors import Unavailable
from relay.figures import FAMILIES, Count, Timing
from relay.machine import clock
from relay.store import alerts
from relay.store.backlog import Backlog, backlog
from relay.store.store import Store

log = structlog.get_logger("relay.web")

fresh_s: Final = 10.0
"""Figures that are not older are told again: many who ask cost no more than one."""

_GAUGES: Final[Mapping[str, tuple[str, Callable[[Backlog], float]]]] = {
    "relay_deliveries_due": ("Deliveries under way", lambda now: now.due),
    "relay_deliveries_late_seconds": ("How late the most overdue attempt is", lambda now: now.late.total_seconds()),
    "relay_deliveries_oldest_seconds": ("Age of the oldest message under way or held", lambda now: now.oldest.total_seconds()),
    "relay_held": ("Deliveries, recipients and mail about bookings that wait for a person", lambda now: now.held),
    "relay_parked": ("Of these, what waits since something in us broke over it", lambda now: now.parked),
    "relay_deliveries_in_doubt": ("Deliveries under way that the receiver may have already", lambda now: now.in_doubt),
    "relay_mails_unposted": ("Mail about bookings that waits to be written", lambda now: now.unposted),
    "relay_deliveries_untended": ("Deliveries that a worker held when it died", lambda now: now.untended),
    "relay_workers": ("Workers of all nodes", lambda now: now.workers),
}


class TableFigures:
    """Gauges in `registry`, of the database of `store`. They say NaN, or nothing, while it cannot be asked."""

    def __init__(self, store: Store, registry: CollectorRegistry, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._store = store
        self._asked_at = float("-inf")
        self._gauges = {name: Gauge(name, told, registry=registry) for name, (told, _) in _GAUGES.items()}
        self._queue = Gauge("relay_queue", "Deliveries under way or held", ["state", "age", "destination"], registry=registry)
        self._alerts = Gauge("relay_alerts", "Alerts so far, by their kind", ["alarm"], registry=registry)

    async def refresh(self) -> None:
        """Have figures that are fresh enough."""
        if self._monotonic() - self._asked_at < fresh_s:
            return
        self._asked_at = self._monotonic()
        try:
            now, raised = await self._store.read(lambda connection: (backlog(connection, clock()), alerts.counted(connection)))
        except Unavailable as why:
            log.warning("figures.missing", why=str(why))
            for gauge in self._gauges.values():
                gauge.set(float("nan"))
            self._queue.clear()
            self._alerts.clear()
            return
        for name, gauge in self._gauges.items():
            gauge.set(_GAUGES[name][1](now))
        self._queue.clear()
        for portion, number in now.queue.items():
            self._queue.labels(portion.state, portion.age, portion.destination).set(number)
        for alarm, number in raised.items():
            self._alerts.labels(alarm.value).set(number)


class Figures:
    """The figures of all workers of this gateway, added up; and what this process alone knows."""

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client asks for them."""
        for family in FAMILIES:
            if isinstance(family, Timing):
                counts, total = family.totals()
                bounds = [*(format(one, "g") for one in family.bounds), "+Inf"]
                yield HistogramMetricFamily(family.name, family.told, list(zip(bounds, counts, strict=True)), total)
                continue
            kind = CounterMetricFamily if isinstance(family, Count) else GaugeMetricFamily
            told = kind(family.name.removesuffix("_total"), family.told, labels=family.labels)
            for values, total in family.totals():
                told.add_metric(values, total)
            yield told


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Brings figures up to date before they are told."""

    mirror: Mirror
    table: TableFigures

    async def __call__(self) -> None:
        self.mirror.once()
        await self.table.refresh()
