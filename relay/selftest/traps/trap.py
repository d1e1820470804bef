"""A trap: a mail that would reveal its writer to a gateway that overlooks one thing; and the two people between whom it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal


class Fate(Enum):
    """What has to become of a trap."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """A 5xx in the session, or a notice to its writer."""
    ABSORBED = "absorbed"
    """Taken over and never relayed: bounces, receipts, complaints."""
    HELD = "held"
    """In front of an operator."""
    ANY_BUT_LEAKED = "any but leaked"
    """Whatever the house decides, as long as nothing that arrives reveals anybody."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people: all that is known of them, and what their software would tell. Texts as people write them.

    `address` and `second_address` are the known addresses, `domain` is the person's own and the one of `address`; `host` and
    `ip` are of the machine they write from. `alias` is where the other one reaches them.
    """

    address: str = field(repr=False)
    second_address: str = field(repr=False)
    domain: str = field(repr=False)
    first_name: str
    last_name: str = field(repr=False)
    company: str = field(repr=False)
    host: str = field(repr=False)
    ip: str = field(repr=False)
    alias: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    def identifiers(self) -> tuple[str, ...]:
        """What tells who or where the person is, in any case; names apart."""
        return (self.address, self.second_address, self.domain, self.host, self.ip)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who writes to whom. `withholds_last_names`: the house shows first names alone, or none (`names`)."""

    writer: Side
    reader: Side
    brand: str
    withholds_last_names: bool = True

    def canaries(self) -> tuple[str, ...]:
        """Every text of which nothing may arrive at the reader. The reader's own name may: they are called by it in letters."""
        names = (self.writer.last_name, self.writer.company) if self.withholds_last_names else ()
        return (*self.writer.identifiers(), *self.reader.identifiers(), *names)

    def turned(self) -> Scene:
        """The same two people the other way round, so that every trap is sent as partner and as customer."""
        return Scene(self.reader, self.writer, self.brand, self.withholds_last_names)


@dataclass(frozen=True, slots=True)
class Trap:
    """One vector of one row of leaks.md.

    `build` makes the finished message, CRLF line ends, From the writer, To the alias of the reader. `keeps` are texts that have
    to be readable in what arrives: nothing is lost. `sender` "null" is automatic mail, with an empty return path.
    """

    name: str
    row: str
    about: str
    build: Callable[[Scene], bytes]
    fate: Fate = Fate.DELIVERED
    keeps: tuple[str, ...] = ()
    sender: Literal["writer", "null"] = "writer"
