"""Who is reached at an address of ours: a party, the house itself, a return path, or nobody (GY-9, GY-19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from relay.conversation import Conversation
from relay.inbound.ports import AtAlias, AtBooking, AtReturnPath, AtRole, Distrusted, NotOurs, Recipient, UnknownAlias, Unread
from relay.transit.return_path import Distrust, ReturnPaths
from relay.values import Alias, Clock

ROLES: Final = frozenset({"postmaster", "abuse", "hostmaster", "webmaster"})
"""Addresses of the house (GW-8, RFC 2142)."""
aliases_remembered_max: Final = 10_000
remembered_for: Final = timedelta(minutes=1)
ANSWER_PREFIX: Final = "booking-"
"""How an address begins at which a party answers mail about a booking (GY-6)."""
UNREAD: Final = frozenset({"noreply"})
"""From where our own mail comes; who answers it learns at once that nobody reads it there (CASE-17)."""


class Conversations(Protocol):
    async def conversation_at(self, alias: Alias) -> Conversation | None:
        """The conversation of which `alias` reaches a party. Raises relay.errors.Unavailable for "later"."""
        ...


class Answers(Protocol):
    async def is_answered_at(self, local: str) -> bool:
        """Whether mail about a booking is answered at that local part. Raises relay.errors.Unavailable for "later"."""
        ...


@dataclass(frozen=True, slots=True)
class Directory:
    """The addresses of one reply domain."""

    domain: str
    conversations: Conversations
    return_paths: ReturnPaths
    clock: Clock
    answers: Answers | None = None
    """None in a house without bookings of its own."""
    _found: dict[Alias, datetime] = field(default_factory=dict, init=False, repr=False)
    """Until when an alias need not be looked up again; the one that was found first is forgotten first."""

    async def look_up(self, local: str, domain: str) -> Recipient:
        """See `ports.Recipients`. The bare <postmaster> has no domain (RFC 5321 §4.5.1)."""
        if domain not in {self.domain, ""}:
            return NotOurs()
        if local in ROLES:
            return AtRole(local)
        if local in UNREAD:
            return Unread()
        if not domain:
            return UnknownAlias()
        if self.answers is not None and local.startswith(ANSWER_PREFIX) and await self.answers.is_answered_at(local):
            return AtBooking(local)
        match self.return_paths.read(local, self.clock()):
            case None:
                pass
            case Distrust():
                return Distrusted()
            case _:
                return AtReturnPath(local)
        alias = Alias(local, domain)
        return AtAlias(alias) if await self._reaches_somebody(alias) else UnknownAlias()

    async def _reaches_somebody(self, alias: Alias) -> bool:
        """Only that is remembered, and only a yes: aliases are never taken away. Whether their conversation is open is asked at
        DATA, where it counts."""
        now = self.clock()
        if (until := self._found.get(alias)) is not None and now < until:
            return True
        if await self.conversations.conversation_at(alias) is None:
            return False
        while len(self._found) >= aliases_remembered_max:
            del self._found[next(iter(self._found))]
        self._found[alias] = now + remembered_for
        return True
