"""What speaks for the address in From, and on which answers of DNS that rests: kept with the message (AR-1)."""

from __future__ import annotations

from dataclasses import dataclass

from relay.lookup import Lookup
from relay.proof.alignment import Alignment


@dataclass(frozen=True, slots=True)
class Evidence:
    """`checks` are what support reads, one a line, such as "dkim pass example.org s=key"; never an address. `asked`: what was
    asked of DNS, with the answers; empty where a server in front has reported it (GW-13)."""

    alignment: Alignment
    checks: tuple[str, ...] = ()
    asked: tuple[Lookup, ...] = ()
