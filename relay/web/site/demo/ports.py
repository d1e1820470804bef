"""What the demonstration's pages need: pretend people, the mail that they got, and somebody who sends what they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol


class Character(Enum):
    """Whom a visitor can be."""

    PARTNER = "partner"
    CUSTOMER = "customer"
    SUPPORT = "support"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Person:
    """A pretend person. The address is no one's, so it may be shown; `alias` is that under which the other one reaches them.

    Who has no alias is of the house, and has no mailbox here.
    """

    character: Character
    name: str
    address: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class SandboxMail:
    """A mail that would have gone out. `number` counts from 1; `recipient` is a pretend address."""

    number: int
    sent_at: datetime
    recipient: str
    content: bytes = field(repr=False)


class Enclosure(Enum):
    """What a visitor can attach: each shows something else of what the gateway does with files."""

    NOTHING = "nothing"
    MAP = "map"
    FILM = "film"
    """More than may be attached (GY-14)."""
    PROGRAM = "program"
    """What is run by opening it (GW-25)."""
    TELLING = "telling"
    """With the writer's own address in its octets: held before a person (invariant 2)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a visitor wrote as one of the two. `as_stranger`: from an address that nobody knows."""

    writer: Character
    to: str
    subject: str
    text: str = field(repr=False)
    enclosure: Enclosure = Enclosure.NOTHING
    as_stranger: bool = False
    answers: str = ""
    """The Message-ID of the mail that it answers; empty for a new one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the gateway said to a letter. `before`: the number of the last mail that had gone out until then."""

    number: int
    at: datetime
    letter: Letter
    code: int
    text: str
    before: int


class Sandbox(Protocol):
    """Keeps outgoing mail for looking at, instead of sending it."""

    def people(self) -> Sequence[Person]:
        """Who takes part; one of each character."""
        ...

    def reference(self) -> str:
        """Of the booking about which the two write to each other."""
        ...

    def mails(self) -> Sequence[SandboxMail]:
        """What would have gone out, the newest first, as far as it is kept."""
        ...

    def mail(self, number: int) -> SandboxMail | None:
        """One of them."""
        ...

    async def write(self, letter: Letter) -> Answered:
        """Hand `letter` to the gateway by SMTP, as a mail program does. Raises Unavailable where it does not answer."""
        ...

    def answered(self, number: int) -> Answered | None:
        """What it said then, as far as that is kept."""
        ...

    async def begin(self, character: Character, agent: str) -> str:
        """The secret of a new session as that person; `agent`: what their browser calls itself. Raises Unavailable."""
        ...
