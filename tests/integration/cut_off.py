"""Two nodes, each in a network namespace of its own, on one PostgreSQL: one is killed, then cut off from it, under load.

    python tests/integration/cut_off.py            as root; it makes its namespaces and takes them down

    hub    the database (10.77.1.1 and 10.77.2.1), the sink and the senders (10.77.11.1 and 10.77.12.1)
    node n 10.77.n.2 towards the database, 10.77.1n.2 towards everybody else

Each time the other node has to deliver everything, what the lost one had claimed included; and in the end everything is accounted
for as by kill_relay.py (design.md section 3, invariants 3, 4, 8, FAULT-98).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.kill_relay import BUSY_S, Books, Load, concluded, prepared, settled
from support import postgresql
from support.gateway import Gateway, free_port
from support.sink import Sink, Step, reply

from relay.app.presence import entitled_s

HUB = f"relay-hub-{os.getppid()}"
NODES = (1, 2)
TAKEN_OVER_S = 75.0
"""A worker is taken for dead after 45 seconds without a sign; then there is what it left to be sent."""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def networks() -> Iterator[None]:
    """The hub and a namespace for each node, with two cables to the hub. We are in the hub already."""
    ip("link", "set", "lo", "up")
    made: list[str] = []
    try:
        for node in NODES:
            space = name_of(node)
            ip("netns", "add", space)
            made.append(space)
            for cable, net in ((f"db{node}", f"10.77.{node}"), (f"mail{node}", f"10.77.1{node}")):
                ip("link", "add", cable, "type", "veth", "peer", "name", cable, "netns", space)
                ip("address", "add", f"{net}.1/24", "dev", cable)
                ip("link", "set", cable, "up")
                ip("-n", space, "address", "add", f"{net}.2/24", "dev", cable)
                ip("-n", space, "link", "set", cable, "up")
            ip("-n", space, "link", "set", "lo", "up")
        yield
    finally:
        for space in made:
            ip("netns", "delete", space)


def name_of(node: int) -> str:
    return f"{HUB}-{node}"


def gateway(node: int, directory: Path, sink_port: int) -> Gateway:
    return Gateway(
        directory / f"node{node}",
        sink_port,
        changed={
            "log": {"level": "warning"},
            "database": {"url": f"postgresql+psycopg://relay@10.77.{node}.1/test_1"},
            "smtp": {"connections_max": 200},
        },
        host=f"10.77.1{node}.2",
        sink_host=f"10.77.1{node}.1",
        smtp_port=free_port(),
        web_port=free_port(),
        within=("ip", "netns", "exec", name_of(node)),
    )


async def more(books: Books, messages: int, within_s: float = 180) -> None:
    """Return when so many more were accepted. Raises TimeoutError."""
    goal = len(books.accepted) + messages
    async with asyncio.timeout(within_s):
        while len(books.accepted) < goal:
            await asyncio.sleep(0.05)


async def all_delivered(books: Books, before: set[int], what: str) -> None:
    """Return when every message of `before` has had its outcome. Raises TimeoutError when the other node does not see to it."""

    def left() -> int:
        return sum(not (books.arrivals[one] or books.notices[one]) for one in before)

    began, under_way = time.monotonic(), left()
    async with asyncio.timeout(TAKEN_OVER_S):
        while left():
            await asyncio.sleep(0.2)
    print(f"{what}: {len(before)} accepted, {under_way} of them under way, all delivered after {time.monotonic() - began:.0f} s")


async def run(messages: int, directory: Path) -> int:
    books = Books()
    async with Sink(host="0.0.0.0", on_received=books.took) as sink:
        books.ended = sink.ended
        sink.always(Step.MAIL, reply("250 2.1.0 in a moment", delay_s=0.5))  # so that there is always something under way
        sink.always(Step.RCPT, reply("550 5.1.1 nobody of that name"), recipient="gone")
        one, other = nodes = [gateway(node, directory, sink.port) for node in NODES]
        try:
            load = Load(nodes, await prepared(nodes, "postgresql"), books, random.Random(1))
            senders = [asyncio.create_task(load.sender()) for _ in range(6)]
            await more(books, messages)

            books.kills.append(time.monotonic())
            one.kill()
            await all_delivered(books, set(books.accepted), "node 1 killed")
            await more(books, messages)
            await one.off_loop("start")
            await more(books, messages)

            books.blind.append((time.monotonic() - BUSY_S, time.monotonic() + entitled_s + BUSY_S))
            ip("link", "set", "db1", "down")
            at_the_cut = set(books.accepted)
            await all_delivered(books, at_the_cut, "node 1 cut off from the database")
            await more(books, messages)
            ip("link", "set", "db1", "up")
            await more(books, messages)
            assert one.process is not None
            assert one.process.poll() is None, "the node that was cut off ended"
            load.stopped = True
            await asyncio.gather(*senders)
            await settled(other, books)
            audit = await other.off_loop("command", "audit", expect=None)
            codes = [await node.off_loop("stop") for node in nodes]
        finally:
            for node in nodes:
                node.close()
    return concluded(books, audit, codes)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=150, help="accepted in each of the stages")
    arguments.add_argument("--in-hub", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if not given.in_hub:
        hub = f"relay-hub-{os.getpid()}"
        ip("netns", "add", hub)
        try:
            here = ["ip", "netns", "exec", hub, sys.executable, __file__, "--in-hub", "--messages", str(given.messages)]
            return subprocess.run(here, check=False).returncode
        finally:
            ip("netns", "delete", hub)
    with networks(), tempfile.TemporaryDirectory() as directory, postgresql.running(listen="*") as server:
        server.empty()
        return asyncio.run(run(given.messages, Path(directory)))


if __name__ == "__main__":
    sys.exit(main())
