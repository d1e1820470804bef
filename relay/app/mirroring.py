"""Figures of this process that parts of it keep for themselves, taken over into those that all workers tell together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

from relay.figures import LOOP_LAG_SECONDS, Count, Level
from relay.inbound.admission import Stats
from relay.inbound.antivirus import ScanStats

if TYPE_CHECKING:
    from relay.app.gateway import Gateway

every_s: Final = 0.5
"""Between two looks at what the others count: their figures are that old at most."""

_SMTP: Final = {one.name: Count(f"relay_smtp_{one.name}_total", f"SMTP: {one.name.replace('_', ' ')}") for one in fields(Stats)}
_SCANS: Final = Count(
    "relay_scans_total",
    "Questions to the virus scanner; remembered: of the clean, known from before",
    verdict=[one.name for one in fields(ScanStats)],
)
_LEVELS: Final[Sequence[tuple[Level, Callable[[Gateway], float]]]] = (
    (Level("relay_smtp_connections", "SMTP connections open now"), lambda of: of.smtp.connections),
    (Level("relay_smtp_in_flight_octets", "Content held for SMTP sessions now"), lambda of: of.smtp.in_flight_octets),
    (Level("relay_courier_in_memory", "Deliveries in memory"), lambda of: of.courier.load().in_memory),
    (Level("relay_courier_connections", "Outgoing connections open now"), lambda of: of.courier.load().connections),
    (Level("relay_courier_resting", "Destinations left alone for a while"), lambda of: of.courier.load().resting),
)


@dataclass(slots=True)
class Mirror:
    """Takes figures of `gateway` over, on top of what the worker before it had counted."""

    gateway: Gateway
    _before: Mapping[str, float] = field(init=False)
    _scans_before: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {name: count.mine() for name, count in _SMTP.items()}
        self._scans_before = {one.name: _SCANS.mine(one.name) for one in fields(ScanStats)}

    def once(self) -> None:
        """They are as the parts have them now."""
        for name, count in _SMTP.items():
            count.set(to=self._before[name] + getattr(self.gateway.smtp.stats, name))
        if self.gateway.scanner is not None:
            for verdict, before in self._scans_before.items():
                _SCANS.set(verdict, to=before + getattr(self.gateway.scanner.stats, verdict))
        for level, found in _LEVELS:
            level.set(found(self.gateway))

    def end(self) -> None:
        """This process has nothing any more."""
        self.once()
        for level, _ in _LEVELS:
            level.set(0)

    async def keep(self) -> None:
        """Again and again while it is not cancelled; how late it comes to it tells how busy the event loop is."""
        loop = asyncio.get_running_loop()
        while True:
            self.once()
            due = loop.time() + every_s
            await asyncio.sleep(every_s)
            LOOP_LAG_SECONDS.add(max(0.0, loop.time() - due))
