"""Kill gateways with SIGKILL in the middle of load, again and again, and account for every message that got a 250.

    python tests/integration/kill_relay.py --kills 1000                               one node with two workers, SQLite
    python tests/integration/kill_relay.py --kills 300 --nodes 2 --postgresql         two nodes on one PostgreSQL

Most kills hit one worker, every fifth a whole node. Some messages are for mailboxes that do not exist, and some are refused: each
of those has to become exactly one notice. A message may arrive twice only when the answer to its final dot was lost: the same
octets, in a session that a kill ended (invariants 3, 4, 8, FAULT-96). Prints the count of each; exits 1 when one is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import email
import email.policy
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support import postgresql
from support.gateway import Gateway
from support.mails import a_mail
from support.sink import Received, Sink, Step, reply
from support.smtp import SmtpClient

NUMBER = re.compile(r"Message (\d+)")
MESSAGES_A_CONVERSATION = 8
"""Fewer than the notices that one writer gets about one conversation in a day (GW-52)."""
WHOLE_NODE_EVERY = 5
BUSY_S = 2.0
"""We may note by so much later when a message came, or a session ended, than it did."""


@dataclass(frozen=True)
class Copy:
    """One arrival of a message: when, by the monotonic clock, in which session of the sink, and its octets."""

    at: float
    session: int
    content: bytes


class Kind(Enum):
    """What is to become of a message."""

    READ = "delivered"
    GONE = "no such mailbox, so a notice"
    REFUSED = "two customers in To, so a notice"


SHARES = {Kind.READ: 8, Kind.GONE: 1, Kind.REFUSED: 1}


@dataclass(frozen=True)
class Sent:
    """A message that got a 250."""

    kind: Kind
    writer: str
    doubtful: bool
    """It was sent more than once, because an answer was lost."""


@dataclass
class Books:
    """What went in, what came out, and when somebody was killed."""

    accepted: dict[int, Sent] = field(default_factory=dict)
    answered_no: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    arrivals: dict[int, list[Copy]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[int, float] = field(default_factory=dict)
    """When each session of the sink that is over ended."""
    notices: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    kills: list[float] = field(default_factory=list)
    blind: list[tuple[float, float]] = field(default_factory=list)
    """While a node was sending and could not write down what became of it."""
    nodes_killed: int = 0
    slowest_start_s: float = 0.0

    def took(self, received: Received) -> None:
        """The sink got a message: a rendition for a customer, or a notice for a writer."""
        head = email.message_from_bytes(received.content, policy=email.policy.default)
        found = NUMBER.search(str(head["Subject"]))
        if found is None:
            return
        number = int(found[1])
        if received.recipients[0].startswith("writer"):
            self.notices[number][str(head["Message-ID"])] += 1
        else:
            self.arrivals[number].append(Copy(time.monotonic(), received.session, received.content))

    @property
    def done(self) -> bool:
        """Everything that got a 250 has had its outcome."""
        return all(self.arrivals[one] if sent.kind is Kind.READ else self.notices[one] for one, sent in self.accepted.items())

    def _answers_were_lost(self, copies: Sequence[Copy]) -> bool:
        """Whether each copy but the last came in a session that a kill had ended before the next copy came."""
        return all(
            self.ended.get(copy.session, inf) <= later.at + BUSY_S
            and any(copy.at - BUSY_S <= kill <= later.at for kill in self.kills)
            for copy, later in pairwise(copies)
        )

    def account(self) -> tuple[dict[str, object], list[str]]:
        """The figures, and what is wrong."""
        wanted = {one for one, sent in self.accepted.items() if sent.kind is Kind.READ}
        owed = set(self.accepted) - wanted
        lost = sorted(one for one in wanted if not self.arrivals[one])
        untold = sorted(one for one in owed if not self.notices[one])
        too_many = sorted(one for one, ids in self.notices.items() if len(ids) > (one not in wanted))
        twice = [one for one, copies in self.arrivals.items() if len(copies) > 1]
        other_octets = [one for one in twice if len({copy.content for copy in self.arrivals[one]}) > 1]
        unrecorded = [one for one in twice if any(begun <= self.arrivals[one][0].at <= end for begun, end in self.blind)]
        unexplained = [one for one in twice if one not in unrecorded and not self._answers_were_lost(self.arrivals[one])]
        wrong = {
            "lost": lost,
            "writers who were not told": untold,
            "notices too many": too_many,
            "copies with other octets": other_octets,
            "copies without a lost answer": unexplained,
        }
        figures: dict[str, object] = {
            "kills": len(self.kills),
            "of them whole nodes": self.nodes_killed,
            "accepted": len(self.accepted),
            **{f"  {kind.value}": sum(sent.kind is kind for sent in self.accepted.values()) for kind in Kind},
            "sent again by their sender, answer lost": sum(sent.doubtful for sent in self.accepted.values()),
            "sessions that broke": self.broken,
            "arrived twice, answer to the dot lost": len(twice) - len(unrecorded) - len(unexplained),
            "arrived twice, answer could not be recorded": len(unrecorded),
            "notices that arrived twice, same Message-ID": sum(max(ids.values()) > 1 for ids in self.notices.values() if ids),
            "slowest start of a node, s": round(self.slowest_start_s, 1),
            **{name: len(those) for name, those in wrong.items()},
        }
        return figures, [f"{name}: {', '.join(map(self._described, those[:20]))}" for name, those in wrong.items() if those]

    def _described(self, number: int) -> str:
        sent, copies = self.accepted.get(number), self.arrivals[number]
        became = f"{sent.kind.value}{', sent again' if sent.doubtful else ''}" if sent is not None else "never accepted"
        return f"message {number} ({became}; {len(copies)} copies, {len(self.notices[number])} notices)"


@dataclass
class Load:
    """Messages on their way in, over and over, until it is stopped; each is sent again until it is answered."""

    nodes: Sequence[Gateway]
    token: str
    books: Books
    chance: random.Random
    stopped: bool = False
    _next: int = 0
    _conversations: int = 0

    async def sender(self) -> None:
        """One client: opens a conversation, writes into it, opens the next."""
        async with httpx.AsyncClient(timeout=20) as client:
            while not self.stopped:
                kind = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
                opened = [await self._opened(client, kind) for _ in range(2 if kind is Kind.REFUSED else 1)]
                for _ in range(MESSAGES_A_CONVERSATION):
                    if not self.stopped:
                        await self._until_answered(kind, *opened)

    async def _opened(self, client: httpx.AsyncClient, kind: Kind) -> dict[str, str]:
        """A new conversation by the API, asked for until it is there. Each has people of its own."""
        self._conversations += 1
        number = self._conversations
        customer = f"{'gone' if kind is Kind.GONE else 'reader'}{number}@poczta.example"
        asked = {
            "reference": f"KILL-{number}",
            "partner": {"addresses": [f"writer{number}@alpine-tours.example"], "name": "Marco Bellini"},
            "customer": {"addresses": [customer], "name": "Zofia Kowalska"},
            "activity_end": "2099-06-10T18:00:00+00:00",
        }
        while True:
            with contextlib.suppress(httpx.HTTPError):
                node = self.chance.choice(self.nodes)
                answer = await client.post(
                    f"http://{node.host}:{node.web_port}/api/v1/conversations",
                    json=asked,
                    headers={"Authorization": f"Bearer {self.token}"},
                )
                if answer.status_code in (200, 201):
                    shown: dict[str, str] = answer.json()
                    return {"alias": shown["customer_alias"], "writer": f"writer{number}@alpine-tours.example"}
                assert answer.status_code >= 500, answer.text
            await asyncio.sleep(0.1)

    async def _until_answered(self, kind: Kind, to: dict[str, str], other: dict[str, str] | None = None) -> None:
        number, self._next = self._next, self._next + 1
        aliases = ", ".join(one["alias"] for one in (to, other) if one)
        mail = a_mail(sender=to["writer"], to=aliases, subject=f"Message {number}", message_id=f"{number}@alpine-tours.example")
        doubtful = False
        while True:
            data = False
            try:
                node = self.chance.choice(self.nodes)
                async with SmtpClient(node.smtp_port, node.host) as client:
                    await client.hello()
                    data = True
                    answer = await client.deliver(mail, to["alias"], sender=f"<{to['writer']}>")
                if answer.code == 250:
                    self.books.accepted[number] = Sent(kind, to["writer"], doubtful)
                    return
                if answer.code >= 500:
                    self.books.answered_no[number] += 1
                    return
            except (OSError, EOFError, TimeoutError):
                # A client that got no answer does not know, and sends the same octets again (FAULT-52).
                self.books.broken += 1
                doubtful |= data
            await asyncio.sleep(0.1)


def workers_of(node: Gateway) -> list[int]:
    """The processes that its parent has started."""
    assert node.process is not None
    found = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children").read_text()
    return [int(pid) for pid in found.split()]


async def killed(node: Gateway, books: Books, chance: random.Random) -> None:
    """A worker that its parent replaces, or everything, which is then started again."""
    workers = workers_of(node)
    if workers and len(books.kills) % WHOLE_NODE_EVERY:
        books.kills.append(time.monotonic())
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
        return
    assert node.process is not None
    for pid in (node.process.pid, *workers):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    books.kills.append(time.monotonic())
    books.nodes_killed += 1
    await node.off_loop("kill")
    began = time.monotonic()
    await node.off_loop("start")
    books.slowest_start_s = max(books.slowest_start_s, time.monotonic() - began)


async def run(given: argparse.Namespace, directory: Path, database: str | None) -> int:
    chance, books = random.Random(given.seed), Books()
    async with Sink(on_received=books.took) as sink:
        books.ended = sink.ended
        sink.always(Step.RCPT, reply("550 5.1.1 nobody of that name"), recipient="gone")
        changed: dict[str, dict[str, object]] = {"log": {"level": "error"}, "smtp": {"connections_max": 200}}
        if database is not None:
            changed["database"] = {"url": database}
        nodes = [Gateway(directory / f"node{n}", sink.port, changed=changed, workers=given.workers) for n in range(given.nodes)]
        try:
            load = Load(nodes, await prepared(nodes, database), books, chance)
            senders = [asyncio.create_task(load.sender()) for _ in range(given.connections)]
            while len(books.kills) < given.kills:
                await under_load(books, chance.randrange(given.between), senders)
                await killed(chance.choice(nodes), books, chance)
                if len(books.kills) % 50 == 0:
                    print(f"{len(books.kills)} kills, {len(books.accepted)} accepted", file=sys.stderr, flush=True)
                sink.received.clear()
            load.stopped = True
            await asyncio.gather(*senders)
            await settled(nodes[0], books)
            audit = await nodes[0].off_loop("command", "audit", expect=None)
            codes = [await node.off_loop("stop") for node in nodes]
        finally:
            for node in nodes:
                node.close()
    return concluded(books, audit, codes)


def concluded(books: Books, audit: subprocess.CompletedProcess[str], codes: Sequence[int]) -> int:
    """Prints the figures and what is wrong, with the audit's answer and the nodes' exit codes; 1 when something is, else 0."""
    figures, wrong = books.account()
    if audit.returncode:
        wrong.append("relay audit: " + audit.stdout + audit.stderr)
    if any(codes):
        wrong.append(f"exit codes {codes}")
    for name, value in figures.items():
        print(f"{name:46} {value}")
    print(f"{'relay audit':46} {'whole' if audit.returncode == 0 else 'NOT WHOLE'}")
    print("\n".join(wrong))
    return 1 if wrong else 0


async def under_load(books: Books, messages: int, senders: list[asyncio.Task[None]]) -> None:
    """Return once so many more messages were accepted; at the latest in a while, for where nobody is left who could."""
    goal, patience = len(books.accepted) + messages, time.monotonic() + 20
    while len(books.accepted) < goal and time.monotonic() < patience:
        await asyncio.sleep(0.005)
        for one in senders:
            if one.done():
                one.result()


async def prepared(nodes: Sequence[Gateway], database: str | None) -> str:
    """Starts the nodes, all with the same keys; the API token."""
    first = nodes[0]
    first.write_config()
    if database is not None:
        await first.off_loop("command", "migrate")
    await first.off_loop("start")
    for node in nodes[1:]:
        var = node.directory / "var"
        var.mkdir(parents=True)
        for key in ("secret.key", "dkim.pem"):
            (var / key).write_bytes((first.directory / "var" / key).read_bytes())
            (var / key).chmod(0o600)
        await node.off_loop("start")
    words = ("token", "create", "--name", "load", "--scope", "conversations:write", "--scope", "conversations:read")
    made: dict[str, Any] = await first.off_loop("json", *words)
    return str(made["token"])


async def settled(node: Gateway, books: Books) -> None:
    """Return once nothing is under way any more, or nothing has happened for two minutes."""
    patience = time.monotonic() + 120
    while time.monotonic() < patience:
        if books.done and not await node.off_loop("json", "queue", "list"):
            return
        await asyncio.sleep(1)


@contextlib.contextmanager
def database(wanted: bool) -> Iterator[str | None]:
    """The URL of a PostgreSQL database of our own; None for the embedded default."""
    if not wanted:
        yield None
        return
    with postgresql.running() as server:
        yield server.empty()


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("kills", 100), ("nodes", 1), ("workers", 2), ("connections", 8), ("seed", 1)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--between", type=int, default=20, help="fewer messages than this are accepted between two kills")
    arguments.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    return arguments


def main() -> int:
    given = options().parse_args()
    with tempfile.TemporaryDirectory() as directory, database(given.postgresql) as url:
        return asyncio.run(run(given, Path(directory), url))


if __name__ == "__main__":
    sys.exit(main())
