"""What the HTTP side needs of the booking core for many bookings at once: released, cancelled, told something together.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from relay.booking.booking import Actor
from relay.booking.selection import Filter
from relay.booking.situation import Act
from relay.web.booking_ports import Shown
from relay.web.once import Once

batch_max: Final = 100
"""Bookings on one screen of releases, and in one batch of anything (ST-B3)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one booking of a batch; `why` is the sentence where nothing was done."""

    reference: str
    done: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """The ticks of a release screen (ST-22, ST-B3): which are released, which keep their place until when, whose customers are
    reminded."""

    release: tuple[str, ...] = ()
    keep: tuple[tuple[str, datetime], ...] = ()
    remind: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)
    """The versions of the bookings that were looked at; what has changed since is left as it is."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of one tick: `why` is the sentence where nothing would be done. `together` are the references of what is
    held together with it, and would be released too (T16)."""

    reference: str
    act: Act | None
    """RELEASE or EXTEND; None: its customer is reminded."""
    done: bool
    why: str = ""
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What is cancelled together (GY-B4): the bookings of an offer, or of one variant, that start in that time.

    `stop_selling` closes their slots. The interval is half-open.
    """

    offer: str
    variant: str | None
    starts_from: datetime
    starts_before: datetime
    stop_selling: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """A one-way message to everybody who takes part on a date (SL-B5)."""

    offer: str
    starts_from: datetime
    starts_before: datetime
    subject: str
    text: str
    variant: str | None = None


class Batches(Protocol):
    """Several bookings at once, each stepping by itself: what one of them is refused does not keep the others."""

    async def releasable(self, wanted: Filter) -> Sequence[Shown]:
        """What may be released, at most `batch_max`, those whose deadline is nearest first (ST-B3)."""
        ...

    async def foreseen(self, ticks: Release, by: str) -> Sequence[Foreseen]:
        """What `release` would do now, and what not and why; nothing is changed."""
        ...

    async def release(self, ticks: Release, by: str, once: Once[Sequence[Outcome]] | None) -> Sequence[Outcome]:
        """Each by itself, as the operator: what is blocked or being paid stays (ST-B4)."""
        ...

    async def cancellable(self, batch: Batch, actor: Actor) -> Sequence[Shown]:
        """What `cancel_all` would cancel, for looking at before (GY-B4); at most `batch_max`."""
        ...

    async def cancel_all(
        self, batch: Batch, references: Sequence[str], actor: Actor, by: str, reason: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        """Those of `references` that are in `batch`, each by itself."""
        ...

    async def announce(
        self, announcement: Announcement, actor: Actor, by: str, once: Once[Sequence[Outcome]] | None
    ) -> Sequence[Outcome]:
        """One mail for each confirmed booking of that time (SL-B5)."""
        ...
