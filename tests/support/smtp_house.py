"""An SMTP server of ours in the test's own event loop, with recipients from a table and an acceptor that remembers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import count
from pathlib import Path

from relay.inbound.limits import Limits
from relay.inbound.listening import bound
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Distrusted, Incoming, NotOurs, Recipient, UnknownAlias
from relay.inbound.server import SmtpServer
from relay.policy.reply import Reply
from relay.values import Alias
from support.patience import patience_s
from support.smtp import SmtpClient

REPLY_DOMAIN = "reply.example"
CUSTOMER = Alias("customer-12ab3456cd78", REPLY_DOMAIN)
PARTNER = Alias("local-partner-1a2b3c4d5678", REPLY_DOMAIN)
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ACCEPTED = Reply(250, "2.6.0", "Accepted")
QUICK = Limits(tarpit_s_min=0, tarpit_s_max=0, linger_s=0.05)


class TableOfRecipients:
    """Two aliases, the addresses of the house, one return path that is right and one that is forged."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.trouble: Exception | None = None
        self.delay_s = 0.0
        self.more: dict[str, Recipient] = {}

    async def look_up(self, local: str, domain: str) -> Recipient:
        self.asked.append((local, domain))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.trouble is not None:
            raise self.trouble
        if domain not in {"", REPLY_DOMAIN}:
            return NotOurs()
        known: dict[str, Recipient] = {
            CUSTOMER.local: AtAlias(CUSTOMER),
            PARTNER.local: AtAlias(PARTNER),
            "postmaster": AtRole("postmaster"),
            "abuse": AtRole("abuse"),
            "bounce-1-2-3": AtReturnPath("bounce-1-2-3"),
            "bounce-forged": Distrusted(),
        }
        return (known | self.more).get(local, UnknownAlias())


@dataclass
class RecordingAcceptor:
    """Takes everything over, unless told otherwise. `gate`, when clear, keeps it waiting."""

    taken: list[Incoming] = field(default_factory=list)
    begun: int = 0
    reply: Reply = ACCEPTED
    trouble: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def take(self, incoming: Incoming) -> Reply:
        self.begun += 1
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        self.taken.append(incoming)
        return self.reply


@dataclass
class House:
    """The running server with what stands behind it."""

    server: SmtpServer
    recipients: TableOfRecipients
    acceptor: RecordingAcceptor
    lmtp_port: int = 0

    @property
    def port(self) -> int:
        return self.server.addresses[0][1]

    def client(self, *, greeted: bool = True, source: str = "") -> SmtpClient:
        return SmtpClient(self.port, greeted=greeted, source=source)

    def front_mta(self) -> SmtpClient:
        """Who speaks LMTP here."""
        return SmtpClient(self.lmtp_port)

    async def until_taken(self, messages: int) -> None:
        """Wait until so many messages were taken over."""
        async with asyncio.timeout(patience_s):
            while len(self.acceptor.taken) < messages:
                await asyncio.sleep(0.001)

    async def until_begun(self, messages: int) -> None:
        """Wait until the taking over of so many messages has begun."""
        async with asyncio.timeout(patience_s):
            while self.acceptor.begun < messages:
                await asyncio.sleep(0.001)

    async def until_in_flight(self, octets: int) -> None:
        """Wait until so many octets of messages are held."""
        async with asyncio.timeout(patience_s):
            while self.server.in_flight_octets != octets:
                await asyncio.sleep(0.001)

    async def until_connections(self, open_now: int) -> None:
        async with asyncio.timeout(patience_s):
            while self.server.connections != open_now:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def smtp_house(
    limits: Limits = QUICK,
    tls: ssl.SSLContext | None = None,
    spool_directory: Path | None = None,
    free_octets: Callable[[], int] | None = None,
    balancers: Sequence[str] = (),
    behind_front: bool = False,
    sockets: Sequence[socket.socket] = (),
) -> AsyncIterator[House]:
    """A server on ports of 127.0.0.1 that the kernel chose, for SMTP and for LMTP; for SMTP on `sockets` instead where there are
    any. Ids are counted: id-000001, id-000002, …"""
    ids = count(1)
    recipients, acceptor = TableOfRecipients(), RecordingAcceptor()
    server = SmtpServer(
        recipients,
        acceptor,
        hostname="mx.reply.example",
        clock=lambda: NOW,
        new_id=lambda: f"id-{next(ids):06d}",
        limits=limits,
        tls=None if tls is None else lambda: tls,
        spool_directory=spool_directory,
        free_octets=free_octets,
        balancers=[ip_network(one) for one in balancers],
        behind_front=behind_front,
    )
    await server.start(() if sockets else ["127.0.0.1:0"], sockets=sockets, lmtp=bound("127.0.0.1:0", "smtp.lmtp_listen"))
    try:
        yield House(server, recipients, acceptor, server.addresses[1][1])
    finally:
        acceptor.gate.set()
        await server.close()
