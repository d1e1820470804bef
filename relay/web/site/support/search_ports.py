"""What the search page needs: what a query finds, how much it is, and the searches that somebody keeps (AR-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final, Protocol

from relay.web.ports import FoundShare

hits_shown: Final = 20
name_characters_max: Final = 100
query_characters_max: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `reveals`: may look for somebody's own address. `zone`: where their days begin."""

    account: str
    reveals: bool
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what people wrote, with its addresses masked; `hit`: this is what was looked for."""

    text: str = field(repr=False)
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the query as it was typed, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Found:
    """A message. `number` says where it stands in the order in which messages came."""

    number: int
    message: str
    received_at: datetime
    shares: tuple[FoundShare, ...]
    subject: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what was found. `next`: the number behind which the next one begins, None on the last.

    `meant`: references of bookings that are nearly what was typed, where nothing was found by it.
    """

    hits: tuple[Found, ...]
    chips: tuple[Chip, ...]
    next: int | None
    meant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of one kind, perhaps more where it `is_at_least`, and the query that is narrowed to them."""

    term: str
    count: int
    query: str
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of each kind of party, event, language or month; `is_whole`: the time sufficed for each."""

    name: str
    counts: tuple[Counted, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages there are; perhaps more, where it `is_at_least`."""

    total: int
    is_at_least: bool
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A search that somebody keeps."""

    name: str
    query: str = field(repr=False)


class Finder(Protocol):
    """Searches. Raises NotDone, with a sentence for whoever typed it, where a query cannot be answered."""

    def chips(self, query: str, asker: Asker) -> Sequence[Chip]:
        """The parts of `query`; none where it cannot be read."""
        ...

    async def find(self, query: str, asker: Asker, beyond: int | None) -> Findings:
        """The newest `hits_shown`, or those behind the one of that number."""
        ...

    async def tally(self, query: str, asker: Asker) -> Tally:
        """As far as it can be counted in a moment."""
        ...

    async def kept(self, account: str) -> Sequence[Kept]: ...

    async def keep(self, account: str, search: Kept) -> None:
        """In place of one of the same name. Raises Conflict where there are as many as there may be."""
        ...

    async def forget(self, account: str, name: str) -> None: ...
