"""The parts that a gateway depends on, as `/readyz` asks whether they work (faults.md 4.5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.app.gateway import Gateway
from relay.store import ownership, schema
from relay.store.engine import objects_of
from relay.web.ports import Check

objects_looked_at_every_s: Final = 15.0
"""Each look at the object store is a request over the network, which may be paid for, and anybody may ask for readiness."""


@dataclass(slots=True)
class Remembered:
    """What `look`, which blocks, found; for `every_s` seconds, counted by `monotonic`, it is not asked again.

    However many ask at once, one look is under way; who stops waiting for it leaves it to those who ask next.
    """

    look: Callable[[], None]
    every_s: float
    monotonic: Callable[[], float] = time.monotonic
    _looking: asyncio.Task[None] | None = field(default=None, init=False)
    _until: float = field(default=0.0, init=False)

    async def __call__(self) -> None:
        if self._looking is None or (self._looking.done() and self.monotonic() >= self._until):
            self._looking = asyncio.create_task(self._looked(), name="readiness: look")
            # What it found is for whoever asks; that nobody may ask any more is no fault.
            self._looking.add_done_callback(lambda looked: looked.cancelled() or looked.exception())
        await asyncio.shield(self._looking)

    async def _looked(self) -> None:
        try:
            await asyncio.to_thread(self.look)
        finally:
            self._until = self.monotonic() + self.every_s


def checks(gateway: Gateway) -> Mapping[str, Check]:
    """Every part by its name."""
    engine = gateway.store.engine

    async def database() -> None:
        if not await asyncio.to_thread(schema.schema_is_current, engine):
            raise RuntimeError("the schema is not the present one")

    async def delivery() -> None:
        if not gateway.courier.load().sound:
            raise RuntimeError("results of deliveries cannot be written down")

    async def disk() -> None:
        if not gateway.smtp.disk_has_room:
            raise RuntimeError("too little room is left on the disk: no mail is taken")

    found: dict[str, Check] = {"database": database, "delivery": delivery, "disk": disk}
    if objects_of(engine) is not None:
        found["objects"] = Remembered(lambda: ownership.check(engine), objects_looked_at_every_s)
    if gateway.scanner is not None:
        found["antivirus"] = gateway.scanner.ping
    return found
