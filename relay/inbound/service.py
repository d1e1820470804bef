"""What all sessions of one server share."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from relay.inbound.admission import Admission
from relay.inbound.lane import Lane
from relay.inbound.limits import Limits
from relay.inbound.ports import Acceptor, Recipients
from relay.inbound.replies import Reply
from relay.values import Clock, NewId


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
    tls: ssl.SSLContext | None = None
    spool_directory: Path | None = None
    guests: set[Guest] = field(default_factory=set, repr=False)
    accepting: set[asyncio.Task[Reply]] = field(default_factory=set, repr=False)
    """Messages being taken over; they outlive the connection they came by (FAULT-51)."""
