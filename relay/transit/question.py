"""A question to a party: is it you who wrote this (GW-6, GW-12)? Until they answer, what was written is held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

from relay.transit.network import is_told
from relay.values import RealAddress

questions_a_day_max: Final = 3
"""In one conversation (GW-6); what comes beyond is held without a question."""
answered_within: Final = timedelta(hours=72)
"""After that, nobody wrote it: it is archived, and nobody is told (GW-6)."""
joined_before_end: Final = timedelta(hours=24)
"""Another message from the same place waits for the answer to a question that was asked already, when there is still so much
time for it; else it is asked about anew."""


class Response(Enum):
    """What the party said."""

    YES = "yes"
    NO = "no"


class Doubt(Enum):
    """Why the party is asked, and so what a yes is good for."""

    UNKNOWN = "unknown"
    """Nobody knows the address; from then on it is theirs (GW-6)."""
    FROM_ELSEWHERE = "from elsewhere"
    """The address is theirs, and proves nothing; from then on it does where the message came from (GW-12)."""
    FROM_ANYWHERE = "from anywhere"
    """The same, and nobody says where the message came from: it is about this one alone."""


def doubt(network: str) -> Doubt:
    """Why a party is asked about mail from `network`, which is empty for an unknown address: its own domain stands for that."""
    if not network:
        return Doubt.UNKNOWN
    return Doubt.FROM_ELSEWHERE if is_told(network) else Doubt.FROM_ANYWHERE


@dataclass(frozen=True, slots=True)
class Question:
    """Who wrote a message that is held: `address`, which nobody knows; or which is known and proves nothing, from `network`.

    `network` is empty for an unknown address. `digest` is that of the secret in the link that the
    party got; None where nobody is asked.
    """

    address: RealAddress
    network: str = field(repr=False)
    digest: bytes | None = field(repr=False)

    @property
    def doubt(self) -> Doubt:
        return doubt(self.network)


def nobody_is_asked(why: str) -> str:
    """What an operator reads, who has to decide in the party's place."""
    return f"nobody is asked: {why}"


def digest_of(secret: str) -> bytes:
    """All that is kept of the secret in a link."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
