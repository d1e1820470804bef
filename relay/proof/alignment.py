"""Whether a domain stands for a mail that names it in From: the closed set of answers."""

from __future__ import annotations

from enum import Enum


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
