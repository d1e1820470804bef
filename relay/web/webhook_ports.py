"""What the HTTP side needs of outgoing webhooks: where events go, and what became of each.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Sending(Enum):
    """How one event stands at one endpoint."""

    DUE = "due"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up after the last attempt."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go. `events` are names of acts that make events; empty for all."""

    id: str
    url: str
    events: tuple[str, ...]
    is_enabled: bool
    created_at: datetime
    rotated_until: datetime | None
    """Until when the secret before the present one signs too."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt. `code` is the receiver's HTTP status, `trouble` what went wrong without one."""

    at: datetime
    code: int | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One event on its way to one endpoint. `event` is its id, the same in each attempt and at each endpoint."""

    id: str
    event: str
    type: str
    reference: str
    at: datetime
    state: Sending
    next_at: datetime | None
    tries: tuple[Try, ...]


class Webhooks(Protocol):
    """Outgoing webhooks (Standard Webhooks). All of one endpoint raise NotFound."""

    async def add(self, url: str, events: Sequence[str], by: str) -> tuple[Endpoint, str]:
        """With its secret, this once. Raises NotDone for a URL to which nothing is sent."""
        ...

    async def all(self) -> Sequence[Endpoint]: ...

    async def one(self, id_: str) -> Endpoint: ...

    async def change(self, id_: str, events: Sequence[str] | None, is_enabled: bool | None, by: str) -> Endpoint: ...

    async def remove(self, id_: str, by: str) -> None: ...

    async def rotate(self, id_: str, by: str) -> tuple[Endpoint, str]:
        """A new secret, this once; the old one signs too for a while."""
        ...

    async def log(self, id_: str, state: Sending | None, limit: int, after: str | None) -> Sequence[Sent]:
        """The newest first, those before `after`."""
        ...

    async def redeliver(self, id_: str, sent: str, by: str) -> Sent:
        """Once more, at once, whatever became of it."""
        ...
