"""Who is reached at an address of ours: a party, the house itself, a return path, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from relay.conversation import Conversation
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Distrusted, NotOurs, Recipient, UnknownAlias, Unread
from relay.transit.return_path import Distrust, ReturnPaths
from relay.values import Alias, Clock

ROLES: Final = frozenset({"postmaster", "abuse", "hostmaster", "webmaster"})
"""Addresses of the house (GW-8, RFC 2142)."""
UNREAD: Final = frozenset({"noreply"})
"""From where our own mail comes; who answers it learns at once that nobody reads it there (CASE-17)."""


class Conversations(Protocol):
    async def conversation_at(self, alias: Alias) -> Conversation | None:
        """The conversation of which `alias` reaches a party. Raises relay.errors.Unavailable for "later"."""
        ...


@dataclass(frozen=True, slots=True)
class Directory:
    """The addresses of one reply domain."""

    domain: str
    conversations: Conversations
    return_paths: ReturnPaths
    clock: Clock

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
        match self.return_paths.read(local, self.clock()):
            case None:
                pass
            case Distrust():
                return Distrusted()
            case _:
                return AtReturnPath(local)
        alias = Alias(local, domain)
        return AtAlias(alias) if await self.conversations.conversation_at(alias) is not None else UnknownAlias()
