"""One lane per destination: what waits for it, who works on it, and whether it is left alone for a while.

Counting and deciding only: no I/O, no clock. Times are monotonic, in seconds, and handed in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from typing import Final

from relay.outbound.routes import DestinationKey
from relay.transit.delivery import Cause, Deferred, Delivered, Delivery, Outcome

RESTS_S: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""How long a destination is left alone after the first failure in a row, the second, and so on; the last one repeats."""
NARROW_S: Final = 60.0
"""How long no more connections are tried than the destination was seen to grant."""
losses_max: Final = 3
"""Sessions lost in the middle, one after the other, before the destination counts as failing: one may be the message's fault."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a courier. A claim's lease must be longer than `held_s_max` and the longest attempt together."""

    connections_max: int = 50
    connections_per_destination_max: int = 20
    connections_per_destination_first: int = 20
    """As many at first; one more for each round of messages that it takes, half as many when it asks us to slow down."""
    connections_unanswered_max: int = 2
    """To one destination while no session with it stands: hosts that never answer leave connections to the others."""
    messages_per_connection_max: int = 500
    messages_per_turn_max: int = 20
    """Over one connection, while another destination waits for one."""
    opening_s: float = 1230
    """For finding a destination's hosts and a session with one of them, all of them together: as long as one may take."""
    opening_crowded_s: float = 60
    """The same while another destination waits for a connection: hosts that never answer have not all of them (FAULT-100)."""
    idle_s: float = 30
    """How long a connection stays open without a message."""
    deliveries_max: int = 1000
    """In memory, all together: waiting, under way, and not yet recorded. One destination has as much of it as is still free, so
    that there is room for the next one however many hang (FAULT-100)."""
    octets_max: int = 32 * 1024 * 1024
    """Their contents, shared out in the same way; one delivery is taken whatever its size, when there is no other."""
    unanswered_max: int = 500
    """Waiting for one destination with which no session stands: a dead one leaves room for the others (FAULT-100)."""
    returned_max: int = 10_000
    """Claims that wait to be given back, without their contents; what lies above waits for its lease to run out."""
    claim_max: int = 64
    """Deliveries claimed from the table at once."""
    held_s_max: float = 300
    """A delivery that waited in memory for longer goes back to the table."""
    suspended_every_s: float = 1
    """Between two questions which destinations an operator has suspended, however often the table is looked at."""
    poll_s_max: float = 30
    """Between two looks at the table; other workers' claims run out without telling us."""


class Place(Enum):
    """Where a delivery goes that is offered to a lane."""

    WAITING = "waiting"
    LATER = "later"
    """The destination does not answer: put off, untried."""
    BACK = "back"
    """There is no room: back to the table."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery and since when it waits in memory."""

    delivery: Delivery
    since: float


@dataclass(slots=True)
class Lane:
    """One destination. `carriers` work on it, each with a connection of its own; `idlers` are those of them without a message."""

    key: DestinationKey
    waiting: deque[Waiting] = field(default_factory=deque)
    idlers: deque[asyncio.Future[bool]] = field(default_factory=deque)
    """Set to True when there is something to do, to False when the connection is needed elsewhere."""
    held: int = 0
    """Its deliveries in memory: waiting, under way, and not yet recorded."""
    octets: int = 0
    """Their contents."""
    full_at: int = 0
    """So many it held when there was no room for one more; 0 once it holds half of them."""
    carriers: int = 0
    ready: int = 0
    """Carriers that were started or woken and have not yet taken a message."""
    sessions: int = 0
    failures: int = 0
    losses: int = 0
    rests_until: float = 0
    failed_at: float = -inf
    allowed: int = 20
    """Connections at once, as it has shown that it bears them."""
    allowed_max: int = 20
    taken: int = 0
    """Messages since `allowed` was last raised."""
    granted: int = 0
    narrow_until: float = 0
    trouble: str = ""
    """What it failed with, for those that are put off."""

    def place(self, now: float, limits: Limits, room: bool, insisted: bool = False) -> Place:
        """Where the next delivery for this destination goes. `room`: the courier can take it. `insisted`: see Delivery."""
        if self.rests(now) and not insisted:
            return Place.LATER
        if self.sessions == 0 and len(self.waiting) >= limits.unanswered_max:
            return Place.LATER
        return Place.WAITING if room else Place.BACK

    def rests(self, now: float) -> bool:
        """Whether it is left alone."""
        return now < self.rests_until

    def rest_s(self, now: float) -> float:
        """For how long still."""
        return max(0.0, self.rests_until - now)

    def carriers_wanted(self, now: float, limits: Limits) -> int:
        """How many more carriers there is work for. One alone tries a destination that failed before."""
        if self.failures:
            limit = 1
        elif self.sessions == 0:
            limit = limits.connections_unanswered_max
        else:
            limit = min(self.granted, self.allowed) if now < self.narrow_until else self.allowed
        limit = min(limit, limits.connections_per_destination_max)
        return max(0, min(limit - self.carriers, len(self.waiting) - self.ready))

    @property
    def overmanned(self) -> bool:
        """Whether more carriers work on it than it bears."""
        return self.carriers > self.allowed

    def takes_no_more_sessions(self, now: float) -> None:
        """It refused a session while others stand: as many as it granted will do for a while (FAULT-93)."""
        self.granted = self.sessions
        self.narrow_until = now + NARROW_S

    def failed(self, now: float, trouble: str) -> None:
        """It does not answer, or asks us to stop: leave it alone, longer each time, and come back with half as many connections.
        Several carriers that notice the same failure count once (FAULT-93)."""
        if self.rests(now):
            return
        self.allowed = max(1, self.allowed // 2)
        self.taken = 0
        self.failed_at = now
        self.rests_until = now + RESTS_S[min(self.failures, len(RESTS_S) - 1)]
        self.failures += 1
        self.losses = 0
        self.trouble = trouble

    def heard(self, outcome: Outcome, now: float, began: float) -> bool:
        """An attempt that `began` then came to `outcome`, which is not about the destination; a lost session is, the third time.

        Whether it answers again, or bears more than before, so that further carriers may help. An attempt that began after it
        failed, because an operator insisted, ends the rest; one that was under way then tells nothing about it.
        """
        lost = isinstance(outcome, Deferred) and outcome.code is None and outcome.cause is Cause.SERVER_UNREACHABLE
        if lost:
            self.losses += 1
            if self.losses >= losses_max:
                self.failed(now, outcome.text)
            return False
        recovered = self.failures > 0
        self.failures = self.losses = 0
        if began >= self.failed_at:
            self.rests_until = now
        return self._bears_more(outcome) or recovered

    def _bears_more(self, outcome: Outcome) -> bool:
        """Whether `outcome` is the one with which another connection has been earned."""
        self.taken += isinstance(outcome, Delivered)
        if self.taken < self.allowed or self.allowed >= self.allowed_max:
            return False
        self.allowed += 1
        self.taken = 0
        return True

    def forgettable(self, now: float) -> bool:
        """Whether nothing would be lost with it."""
        quiet = self.failures == 0 or now >= self.rests_until + RESTS_S[-1]
        return quiet and self.held == 0 and not self.waiting and self.carriers == 0
