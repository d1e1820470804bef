"""What pages need of conversations: what a party wrote, and what they received, as they themselves know it (GY-18).

Nothing of it tells one party who the other is: what came from the other side is read from the rendition that crossed to them,
never from the message (invariant 1). What a party wrote is theirs, and is read as they wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from relay.transit.crossing import Fate
from relay.values import Role

entries_max: Final = 50
"""Entries of one page of a conversation."""
conversations_max: Final = 100
"""Conversations of one page of a list."""


class Reached(Enum):
    """How far the mail to its reader has come."""

    UNDER_WAY = "under way"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Their server did not take it; its writer was told."""
    STOPPED = "stopped"
    """Somebody of the house looks at it, or has decided that it goes no further."""


@dataclass(frozen=True, slots=True)
class ThreadFile:
    """A file of a message. `number` names it within the message; `can_be_had`: it crossed, so that it can be downloaded."""

    number: int
    name: str = field(repr=False)
    size: int
    can_be_had: bool


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One message of a conversation, as one party sees it.

    `is_mine`: that party wrote it. `text` is what its writer added, without what they quote; `whole` is all of it where that is
    more, and empty otherwise. `is_known` is False where the text cannot be shown: it is not sure who wrote it, or its octets
    cannot be had now. `reason` is a relay.policy.reasons.Reason's value where it did not pass. `has_page`: it has an HTML part.
    """

    message: str
    at: datetime
    is_mine: bool
    fate: Fate
    reason: str | None
    reached: Reached | None
    """None where nothing is under way."""
    is_automatic: bool
    is_known: bool
    subject: str = field(repr=False)
    text: str = field(repr=False)
    whole: str = field(repr=False)
    files: tuple[ThreadFile, ...]
    has_page: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """Some of a conversation, the newest first. `next` is where the next page begins; None on the last."""

    entries: tuple[ThreadEntry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A file that crossed. Its name is what stood in the mail: it may be anything."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LatestMessage:
    """A booking whose parties wrote to one another, and the last that passed. `waits`: the customer wrote last."""

    reference: str
    message: str
    at: datetime
    writer: Role
    waits: bool


@dataclass(frozen=True, slots=True)
class LatestMessages:
    """Conversations of a partner, the one last written in first. `next` is where the next page begins; None on the last."""

    items: Sequence[LatestMessage]
    next: str | None


class Threads(Protocol):
    """Conversations as one of their parties sees them. Whether somebody may look as that party is asked before."""

    async def thread(self, reference: str, role: Role, limit: int = 20, before: str | None = None) -> Thread:
        """At most `limit` entries, those before the message `before`; fewer where they are large. Raises NotFound where the
        booking has no conversation."""
        ...

    async def file(self, reference: str, role: Role, message: str, number: int) -> DownloadedFile:
        """A file that crossed, in a message that `role` wrote or received. Raises NotFound for every other."""
        ...

    async def page(self, reference: str, role: Role, message: str) -> bytes:
        """The mail that `role` sees: what they received, or what they wrote. Raises NotFound."""
        ...

    async def latest(
        self, partner: str, assignee: str | None = None, *, waits: bool = False, limit: int = 50, after: str | None = None
    ) -> LatestMessages:
        """Conversations of a partner's bookings, at most `limit`; `assignee`: of those assigned to that member alone (OR-3);
        `waits`: only where the customer wrote last."""
        ...
