"""A receiver 300 ms away: how much of the concurrency that is allowed carries messages (PERF-11).

    python bench/far_receiver.py [--messages 1000] [--destinations 50] [--away 0.3]

Every reply comes one round trip after what it answers. The share is the time in which sessions carried a message, of the time in
which as many sessions as are allowed could have. `mx`: each destination has a host of its own; `smarthost`: one takes it all, and
the bound for one destination counts.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / name) for name in ("tests", "")]

from support.deliveries import MemoryNotices, MemoryOutbox, Row, a_delivery

from relay import logs
from relay.outbound.connecting import Connector
from relay.outbound.courier import Courier
from relay.outbound.lanes import Limits
from relay.outbound.routes import DestinationKey, Host, Route, Smarthost, Tls
from relay.transit.delivery import Deferred, Delivered, Failed
from relay.values import RealAddress

CONTENT = b"Subject: x\r\n\r\n" + b"At ten, at the fountain.\r\n" * 380
REPLIES = {b"EHLO": b"250-far.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


@dataclass(frozen=True, slots=True)
class Share:
    """`of_limit`: from 0 to 1. `sessions`: opened."""

    of_limit: float
    per_s: float
    seconds: float
    sessions: int
    delivered: int


class Far(asyncio.Protocol):
    """Answers each command `away_s` after it came."""

    sessions = 0

    def __init__(self, away_s: float, taken: Callable[[], None]) -> None:
        self._away_s, self._taken = away_s, taken
        self._data = bytearray()
        self._in_content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        Far.sessions += 1
        self._transport = transport
        self._say(b"220 far.example\r\n")

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n.\r\n" if self._in_content else b"\r\n")) >= 0:
            verb = bytes(self._data[:4]).upper()
            del self._data[: end + (5 if self._in_content else 2)]
            if self._in_content:
                self._taken()
                self._in_content = False
                self._say(b"250 taken\r\n")
            else:
                self._in_content = verb == b"DATA"
                self._say(REPLIES.get(verb, b"250 ok\r\n"))

    def _say(self, reply: bytes) -> None:
        asyncio.get_running_loop().call_later(self._away_s, self._transport.write, reply)


@dataclass(frozen=True, slots=True)
class EachItsOwn:
    """A host for each destination, all of them at one port here."""

    host: Host

    def destination(self, recipient: RealAddress) -> DestinationKey:
        return DestinationKey(recipient.reveal().rpartition("@")[2])

    async def hosts(self, key: DestinationKey) -> tuple[Host, ...] | Deferred | Failed:  # noqa: ARG002  every destination is the one receiver
        return (self.host,)


async def measured(*, smarthost: bool, messages: int, destinations: int, away_s: float) -> Share:
    """One run of a courier with its usual limits."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    taken = 0

    def one_more() -> None:
        nonlocal taken
        taken += 1
        if taken == messages:
            done.set()

    Far.sessions = 0
    server = await loop.create_server(lambda: Far(away_s, one_more), "127.0.0.1", 0)
    host = Host("127.0.0.1", server.sockets[0].getsockname()[1], Tls.OFF)
    route: Route = Smarthost(host) if smarthost else EachItsOwn(host)
    limits = Limits()
    outbox = MemoryOutbox(lambda: datetime.now(UTC))  # noqa: TID251  a clock of the machine's, as the edges have it
    order = [f"guest@d{number % destinations}.example" for number in range(messages)]
    random.Random(11).shuffle(order)
    for number, recipient in enumerate(order):
        delivery = a_delivery(f"d{number}", recipient, CONTENT, accepted_at=datetime.now(UTC))  # noqa: TID251  as above
        outbox.rows[delivery.id] = Row(delivery, None, held=True)
    courier = Courier(
        outbox=outbox,
        notices=MemoryNotices(),
        route=route,
        opener=Connector("relay.example.com"),
        clock=lambda: datetime.now(UTC),  # noqa: TID251  as above
        monotonic=time.monotonic,
        jitter=random.random,
    )
    courier.start()
    began = loop.time()
    waiting = [row.delivery for row in outbox.rows.values()]
    for first in range(0, messages, 50):
        # All at once, most would be put off before the first session stands.
        courier.offer(waiting[first : first + 50])
        await asyncio.sleep(away_s / 5)
    await done.wait()
    seconds = loop.time() - began + away_s  # the last answer is on its way
    await courier.drain(10)
    server.close()
    allowed = limits.connections_per_destination_max if smarthost else limits.connections_max
    # Two round trips carry a message: the envelope in one write, and the content.
    busy = messages * 2 * away_s
    delivered = sum(any(isinstance(one, Delivered) for one in row.outcomes) for row in outbox.rows.values())
    return Share(busy / (allowed * seconds), messages / seconds, seconds, Far.sessions, delivered)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=1000)
    options.add_argument("--destinations", type=int, default=50)
    options.add_argument("--away", type=float, default=0.3, help="seconds")
    chosen = options.parse_args()
    logs.configure(level="error", json=False)
    for name, smarthost in (("mx", False), ("smarthost", True)):
        share = asyncio.run(
            measured(smarthost=smarthost, messages=chosen.messages, destinations=chosen.destinations, away_s=chosen.away)
        )
        print(
            f"{name:10} {share.of_limit:.2f} of the limit, {share.per_s:.0f} messages/s, {share.seconds:.1f} s,"
            f" {share.sessions} sessions, {share.delivered} delivered"
        )


if __name__ == "__main__":
    main()
