"""The figures of the table, for Prometheus: asked for when somebody looks, and seldom."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge

from relay.errors import Unavailable
from relay.machine import clock
from relay.store.backlog import Backlog, backlog
from relay.store.store import Store

log = structlog.get_logger("relay.web")

fresh_s: Final = 10.0
"""Figures that are not older are told again: many who ask cost no more than one."""

_GAUGES: Final[Mapping[str, tuple[str, Callable[[Backlog], float]]]] = {
    "relay_deliveries_due": ("Deliveries under way", lambda now: now.due),
    "relay_deliveries_late_seconds": ("How late the most overdue attempt is", lambda now: now.late.total_seconds()),
    "relay_deliveries_oldest_seconds": ("Age of the oldest message under way or held", lambda now: now.oldest.total_seconds()),
    "relay_held": ("Deliveries and recipients that wait for a person", lambda now: now.held),
    "relay_parked": ("Of these, what waits since something in us broke over it", lambda now: now.parked),
    "relay_deliveries_in_doubt": ("Deliveries under way that the receiver may have already", lambda now: now.in_doubt),
    "relay_deliveries_untended": ("Deliveries that a worker held when it died", lambda now: now.untended),
    "relay_workers": ("Workers of all nodes", lambda now: now.workers),
}


class TableFigures:
    """Gauges in `registry`, of the database of `store`. They say NaN while it cannot be asked."""

    def __init__(self, store: Store, registry: CollectorRegistry) -> None:
        self._store = store
        self._asked_at = float("-inf")
        self._gauges = {name: Gauge(name, told, registry=registry) for name, (told, _) in _GAUGES.items()}

    async def refresh(self) -> None:
        """Have figures that are fresh enough."""
        if time.monotonic() - self._asked_at < fresh_s:
            return
        self._asked_at = time.monotonic()
        try:
            now = await self._store.read(lambda connection: backlog(connection, clock()))
        except Unavailable as why:
            log.warning("figures.missing", why=str(why))
            for gauge in self._gauges.values():
                gauge.set(float("nan"))
            return
        for name, gauge in self._gauges.items():
            gauge.set(_GAUGES[name][1](now))
