"""Kill the gateway with SIGKILL in the middle of load, again and again, and account for every message that got a 250.

    python tests/integration/kill_relay.py [--messages 2000] [--connections 20] [--kills 10] [--seed 1]

Prints how many messages were accepted, how many arrived, how often more than once, and what `relay audit` says; exits 1 when
something that got a 250 is missing (invariant 3, FAULT-96).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Sink
from support.smtp import SmtpClient
from support.world import PARTNER_ADDRESS

NUMBER = re.compile(rb"^Subject: Message (\d+)\r", re.MULTILINE)


@dataclass
class Load:
    """Messages on their way in. `accepted` are the numbers that got a 250; each is sent again until it does."""

    gateway: Gateway
    alias: str
    total: int
    next: int = 0
    accepted: set[int] = field(default_factory=set)
    broken: int = 0

    async def sender(self) -> None:
        while self.next < self.total:
            number = self.next
            self.next += 1
            await self.until_accepted(number)

    async def until_accepted(self, number: int) -> None:
        mail = a_mail(to=self.alias, subject=f"Message {number}", message_id=f"{number}@alpine-tours.example")
        while True:
            try:
                async with SmtpClient(self.gateway.smtp_port) as client:
                    await client.hello()
                    answer = await client.deliver(mail, self.alias, sender=f"<{PARTNER_ADDRESS}>")
                if answer.code == 250:
                    self.accepted.add(number)
                    return
                raise EOFError(answer.codes)
            except (OSError, EOFError, TimeoutError):
                # A client that got no answer does not know, and sends the same octets again (FAULT-52).
                self.broken += 1
                await asyncio.sleep(0.2)


async def run(messages: int, connections: int, kills: int, seed: int, directory: Path) -> dict[str, object]:
    chance = random.Random(seed)
    async with Sink() as sink:
        gateway = Gateway(directory, sink.port, changed={"log": {"level": "warning"}})
        await gateway.off_loop("start")
        try:
            alias = (await gateway.off_loop("open_conversation", "KILL"))["customer_alias"]
            load = Load(gateway, alias, messages)
            senders = [asyncio.create_task(load.sender()) for _ in range(connections)]
            restarts: list[float] = []
            for kill in range(kills):
                goal = messages * (kill + chance.random()) / kills
                while len(load.accepted) < goal and not all(one.done() for one in senders):
                    await asyncio.sleep(0.02)
                gateway.kill()
                began = time.monotonic()
                await gateway.off_loop("start")
                restarts.append(time.monotonic() - began)
            await asyncio.gather(*senders)
            arrived = await settled(gateway, sink, load.accepted)
            audit = await gateway.off_loop("command", "audit", expect=None)
            code = await gateway.off_loop("stop")
        finally:
            gateway.close()
    return {
        "accepted": len(load.accepted),
        "arrived": len(arrived),
        "missing": sorted(load.accepted - set(arrived)),
        "twice": sum(1 for count in arrived.values() if count > 1),
        "attempts without an answer": load.broken,
        "kills": kills,
        "slowest restart, s": round(max(restarts), 1),
        "audit": "whole" if audit.returncode == 0 else audit.stdout + audit.stderr,
        "exit": code,
    }


async def settled(gateway: Gateway, sink: Sink, accepted: set[int]) -> Counter[int]:
    """How often each message arrived, once nothing is under way any more."""
    for _ in range(240):
        arrived = Counter(int(found[1]) for one in sink.received if (found := NUMBER.search(one.content)))
        if accepted <= set(arrived) and not await gateway.off_loop("json", "queue", "list"):
            return arrived
        await asyncio.sleep(0.5)
    return Counter(int(found[1]) for one in sink.received if (found := NUMBER.search(one.content)))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("messages", 2000), ("connections", 20), ("kills", 10), ("seed", 1)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = asyncio.run(run(given.messages, given.connections, given.kills, given.seed, Path(directory)))
    for name, value in result.items():
        print(f"{name:28} {value}")
    return 1 if result["missing"] or result["exit"] or result["audit"] != "whole" else 0


if __name__ == "__main__":
    sys.exit(main())
