"""Looking at a part over the network: one look at a time, remembered for some seconds (faults.md 4.5)."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from relay.app.readiness import Remembered
from relay.errors import Unavailable

EVERY_S = 15.0


@dataclass
class Part:
    """A part over the network, and a clock. `ill`: it does not answer; `answers`: cleared while it lets everybody wait."""

    now: float = 100.0
    ill: bool = False
    looks: int = 0
    answers: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    def look(self) -> None:
        self.looks += 1
        assert self.answers.wait(30)
        if self.ill:
            raise Unavailable("object store: gone")

    def remembered(self) -> Remembered:
        return Remembered(self.look, EVERY_S, lambda: self.now)


async def test_what_was_found_holds_for_some_seconds() -> None:
    part = Part()
    check = part.remembered()
    for _ in range(100):
        await check()
    part.now += EVERY_S - 1
    await check()
    assert part.looks == 1
    part.now += 1
    await check()
    assert part.looks == 2


async def test_that_it_does_not_work_holds_no_longer() -> None:
    """Recovery without a restart."""
    part = Part(ill=True)
    check = part.remembered()
    for _ in range(3):
        with pytest.raises(Unavailable, match="gone"):
            await check()
    assert part.looks == 1
    part.ill = False
    part.now += EVERY_S
    await check()


async def test_however_many_ask_one_look_is_under_way_and_who_gives_up_leaves_it_to_the_next() -> None:
    part = Part()
    part.answers.clear()
    check = part.remembered()
    first = asyncio.ensure_future(check())
    others = [asyncio.ensure_future(check()) for _ in range(20)]
    await asyncio.sleep(0)
    first.cancel()
    part.now += 10 * EVERY_S
    late = asyncio.ensure_future(check())
    await asyncio.sleep(0)
    part.answers.set()
    await asyncio.gather(*others, late)
    assert part.looks == 1
    assert first.cancelled()
