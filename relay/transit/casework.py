"""What support works on: cases with their notes and evidence, and the trace of who looked at what (AR-1, AR-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

title_characters_max: Final = 200
note_characters_max: Final = 4_000
because_characters_max: Final = 1_000
label_characters_max: Final = 40
labels_max: Final = 20
evidence_max: Final = 500
"""Messages in one basket."""
notes_shown_max: Final = 500
reason_characters_max: Final = 500
object_characters_max: Final = 1_000


class Looked(Enum):
    """What somebody did."""

    LIST = "list"
    """A list of messages, cases or accesses."""
    SEARCH = "search"
    """A search; its text is the object."""
    VIEW = "view"
    """A conversation or a message, as it was delivered, masked."""
    REVEAL = "reveal"
    """A message as received, or an address: always with a reason."""
    DOWNLOAD = "download"
    """A file out of a message, or the message itself."""
    EXPORT = "export"
    """A bundle of a conversation or a case."""


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody looked. `number` grows with time; `at` is in UTC. `account` is its id, `name` what it was called then.

    `object_` says at what: "message 0123", "conversation GYG4K7Q2X9ABC", "case 12", or the text of a search. Never an address.
    """

    number: int
    at: datetime
    account: str
    name: str
    what: Looked
    object_: str = field(repr=False)
    case: int | None = None
    reason: str = field(default="", repr=False)


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
    """What somebody of the house wrote for the others, or did; no party ever reads it.

    `did` is empty for a note, and else a word: opened, handed over, decided, closed, reopened, labelled, evidence in or out.
    """

    number: int
    at: datetime
    by: str
    text: str = field(repr=False)
    did: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message that was put into the basket of a case. `by` is the id of an account."""

    message: str
    at: datetime
    by: str
    why: str = field(default="", repr=False)
