"""What all sessions of one server share."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Protocol

from relay.inbound.admission import Admission
from relay.inbound.lane import Lane
from relay.inbound.limits import Limits
from relay.inbound.ports import Acceptor, Recipients
from relay.values import Clock, NewId

Network = IPv4Network | IPv6Network


class Guest(Protocol):
    """A connection, as the server sees it."""

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What reads and obeys the commands."""
        ...

    def retire(self) -> None:
        """End in good order: now when the client is idle, else after what is under way (FAULT-43)."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """The server's side of every session. `guests` and `accepting` are its memory of who is here and what is under way."""

    hostname: str
    limits: Limits
    recipients: Recipients
    acceptor: Acceptor
    clock: Clock
    new_id: NewId
    admission: Admission
    lane: Lane
    tls: Callable[[], ssl.SSLContext] | None = None
    """What the next handshake is made with; None where TLS is not offered."""
    spool_directory: Path | None = None
    balancers: Sequence[Network] = ()
    """From these addresses each connection begins with a PROXY header (FAULT-42)."""
    behind_front: bool = False
    """Whoever connects by SMTP is a front MTA, and not who wrote (GW-13)."""
    guests: set[Guest] = field(default_factory=set, repr=False)
    accepting: set[asyncio.Task[object]] = field(default_factory=set, repr=False)
    """Messages being taken over; they outlive the connection they came by (FAULT-51)."""

    def announces(self, peer_ip: str) -> bool:
        """Whether `peer_ip` is a load balancer, which says first whose connection it passes on."""
        if not self.balancers or not peer_ip:
            return False
        peer = ip_address(peer_ip.partition("%")[0])
        return any(peer in network for network in self.balancers)
