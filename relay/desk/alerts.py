"""Alerts, as they are asked for over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.store import alerts
from relay.store.store import Store
from relay.transit.alarm import Alert


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """relay.web.ports.Alerts over the store."""

    store: Store

    async def page(self, limit: int, after: int) -> Sequence[Alert]:
        return await self.store.read(lambda connection: alerts.listed(connection, limit, after))
