"""What an SMTP session needs of the rest of the house: somebody who knows the recipients, somebody who takes messages over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from relay.policy.reply import Reply
from relay.transit.envelope import Envelope
from relay.transit.evidence import Evidence
from relay.values import Alias, MessageId


@dataclass(frozen=True, slots=True)
class AtAlias:
    """A party's alias that exists. Whether its window is open is judged after DATA (FAULT-30)."""

    alias: Alias


@dataclass(frozen=True, slots=True)
class AtRole:
    """An address of the house itself: postmaster, abuse and the like (GW-8, RFC 2142). `name` is that local part."""

    name: str


@dataclass(frozen=True, slots=True)
class AtReturnPath:
    """A return path of ours whose MAC and day are right (GW-42). `local` is its local part."""

    local: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AtBooking:
    """Where a party answers mail about a booking (GY-6). `local` is the local part."""

    local: str


@dataclass(frozen=True, slots=True)
class Distrusted:
    """It looks like a return path of ours, but is forged or expired (FAULT-73)."""


@dataclass(frozen=True, slots=True)
class UnknownAlias:
    """Nobody is reached there; also what never existed (GW-20, FAULT-29)."""


@dataclass(frozen=True, slots=True)
class Unread:
    """An address of ours from which mail comes and at which nobody reads (CASE-17)."""


@dataclass(frozen=True, slots=True)
class NotOurs:
    """The domain is not ours: nothing is relayed there (FAULT-26)."""


Reachable = AtAlias | AtRole | AtReturnPath | AtBooking
Recipient = Reachable | Distrusted | UnknownAlias | Unread | NotOurs


class Recipients(Protocol):
    """Knows who is reached at an address of ours."""

    async def look_up(self, local: str, domain: str) -> Recipient:
        """Who is reached at `local`@`domain`, both in lower case, without quotes, the domain as A-labels.

        `domain` is empty for the bare <postmaster> (RFC 5321 §4.5.1). Raises relay.errors.Unavailable when that cannot be
        told now: the session says "later" (FAULT-33), as it does when the answer takes longer than `Limits.look_up_s`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came in, before anybody looked into it.

    `content` has CRLF line ends only, no NUL, and the dots unstuffed. `return_path` is empty for `<>`. `recipients` are distinct,
    in the order given, at least one. `received_at`, in UTC, is the time of the final dot. `id` is in every reply about it.
    `evidence` is there when it was found before: what speaks for the author is asked once, when the message comes. `is_anew`: it
    was taken over then, and is decided anew, so that it is not one more of what comes. `is_confirmed`: the party whose address is
    in From, or an operator on their word, says that they wrote this very message (GW-12).
    """

    id: MessageId
    received_at: datetime
    return_path: str = field(repr=False)
    recipients: tuple[Reachable, ...]
    content: bytes = field(repr=False)
    client_ip: str = field(repr=False)
    helo: str = field(repr=False)
    tls: bool = False
    smtputf8: bool = False
    evidence: Evidence | None = field(default=None, repr=False)
    is_anew: bool = False
    is_confirmed: bool = False

    def envelope(self) -> Envelope:
        """What is archived of it; only parties' aliases are recipients there."""
        return Envelope(
            id=self.id,
            received_at=self.received_at,
            return_path=self.return_path,
            aliases=tuple(one.alias for one in self.recipients if isinstance(one, AtAlias)),
            content=self.content,
            client_ip=self.client_ip,
            helo=self.helo,
            tls=self.tls,
            smtputf8=self.smtputf8,
            evidence=self.evidence,
        )


class Acceptor(Protocol):
    """Takes messages over, or refuses them."""

    async def take(self, incoming: Incoming) -> Reply:
        """The reply to the final dot; a 2xx means the message is committed (invariant 3). The session adds the id to it.

        Called in a task of its own that outlives the connection: a client that hangs up does not cancel it (FAULT-51).
        Raises relay.errors.Unavailable for "later".
        """
        ...
