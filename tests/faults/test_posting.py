"""SIGKILL at steps of posting mail about a booking, and a database that goes away in the midst of it (invariants 4, 8 and 9)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support import postgresql
from support.accounts import books, copies, findings, holds, hurry
from support.archive import World
from support.bookkeeping import ZOFIA
from support.catalogue import GARDA
from support.front_desk import front_desk_of_today
from support.nursery import Fault, Nursery, Nursling
from support.postgresql import Server
from support.sink import Sink

from relay.store.engine import reading
from relay.store.tally import End, tally_of_mail

pytestmark = pytest.mark.slow

PARTNER = GARDA.addresses[0].reveal()
CUSTOMER = ZOFIA.address.reveal() if ZOFIA.address is not None else ""


@dataclass(frozen=True)
class Point:
    """Where the process dies. `twice`: a receiver may have a mail by then, and nobody remembers."""

    at: str
    when: str = "before"
    twice: bool = False

    def __str__(self) -> str:
        return f"{self.when} {self.at.partition(':')[2]}"


POSTING = (
    Point("relay.desk.posting_matter:BookingLetters.letter", "after"),
    Point("relay.store.posting:post"),
    Point("relay.store.posting:add_deliveries", "after"),
    Point("relay.store.posting:post", "after"),
    Point("relay.desk.posting_matter:_keep_links", "after"),  # before the commit
    Point("relay.store.committer:Committer._count"),  # after it, and nobody knows yet
    Point("relay.app.posting:Posting._posted", "after"),
    Point("relay.outbound.connection:Connection._content", "after", twice=True),  # the dot is out
    Point("relay.store.outbox:record", twice=True),
    Point("relay.app.archive:Archive.record", "after", twice=True),  # of the one; its receiver may have the other
)


def a_step(engine: Engine) -> None:
    """Somebody asks for a place: the partner hears of it, and the customer that it came."""
    front_desk_of_today(World(engine)).begin()


def all_delivered(engine: Engine) -> bool:
    hurry(engine)
    with reading(engine) as connection:
        return tally_of_mail(connection) == {End.DELIVERED: 2}


def arrived(sink: Sink) -> dict[str, Counter[str]]:
    return {to: copies(sink, to) for to in (PARTNER, CUSTOMER)}


@pytest.mark.parametrize("point", POSTING, ids=str)
async def test_what_a_step_has_to_tell_arrives_whenever_the_process_dies(nursling: Nursling, sink: Sink, point: Point) -> None:
    """FAULT-96, invariants 8 and 9"""
    nursling.faults = (Fault(point.at, "kill", point.when),)
    await nursling.off_loop("start")
    with books(nursling.directory) as engine:
        nursling.arm()
        a_step(engine)
        process = nursling.process
        assert process is not None
        await holds(lambda: process.poll() is not None)
        assert process.poll() == -9
        nursling.process, nursling.faults = None, ()
        await nursling.off_loop("start")
        await holds(lambda: all_delivered(engine))
        for each in arrived(sink).values():
            [times] = each.values()
            assert times in ({1, 2} if point.twice else {1})
        assert findings(engine) == ()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that may be stopped."""
    with postgresql.running() as one:
        yield one


async def test_a_database_that_goes_away_in_the_midst_of_posting_loses_and_doubles_nothing(
    tmp_path: Path, sink: Sink, nursery: Nursery, server: Server
) -> None:
    """FAULT-98, invariant 9"""
    url = server.migrated
    gateway = Nursling(tmp_path, sink.port, changed={"database": {"url": url}}, nursery=nursery)
    gateway.faults = (Fault("relay.store.posting:post", "slow 3", times=2),)
    await gateway.off_loop("start")
    try:
        gateway.arm()
        with books(url) as engine:
            a_step(engine)
        await asyncio.sleep(0)  # it may be in the midst of it, before it or behind it: nothing is told of any
        await asyncio.to_thread(server.control, "stop", "-m", "immediate")
        await asyncio.to_thread(server.control, "start")
        await holds(gateway.is_ready)
        with books(url) as engine:
            await holds(lambda: all_delivered(engine))
            assert findings(engine) == ()
        assert [list(each.values()) for each in arrived(sink).values()] == [[1], [1]]
        assert await gateway.off_loop("stop") == 0
    finally:
        gateway.close()
