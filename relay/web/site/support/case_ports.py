"""What pages need of cases: a dispute about a booking, who decides it and until when, and what it was decided by (AR-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from relay.errors import Conflict
from relay.transit.casework import Case, CaseNote, CaseState, Decided, Evidence

__all__ = ["Case", "CaseNote", "CaseStale", "CaseState", "Cases", "Decided", "Evidence"]


class CaseStale(Conflict):
    """Somebody else was faster: the case is not the version that was looked at any more."""


class Cases(Protocol):
    """Cases. `by` is the id of the account that does it.

    What changes a case takes the `version` that was looked at, and raises CaseStale where it has changed since.
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
