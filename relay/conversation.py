"""A conversation: the two parties of one booking, their aliases, and when they may write (GY-5, GY-18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from relay.values import Alias, ConversationId, Language, NameShown, PartyId, RealAddress, Role, Window, ascii_domain

reference_characters_max: Final = 100
name_characters_max: Final = 200
addresses_max: Final = 20
"""Known addresses and domains of one party, together."""
denied_max: Final = 50
"""Addresses of which one party said that they are not theirs; of more, each is asked about anew."""
networks_max: Final = 20
"""Networks from which one address was confirmed (GW-12); the oldest gives way."""
domain_characters_max: Final = 253
"""A domain name as text (RFC 1035 §2.3.4)."""
_DOMAIN: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")

_TITLES: Final = frozenset(
    "mr mrs ms miss mx sir dr prof herr frau pan pani panna m mme mlle monsieur madame mademoiselle sr sra srta señor señora "
    "señorita don doña sig sigra signor signora signorina dott dottssa ing mag phd".split()
)
"""Forms of address in the languages in which we write; nobody is called by them alone."""

earliest_year: Final = 2000
latest_year: Final = 3000
"""Activities lie between these years, so that nothing that is counted from their end leaves the calendar."""


class Standing(Enum):
    """Whether a conversation takes mail, and if not, why."""

    PENDING = "pending"
    """Not confirmed yet (GY-6)."""
    OPEN = "open"
    OVER = "over"
    """The window has passed (GY-25)."""
    CLOSED = "closed"
    """Closed by support before its time."""


def words_of_name(name: str) -> tuple[str, ...]:
    """The words of a name as it is said: first name first, no titles, and nothing that is an address rather than a name.

    Booking systems write "Kowalska, Zofia" and "Frau Dr. Kowalska", and put the address where no name was given (LEAK-1).
    The first word is empty when there is no first name: what stands alone behind a title is the last one.
    """
    last, comma, first = name.partition(",")
    written = (f"{first} {last}" if comma else name).split()
    words = tuple(word for word in written if "@" not in word and word.casefold().strip(".") not in _TITLES)
    titled = any(word.casefold().strip(".") in _TITLES for word in written)
    return ("", *words) if titled and len(words) == 1 else words


def shown_name(name: str, names: NameShown) -> str:
    """What the other side sees of somebody's name; empty when nothing (GW-40)."""
    words = words_of_name(name)
    if names is NameShown.NONE or not words:
        return ""
    return words[0] if names is NameShown.FIRST else " ".join(words).strip()


@dataclass(frozen=True, slots=True)
class KnownDomain:
    """A domain at which every address is a party's: their company's own, a booking system's (GW-5).

    `name` is as DNS carries it, whatever it was given as. What lies below it counts `with_subdomains` alone. Raises ValueError
    for what is no domain name.
    """

    name: str
    with_subdomains: bool = False

    def __post_init__(self) -> None:
        name = ascii_domain(self.name.strip().removeprefix("@"))
        if len(name) > domain_characters_max or not _DOMAIN.fullmatch(name):
            raise ValueError("not a domain name, for example tours.example")
        object.__setattr__(self, "name", name)

    def holds(self, address: RealAddress) -> bool:
        domain = address.domain
        return domain == self.name or (self.with_subdomains and domain.endswith(f".{self.name}"))


