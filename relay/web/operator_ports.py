"""What the operator's pages need of the rest of the house: how it fares, what is under way, who may use the API.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
Nothing of it holds the content of a mail, or an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from relay.transit.alarm import Alert
from relay.web.diagnosis import Examined
from relay.web.ports import Check
from relay.web.webhook_ports import Webhooks


class Doctor(Protocol):
    """Examines this installation."""

    @property
    def last(self) -> Examined | None:
        """The last examination that this process made."""
        ...

    async def examine(self) -> Examined:
        """Takes a minute at worst."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate in use. `fault` is why a newer one was not taken up; empty where nothing is wrong."""

    expires_at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Portion:
    """So much of the queue is in `state`, was accepted as long ago as `age` says, and goes to `destination`."""

    state: str
    age: str
    destination: str
    count: int


@dataclass(frozen=True, slots=True)
class Load:
    """What is under way, and what waits for a person: the shape of the queue."""

    due: int
    late: timedelta
    """How long the one that should have been tried first waits for that."""
    oldest: timedelta
    held: int
    parked: int
    in_doubt: int
    unposted: int
    untended: int
    workers: int
    portions: tuple[Portion, ...]


@dataclass(frozen=True, slots=True)
class Suspended:
    """A destination to which nothing is sent. `by` is a word, `because` for operators; no address in either."""

    domain: str
    since: datetime
    by: str
    because: str
    due: int
    """Deliveries that wait for it."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much is under way to one destination. `domain` is empty for all those to which so few go that it would tell whose."""

    domain: str
    due: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that failed for good. `untold` is why nobody was told of it; empty where somebody was."""

    id: str
    message: str | None
    carries: str
    accepted_at: datetime
    ended_at: datetime | None
    attempts: int
    cause: str | None
    last_code: int | None
    untold: str


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit, and how much it found that is not accounted for."""

    at: datetime
    findings: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that one look is to show. The failures are those of the last day."""

    load: Load
    failed: int
    untold: int
    alerts: tuple[Alert, ...]
    suspended: tuple[Suspended, ...]
    audited: Audited | None


class Span(Enum):
    """How far back somebody looks."""

    DAY = "day"
    """The last 24 hours, hour by hour."""
    MONTH = "month"
    """The last 30 days, day by day."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened from `at` on, for an hour or a day of UTC. Messages count once for each recipient."""

    at: datetime
    accepted: int = 0
    refused: int = 0
    held: int = 0
    delivered: int = 0
    deferred: int = 0
    bounced: int = 0
    """Failed at once, given up, or come back."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much went which way: the oldest stretch first, and why what was refused was."""

    stretches: tuple[Stretch, ...]
    refused_by: Mapping[str, int]


class Operation(Protocol):
    """How the gateway fares."""

    async def traffic(self, span: Span) -> Traffic:
        """From the tables; a look may be as old as a minute, or ten for a month."""
        ...

    async def overview(self) -> Overview: ...

    async def load(self) -> Load: ...

    async def bound(self) -> Sequence[Bound]:
        """Where what is under way goes, the most first; few destinations."""
        ...

    async def dead_letters(self, limit: int, after: str | None, *, untold: bool) -> Sequence[DeadLetter]:
        """The newest first, those before `after`; `untold`: only those of which nobody could be told."""
        ...

    async def alerts(self, limit: int, before: int | None) -> Sequence[Alert]:
        """The newest first, those before the number `before`."""
        ...

    async def suspended(self) -> Sequence[Suspended]: ...

    async def suspend(self, domain: str, by: str, because: str) -> None:
        """Nothing is sent there until it is resumed; what is due waits. Raises NotDone for what is no domain, and Conflict where
        it is suspended already."""
        ...

    async def resume(self, domain: str, by: str) -> int:
        """What waited is due at once; how much. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token of the API, without its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Tokens(Protocol):
    """Who may use the API."""

    async def all(self) -> Sequence[ShownToken]:
        """Revoked ones too, the newest first."""
        ...

    async def create(self, name: str, scopes: Sequence[str], by: str) -> tuple[ShownToken, str]:
        """With its secret, this once. Raises NotDone for a name that cannot be one, and without scopes."""
        ...

    async def revoke(self, id_: str, by: str) -> None:
        """Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """Somebody of the house, without their address."""

    id: str
    name: str
    offices: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None


class Accounts(Protocol):
    """Who of the house may sign in. Those of one id raise NotFound."""

    async def all(self) -> Sequence[ShownAccount]: ...

    async def disable(self, id_: str, by: str) -> None:
        """Whoever is signed in with it is signed out."""
        ...

    async def enable(self, id_: str, by: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One key of the configuration as it counts. `value` is in TOML; None where nothing is set, or where it is a secret.

    `origin`: environment, file or default.
    """

    section: str
    key: str
    value: str | None
    origin: str
    is_secret: bool
    is_set: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class OperatorPorts:
    """What the operator's pages are given beside what all pages share."""

    operation: Operation
    doctor: Doctor
    tokens: Tokens
    accounts: Accounts
    webhooks: Webhooks | None = None
    """None where the gateway is used alone."""
    settings: Sequence[ShownSetting] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Callable[[], Sequence[str]] = tuple
    certificate: Callable[[], Certificate | None] = lambda: None
