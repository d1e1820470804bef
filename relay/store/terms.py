"""What a search looks for: words in their places, marks, and several of them; who asks, and when (AR-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from hashlib import sha256
from typing import Final

from relay.errors import NotDone
from relay.store.folding import words
from relay.store.wording import ADDRESS, worded


class Where(Enum):
    """In what a word is looked for. Without any of them: in all but what is quoted, and people's names and addresses too."""

    SUBJECT = "subject"
    PEOPLE = "people"
    NEW = "body"
    QUOTED = "quoted"
    FILES = "files"
    TEXT = "body quoted"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; `begun`: the last one only begins so. `seen`: what people see of them, where an address is among them."""

    words: tuple[str, ...]
    begun: bool = False
    excluded: bool = False
    where: Where | None = None
    seen: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The words that stand in a text where this is found."""
        return self.seen or self.words


@dataclass(frozen=True, slots=True)
class Mark:
    """A property of the message, such as `by:customer`: the index holds it as a word of its own (`mark`)."""

    mark: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `terms`."""

    terms: tuple[Term, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """All of `terms`."""

    terms: tuple[Term, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tables have to say before the index is asked, such as `state:confirmed`: see relay.store.resolving."""

    kind: str
    value: str
    excluded: bool = False


Term = Words | Mark | Either | Both | Asked


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the query as it was typed, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when. Without `now` nothing is relative to it. `zone`: where days begin. `reveals`: may look for addresses,
    as the operators at the command line and holders of a token do."""

    now: datetime | None = None
    zone: tzinfo = UTC
    account: str = ""
    reveals: bool = True


NOBODY: Final = Asking()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of `terms`, received in [after, before), in UTC; octets more than `larger`, less than `smaller`."""

    terms: tuple[Term, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    larger: int | None = None
    smaller: int | None = None
    oldest_first: bool = False
    chips: tuple[Chip, ...] = field(default=(), compare=False)
    bookings: tuple[str, ...] = field(default=(), compare=False)
    """References as they were typed."""


def mark(kind: str, value: str) -> str:
    """The word by which the index knows a property. It begins with a character that words of a message cannot have."""
    return f"\ue000{kind}{''.join(words(value))}"


def id_mark(kind: str, value: str) -> str:
    """The same of an id, of which every character counts."""
    return f"\ue000{kind}{sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def words_in(terms: tuple[Term, ...]) -> list[Words]:
    """All words that are looked for: what is to be shown as a hit."""
    found: list[Words] = []
    for term in terms:
        match term:
            case Words() if not term.excluded:
                found.append(term)
            case Either() | Both() if not term.excluded:
                found += words_in(term.terms)
            case _:
                pass
    return found


def looked_for(text: str, excluded: bool, *, reveals: bool, begun: bool = False, where: Where | None = None) -> Words | None:
    """The words of `text` in a row. Punctuation alone is no word, and nothing to look for.

    Raises NotDone for an address, written or dictated, unless who asks `reveals` them, and for half of one.
    """
    found = worded(text)
    if not reveals and (found.domains or is_address(text)):
        raise NotDone("addresses are looked for with real: by who may see them; aliases with alias:")
    if begun and found.domains and found.words[-1].startswith(ADDRESS):
        raise NotDone("an address is looked for as a whole, without the star; of a domain with @, for example @tours.example")
    seen = tuple(words(text)) if found.domains else ()
    return Words(found.words, begun, excluded, where, seen) if found.words else None


ANY: Final = "\ue000all"
"""The mark that every message has."""


def is_address(text: str) -> bool:
    """Whether `text` may be meant for somebody's mailbox, in whatever form of the at sign."""
    return any(sign in text.strip(sign) for sign in "@＠﹫")
