"""Group commit against a commit for every item, on a disk whose every commit takes 10 ms longer (PERF-4).

    python bench/slow_commit.py [--messages 400] [--sessions 20] [--slower 0.010]

So many sessions accept a message of 10 kB each and then the next; deliveries are recorded as they come. Nothing else is done
for a message, so the figures say what the committer gains and not what the gateway carries.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / name) for name in ("tests", "")]

from sqlalchemy import Connection, event
from support.archive import LEASE, WORKER, World
from support.world import NOW

from relay.store import schema
from relay.store.committer import Committer
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.crossing import Crossing
from relay.transit.delivery import Delivered

LINE = "At ten, at the fountain in front of the town hall, and bring shoes.\r\n"
TEXT = "".join(f"{number} {LINE}" for number in range(140))


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second."""

    grouped: float
    alone: float

    @property
    def ratio(self) -> float:
        return self.grouped / self.alone


def measured(*, messages: int, sessions: int, slower_s: float) -> Rates:
    """Both ways, each in a new database."""
    return Rates(
        asyncio.run(_rate(messages, sessions, slower_s, items_max=None)),
        # As many as take about the same time.
        asyncio.run(_rate(max(messages // 8, sessions), sessions, slower_s, items_max=1)),
    )


async def _rate(messages: int, sessions: int, slower_s: float, *, items_max: int | None) -> float:
    with tempfile.TemporaryDirectory() as directory:
        engine = open_engine(f"sqlite:///{directory}/relay.db")
        schema.migrate(engine)
        world = World(engine)
        conversation = world.opened()

        def slow(_: Connection) -> None:
            time.sleep(slower_s)

        event.listen(engine, "commit", slow)
        store = Store(engine)
        if items_max is not None:
            store.committer.close()
            store.committer = Committer(engine, items_max=items_max)
        waiting = deque(world.crossing(conversation, body=f"{number}\r\n{TEXT}") for number in range(messages))
        began = time.monotonic()
        await asyncio.gather(*(_session(store, waiting) for _ in range(sessions)))
        seconds = time.monotonic() - began
        await store.close()
    return messages / seconds


async def _session(store: Store, waiting: deque[Crossing]) -> None:
    """As sessions and the courier do it: who brought a message does not wait for its delivery."""
    async with asyncio.TaskGroup() as courier:
        while waiting:
            for delivery in await store.accept(waiting.popleft(), now=NOW, lease=LEASE, worker=WORKER):
                courier.create_task(store.record(delivery.id, Delivered(250, "taken"), now=NOW))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=400)
    options.add_argument("--sessions", type=int, default=20)
    options.add_argument("--slower", type=float, default=0.010, help="seconds")
    chosen = options.parse_args()
    rates = measured(messages=chosen.messages, sessions=chosen.sessions, slower_s=chosen.slower)
    print(f"{rates.grouped:.0f} messages/s in groups, {rates.alone:.0f} each alone: {rates.ratio:.1f} times")


if __name__ == "__main__":
    main()
