"""What speaks for the address in From, and on which answers of DNS that rests: kept with the message (AR-1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from relay.lookup import Asked


class Alignment(Enum):
    """Whether the domain of the From address stands for a message (RFC 9989 §4.4; GW-11, GW-12)."""

    ALIGNED = "aligned"
    """SPF or DKIM passed for a domain of the same organisation."""
    UNALIGNED = "unaligned"
    """Neither did, though the domain has one of them."""
    FORBIDDEN = "forbidden"
    """Neither did, and the domain asks that such mail be refused or put apart (DMARC, p=reject or p=quarantine)."""
    DISOWNED = "disowned"
    """The same, and SPF says that this very host may not send for it (FAULT-76)."""
    NO_MEANS = "no_means"
    """The domain has neither: nothing speaks for it and nothing against it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`checks` are what support reads, one a line, such as "dkim pass example.org"; never an address. `asked`: what was asked of
    DNS, with the answers; empty where a server in front has reported it (GW-13)."""

    alignment: Alignment
    checks: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
