"""What is asked of DNS, and what may be heard: the words that proof of the writer, routes and the doctor have in common.

A check that needs DNS is a generator (`Asking`): it yields queries and is sent their answers, so it does no I/O, and a test
drives it with a table. `relay.resolver` looks them up.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")

name_octets_max: Final = 253
"""Of a name without its final dot (RFC 1035 §3.1); each of its labels has 63 at most."""
_NAME: Final = re.compile(r"[ -\-/-\[\]-~]{1,63}(?:\.[ -\-/-\[\]-~]{1,63})*")


class Type(Enum):
    """Types of records that are asked for (RFC 1035 §3.2.2, RFC 3596, RFC 6698)."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    """The one record at the name itself; every other type is found where the chain of aliases ends."""
    MX = "MX"
    PTR = "PTR"
    TLSA = "TLSA"
    TXT = "TXT"


class Outcome(Enum):
    """What came of a query."""

    FOUND = "found"
    EMPTY = "empty"
    """The name exists, without records of that type."""
    NO_NAME = "no name"
    """NXDOMAIN."""
    TROUBLE = "trouble"
    """No answer in time, a failing server, or more than is taken: for later, never a verdict (GW-14)."""


@dataclass(frozen=True, slots=True)
class Query:
    """`name` is a domain name in ASCII, in lower case, without a final dot."""

    name: str
    type: Type


def is_name(text: str) -> bool:
    """Whether `text` can be asked for, as not all can that strangers wrote. A label is more than letters, digits and hyphens
    (RFC 2181 §11), but has no backslash, which would begin an escape (RFC 1035 §5.1)."""
    return len(text) <= name_octets_max and _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """Records in the order in which they came, in the form of a zone file, names without their final dot: an address; "10 host"
    of an MX, by preference, "0 ." for none (RFC 7505); the octets of a TXT with its strings joined, each as one character
    (latin-1); "3 1 1 0a1b…" of a TLSA. `secure`: the resolver says that it has validated them (DNSSEC, RFC 4035 §3.2.3)."""

    outcome: Outcome
    records: tuple[str, ...] = ()
    secure: bool = False


Asking = Generator[Query, Answer, T]
"""A check under way: it yields what it wants to know, and returns what it found."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A query with what was answered: kept with a message, it says on what a verdict rests (AR-1)."""

    query: Query
    answer: Answer
