"""Who looks at a page, and where they may go."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from relay.booking.partner import PartnerId, StaffId
from relay.values import Language, RealAddress


class Office(Enum):
    """What somebody of the house may do; none implies another (AR-1 access audit)."""

    SUPPORT = "support"
    """Search, and see messages as they were delivered, masked; hold, release, extend, note."""
    SENIOR = "senior"
    """See messages as they were received, and addresses, each time with a reason."""
    LEGAL = "legal"
    """Holds on what would be erased, and exports."""
    OPERATOR = "operator"
    """Queue, releases, settings, tokens; no content."""
    AUDITOR = "auditor"
    """Who looked at what; nothing else."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A partner for whom somebody acts. `member` is None for who reads the team's own mailbox; they see all of it."""

    partner: PartnerId
    name: str
    member: StaffId | None
    sees_team: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the house."""

    id: str
    name: str
    offices: frozenset[Office]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has signed in. What they may see is asked anew with each page, so that it ends when their right does.

    `form_token` stands in each form of theirs; no other site can know it.
    """

    session: str
    address: RealAddress
    language: Language
    form_token: str = field(repr=False)
    partners: tuple[Membership, ...] = ()
    is_customer: bool = False
    account: Account | None = None

    def membership(self, partner: str) -> Membership | None:
        return next((one for one in self.partners if one.partner == partner), None)

    def holds(self, office: Office) -> bool:
        return self.account is not None and office in self.account.offices

    @property
    def by(self) -> str:
        """How histories name somebody of the house: a word, never an address."""
        return f"account {self.account.id}" if self.account is not None else "page"


class Visitors(Protocol):
    """Knows who has signed in."""

    async def viewer(self, secret: str) -> Viewer | None:
        """Whose session `secret` is; None for none that counts. How long it takes must tell nothing of any secret."""
        ...


def form_token_of(secret: str) -> str:
    """What stands in the forms of the session of that secret: nobody can find the secret from it, or it without the secret."""
    return hmac.new(secret.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


session_characters_max: Final = 100
"""Longer ones are nobody's, and are not looked up."""
