"""What the pages behind links that decide need: by the secret in the link, and by nothing else.

As in `ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from relay.booking.booking import Cause
from relay.booking.link import Link
from relay.booking.situation import Act
from relay.correspondence.notifications.matter import Matter
from relay.errors import Conflict
from relay.values import Language
from relay.web.booking_ports import Letter, NewTerms


class Stands(Enum):
    """What can be done with a link now."""

    OPEN = "open"
    """What it is for can be done."""
    USED = "used"
    CHANGED = "changed"
    """Other terms stand now than those that were read: nothing is done to them by it (SL-5)."""
    CLOSED = "closed"
    """What it is for is not possible any more: somebody else has acted, or the time is over."""
    OVER = "over"
    """Its own time is over."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link with the booking that it leads to.

    `act` is what its form does; None where it writes, pays, asks again or only shows. `matter` says of the booking what a mail to
    that person would: its `before` has the terms with which it is compared, its `amount` is what would go back. `letter` is what
    the form is filled with before somebody writes.
    """

    link: Link
    stands: Stands
    act: Act | None
    matter: Matter
    letter: Letter | None = None
    reader: Language = Language.EN
    """Of whoever reads what is written here: the other side."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody sent with the form; `version` of the booking is the one that they looked at."""

    version: int
    text: str = field(default="", repr=False)
    terms: NewTerms | None = None
    cause: Cause | None = None


class TooMany(Conflict):
    """As many messages to the other side as a day has, by links."""


class BookingLinks(Protocol):
    """Links that decide."""

    async def look(self, secret: str) -> Opened:
        """Changes nothing. Raises NotFound."""
        ...

    async def act(self, secret: str, said: Said) -> Opened:
        """Does what the link is for, once, and shows the booking afterwards. Raises NotFound, and Conflict where it is not done:
        NotAllowed, Stale, or because the link is not open."""
        ...

    async def write(self, secret: str, text: str) -> None:
        """Sends `text` to the other side, through the form of a link to write, or beside the one to decline (SL-24, OR-24).

        Raises NotFound, Conflict where they cannot write now, and TooMany.
        """
        ...

    async def pay(self, secret: str, version: int) -> str:
        """The address of the checkout of this booking (SL-16). Raises NotFound, and Conflict where there is nothing to pay."""
        ...
