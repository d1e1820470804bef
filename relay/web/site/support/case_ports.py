"""What pages need of cases: a dispute about a booking, who decides it and until when, and what it was decided by (AR-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

title_characters_max: Final = 200
note_characters_max: Final = 4_000
because_characters_max: Final = 1_000
label_characters_max: Final = 40
labels_max: Final = 20
evidence_max: Final = 500
notes_shown_max: Final = 500


class CaseState(Enum):
    """Where a case stands."""

    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


class Decided(Enum):
    """What was decided about the money."""

    FULL = "full"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute about a booking. `owner` and `opened_by` are ids of accounts; times are in UTC.

    `version` grows with each change of what stands here; notes and evidence do not change it. `because` is set with `decision`.
    """

    number: int
    version: int
    reference: str
    title: str = field(repr=False)
    owner: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    state: CaseState
    decision: Decided | None = None
    because: str = field(default="", repr=False)
    labels: tuple[str, ...] = ()

    def is_overdue(self, now: datetime) -> bool:
        return self.state is CaseState.OPEN and self.due_at is not None and self.due_at <= now


@dataclass(frozen=True, slots=True)
class CaseNote:
    """What somebody of the house wrote for the others; no party ever reads it."""

    number: int
    at: datetime
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message that was put into the basket of a case. `by` is the id of an account."""

    message: str
    at: datetime
    by: str
    why: str = field(default="", repr=False)


class Cases(Protocol):
    """Cases. `by` is the id of the account that does it.

    What changes a case takes the `version` that was looked at, and raises booking_ports.Stale where it has changed since.
    Everything raises NotFound for a case that is not there, and Conflict for what cannot be done from where it stands.
    """

    async def open(self, reference: str, title: str, owner: str, due_at: datetime | None, by: str) -> Case:
        """A new case about that booking. Raises NotFound where no booking and no conversation has that reference."""
        ...

    async def one(self, number: int) -> Case: ...

    async def of_booking(self, reference: str) -> Sequence[Case]:
        """All of them, the newest first."""
        ...

    async def page(
        self, *, state: CaseState | None = None, owner: str = "", label: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Case]:
        """At most `limit`, the newest first, those numbered below `before`."""
        ...

    async def hand_over(self, number: int, version: int, owner: str, due_at: datetime | None, by: str) -> Case:
        """Somebody else decides it, or until another time."""
        ...

    async def decide(self, number: int, version: int, decision: Decided, because: str, by: str) -> Case:
        """Raises Conflict unless it is open."""
        ...

    async def close(self, number: int, version: int, by: str) -> Case:
        """Raises Conflict where it is closed."""
        ...

    async def reopen(self, number: int, version: int, by: str) -> Case:
        """It is open again, and what was decided does not count. Raises Conflict where it is open."""
        ...

    async def label(self, number: int, version: int, labels: Sequence[str], by: str) -> Case:
        """`labels` in place of those that it has."""
        ...

    async def note(self, number: int, text: str, by: str) -> None:
        """Adds a note, for ever."""
        ...

    async def notes(self, number: int) -> Sequence[CaseNote]:
        """The newest `notes_shown_max`, the oldest first."""
        ...

    async def add_evidence(self, number: int, message: str, why: str, by: str) -> None:
        """A message goes into the basket; one that is there stays as it is. Raises NotFound where there is no such message, and
        Conflict where it is of another booking."""
        ...

    async def remove_evidence(self, number: int, message: str, by: str) -> None:
        """Out of the basket."""
        ...

    async def evidence(self, number: int) -> Sequence[Evidence]:
        """In the order in which the messages came."""
        ...
