"""What pages need of the access audit: whoever of the house looks at what people wrote leaves a trace (AR-1 access audit)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final, Protocol

from relay.web.site.viewer import Account

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


class Audit(Protocol):
    """The trace. It can only grow."""

    async def note(self, account: Account, what: Looked, object_: str, *, case: int | None = None, reason: str = "") -> None:
        """`account` looks. On return it is stored: note it before showing anything.

        The same account, object and kind within five minutes is noted once, but a reveal, a download and an export each time.
        """
        ...

    async def page(
        self, *, account: str = "", object_: str = "", day: date | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[Access]:
        """At most `limit`, the newest first, those numbered below `before`; of that account, of what is called exactly so,
        of that day in UTC."""
        ...
