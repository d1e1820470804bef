"""What one look at DNS came to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from relay.lookup import Answer, Outcome


class State(Enum):
    """How a record stands."""

    RIGHT = "right"
    ADVICE = "advice"
    """It works, and could be better."""
    MISSING = "missing"
    WRONG = "wrong"
    TROUBLE = "trouble"
    """DNS does not answer: nothing is known."""

    @property
    def passes(self) -> bool:
        return self in {State.RIGHT, State.ADVICE}


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one record: what is expected at `name`, what was found there, and what is to be done; empty when nothing is."""

    part: str
    name: str
    type: str
    state: State
    expected: str
    found: tuple[str, ...] = ()
    fix: str = ""


def unanswered(part: str, name: str, type_: str, expected: str, answer: Answer) -> Finding | None:
    """The finding where there is nothing to look at: trouble, or no such record. None when there are records."""
    match answer.outcome:
        case Outcome.FOUND:
            return None
        case Outcome.TROUBLE:
            fix = "no answer from DNS: ask again, or see whether the name servers of the zone answer"
            return Finding(part, name, type_, State.TROUBLE, expected, fix=fix)
        case Outcome.EMPTY | Outcome.NO_NAME:
            return Finding(part, name, type_, State.MISSING, expected, fix=f"publish: {line(name, type_, expected)}")


string_octets_max: Final = 255
"""A TXT record is made of strings of at most this length (RFC 1035 §3.3.14)."""


def line(name: str, type_: str, value: str) -> str:
    """A record as zone files write it, a text cut into strings of 255."""
    if type_ != "TXT":
        return f"{name}. IN {type_} {value}"
    pieces = [value[start : start + string_octets_max] for start in range(0, len(value), string_octets_max)]
    quoted = [f'"{_escaped(piece)}"' for piece in pieces]
    return f"{name}. IN TXT " + (quoted[0] if len(quoted) == 1 else f"( {' '.join(quoted)} )")


def _escaped(piece: str) -> str:
    return piece.replace("\\", "\\\\").replace('"', '\\"')


def tags(record: str) -> dict[str, str]:
    """The tags of a record that is a list of `name=value` (RFC 6376 §3.2), names in lower case, values without white space."""
    pairs = (one.partition("=") for one in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, equals, value in pairs if equals}


def versioned(records: Sequence[str], version: str) -> list[str]:
    """Those of `records` that begin with `version`, as "v=DMARC1"; others at the same name are somebody else's."""
    begin = re.compile(rf"\s*{re.escape(version)}\s*(?:[;\s]|$)", re.IGNORECASE)
    return [one for one in records if begin.match(one)]
