"""What sending needs of others: a table of deliveries, somebody who writes notices, and somebody who looks up names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from relay.lookup import Answer, Asking, Lookup, Query
from relay.transit.bounce import Untold
from relay.transit.delivery import Cause, Delivery, Outcome

T = TypeVar("T")


class Outbox(Protocol):
    """The table of deliveries. Every method raises Unavailable when the database is in trouble; the courier asks again later."""

    async def claim(self, count_max: int) -> Sequence[Delivery]:
        """At most `count_max` due deliveries, oldest first, that nobody holds, now held by this worker under a lease.

        `attempts` counts the one about to begin. Claims whose lease ran out, because their worker died, are due again.
        """
        ...

    async def record(
        self,
        delivery: Delivery,
        outcome: Outcome,
        next_due_at: datetime | None,
        further: Sequence[Delivery],
        delay_told: bool,
        untold: str,
    ) -> None:
        """What an attempt came to, durable on return; ends the claim. Recording the same thing twice is harmless.

        `next_due_at` (UTC) is there for Deferred alone. `further` are notices, stored in the same transaction, due at once
        and held by nobody: the courier claims them. `delay_told`: it needs not be asked again whether the writer is to hear
        that it takes longer. `untold` is why nobody is told of the outcome; empty with a notice, and where there is nothing
        to tell. Calls that run at the same time may share a transaction.
        """
        ...

    async def next_due_at(self) -> datetime | None:
        """When the earliest delivery that nobody holds comes due (UTC); a held one counts when its lease runs out."""
        ...

    async def suspended(self) -> frozenset[str]:
        """The domains to which an operator lets nothing be sent, as A-labels in lower case; asked at each look at the table."""
        ...

    async def release(self, deliveries: Sequence[Delivery]) -> None:
        """Give these claims back, untried: due at once, the attempt not counted. Their contents may be left out.

        Others that this worker holds are under way and stay.
        """
        ...


class Notices(Protocol):
    """Who writes to the writer of a message when it does not arrive, or knows why nobody is to be told (GW-52, GW-53).

    Every method raises Unavailable when that cannot be found out now.
    """

    async def failure(self, delivery: Delivery, cause: Cause, now: datetime) -> Delivery | Untold:
        """The notice that `delivery` failed for good (GW-51)."""
        ...

    async def delay(self, delivery: Delivery, now: datetime) -> Delivery | Untold:
        """The notice that `delivery` takes longer and is still being tried (GW-50)."""
        ...


class Names(Protocol):
    """DNS, as relay.resolver asks it: trouble is an answer, never an exception."""

    async def ask(self, query: Query) -> Answer: ...
    async def answered(self, check: Asking[T], within_s: float) -> tuple[T, tuple[Lookup, ...]]:
        """What `check` returns, and all that it was told; what takes longer than `within_s` seconds is trouble."""
        ...
