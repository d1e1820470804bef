"""A trap: a mail that would reveal its writer to a gateway that overlooks one thing; and the two people between whom it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, Literal

CANARY: Final = "canary-heron-417"
"""Stands where nothing of the writer's may cross, whatever it says: in fields and metadata that are dropped."""
STRANGER: Final = "nl.heron88@third-party-mail.example"
"""A mailbox of nobody whom the house knows (LEAK-24)."""


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
    """Whatever becomes of it, as long as nothing that arrives reveals anybody: for mail with NUL octets as they stand, which the
    core delivers, and which no gateway takes over SMTP (FAULT-47)."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people: all that is known of them, and what their software would tell. Texts as people write them.

    `address` and `second_address` are the known addresses, `domain` is the person's own and the one of `address`; `company` has
    the last name in it, by which it is recognised; `host` (three labels or more) and `ip` (a public one) are of the machine they
    write from. `alias` is where the other one reaches them.
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
    """Who writes to whom, and what the house decided.

    `withholds_last_names`: first names are shown, or none (`names`); `masks_strangers`: addresses of nobody whom the house knows
    are masked (`unknown_addresses`); `passes_encrypted`: what nobody can check is delivered all the same (`encrypted`);
    `is_scanned`: a virus scanner looks at everything, and has bounds of its own.
    """

    writer: Side
    reader: Side
    brand: str
    withholds_last_names: bool = True
    masks_strangers: bool = True
    passes_encrypted: bool = False
    is_scanned: bool = False

    def canaries(self) -> tuple[str, ...]:
        """Every text of which nothing may arrive at the reader. The reader's own name may: they are called by it in letters."""
        names = (self.writer.last_name, self.writer.company) if self.withholds_last_names else ()
        strangers = (STRANGER,) if self.masks_strangers else ()
        return (*self.writer.identifiers(), *self.reader.identifiers(), *names, *strangers, CANARY)

    def turned(self) -> Scene:
        """The same two people the other way round, so that every trap is sent as partner and as customer."""
        return replace(self, writer=self.reader, reader=self.writer)


@dataclass(frozen=True, slots=True)
class Trap:
    """One vector of one row of leaks.md.

    `build` makes the finished message, CRLF line ends, From the writer, To the alias of the reader. `keeps` are texts that have
    to be readable in what arrives: nothing is lost. `sender` "null" is automatic mail, with an empty return path.
    `is_encrypted`: nobody can look into it, and `fate` is what becomes of it where the house does not pass such mail.
    `is_deep`: a scanner may find that it cannot look to its ground, and nothing unscanned passes (invariant 7).
    """

    name: str
    row: str
    about: str
    build: Callable[[Scene], bytes]
    fate: Fate = Fate.DELIVERED
    keeps: tuple[str, ...] = ()
    sender: Literal["writer", "null"] = "writer"
    is_encrypted: bool = False
    is_deep: bool = False

    def expected(self, scene: Scene) -> Fate:
        """What has to become of it in a house that decided so."""
        if self.is_deep and scene.is_scanned:
            return Fate.ANY_BUT_LEAKED
        return Fate.DELIVERED if self.is_encrypted and scene.passes_encrypted else self.fate