@dataclass(frozen=True, slots=True)
class Vouched:
    """A network from which a known address was confirmed to write, where its domain has no means to prove it (GW-12).

    `key` is RealAddress.key, `network` as `relay.transit.network` writes it.
    """

    key: str = field(repr=False)
    network: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Party:
    """A partner or a customer of one conversation, with their known addresses (GW-5); `mailbox` is written to."""

    id: PartyId
    role: Role
    alias: Alias
    name: str
    language: Language
    addresses: tuple[RealAddress, ...]
    dead: tuple[RealAddress, ...] = ()
    """Those of `addresses` at which nobody is reached any more (GW-54)."""
    suspended_at: datetime | None = None
    """When mail to this party was stopped, because it was reported as abuse (FAULT-75); None while it passes."""
    domains: tuple[KnownDomain, ...] = ()
    former_addresses: tuple[RealAddress, ...] = ()
    """Taken back: they may not write any more, and still point to this party."""
    former_domains: tuple[KnownDomain, ...] = ()
    denied: tuple[RealAddress, ...] = ()
    """Of which this party said that they are not theirs, and did not want to be asked again (GW-6)."""
    vouched: tuple[Vouched, ...] = ()

    @property
    def mailbox(self) -> RealAddress:
        """Where mail to this party goes: the first address that is not dead; the first of all where each is (GW-54)."""
        return next((one for one in self.addresses if one not in self.dead), self.addresses[0])

    @property
    def is_reachable(self) -> bool:
        """Whether any of the addresses is alive."""
        return any(one not in self.dead for one in self.addresses)

    def knows(self, address: RealAddress) -> bool:
        """Whether `address` reaches a mailbox of this party: case and `+tag` do not count; all of a known domain do (GW-5)."""
        return any(known.key == address.key for known in self.addresses) or any(one.holds(address) for one in self.domains)

    def vouches(self, address: RealAddress, network: str) -> bool:
        """Whether this party has confirmed that they write from `address` in `network` (GW-12)."""
        return Vouched(address.key, network) in self.vouched

    def denies(self, address: RealAddress) -> bool:
        """Whether this party wants to be asked no more about mail from `address` (GW-6)."""
        return any(one.key == address.key for one in self.denied)

    def shown_name(self, names: NameShown) -> str:
        """What the other side sees of the name; empty when nothing (GW-40)."""
        return shown_name(self.name, names)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Two parties, two aliases, a window. Times are aware and in UTC."""

    id: ConversationId
    reference: str
    partner: Party
    customer: Party
    activity_end: datetime
    window: Window
    closed_at: datetime | None = None

    def party(self, role: Role) -> Party:
        return self.partner if role is Role.PARTNER else self.customer

    def parties(self) -> Iterator[Party]:
        yield self.partner
        yield self.customer

    def at_alias(self, alias: Alias) -> Party | None:
        """The party reached at `alias`."""
        return next((party for party in self.parties() if party.alias == alias), None)

    def standing(self, now: datetime) -> Standing:
        """Whether mail may pass at `now`, and if not, why (GW-22)."""
        if self.closed_at is not None and self.closed_at <= now:
            return Standing.CLOSED
        if self.window.opens_at is None or now < self.window.opens_at:
            return Standing.PENDING
        return Standing.OPEN if now < self.window.closes_at else Standing.OVER


@dataclass(frozen=True, slots=True)
class Opening:
    """What it takes to open a conversation. Checked when made: raises ValueError with a sentence that names the field.

    `activity_end` is aware. `pending`: the booking is not confirmed yet, so the window stays shut until it is (GY-6).
    """

    reference: str
    partner_name: str
    partner_addresses: tuple[RealAddress, ...]
    customer_name: str
    customer_addresses: tuple[RealAddress, ...]
    activity_end: datetime
    pending: bool = False
    partner_language: Language = Language.EN
    customer_language: Language = Language.EN

    def __post_init__(self) -> None:
        if not 1 <= len(self.reference) <= reference_characters_max or not self.reference.isprintable():
            raise ValueError(f"reference: 1 to {reference_characters_max} printable characters are needed")
        for side, name, addresses in (
            ("partner", self.partner_name, self.partner_addresses),
            ("customer", self.customer_name, self.customer_addresses),
        ):
            if not name.strip() or len(name) > name_characters_max or not name.isprintable():
                raise ValueError(f"{side} name: 1 to {name_characters_max} printable characters are needed")
            if not 1 <= len(addresses) <= addresses_max:
                raise ValueError(f"{side} address: 1 to {addresses_max} are needed")
        if {one.key for one in self.partner_addresses} & {one.key for one in self.customer_addresses}:
            raise ValueError("partner and customer share an address: each must have their own")
        checked_instant(self.activity_end, "activity end")


def checked_instant(at: datetime, what: str) -> datetime:
    """`at`, in UTC. Raises ValueError that names `what` when it has no time zone or lies outside the years that we count in."""
    if at.tzinfo is None:
        raise ValueError(f"{what}: a time zone is needed, for example 2026-06-10T18:00:00+02:00")
    if not earliest_year <= at.year < latest_year:
        raise ValueError(f"{what}: a year from {earliest_year} to {latest_year - 1} is needed")
    return at.astimezone(UTC)


def activity_end(text: str, zone: ZoneInfo) -> datetime:
    """The end of an activity, in UTC, from ISO 8601 text. A date alone ends at midnight after it in `zone` (GW-3).

    A time without an offset is in `zone`. Raises ValueError for anything else.
    """
    try:
        if len(text) == len("2026-06-10"):
            last_day = date.fromisoformat(text)
            return datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"activity end: {text!r} is no ISO 8601 date or time, for example 2026-06-10T18:00:00+02:00") from None
    return checked_instant(at if at.tzinfo else at.replace(tzinfo=zone), "activity end")
