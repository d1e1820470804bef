"""The language of the search box (AR-2).

    refund voucher          both words, anywhere, whatever their case and accents
    "meeting point"         these words in a row
    refund*                 words that begin so
    -weather                not that
    booking:GYG4K7Q2X9ABC   of that booking; separators do not count
    by:customer from:partner
    fate:refused            passed, refused, held, duplicate, taken, absorbed
    has:attachment
    after:2026-05-01 before:2026-06-01T12:00+02:00     received in [after, before); dates begin at midnight UTC

An operator that does not exist is an error with a suggestion, never a search for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final

from relay.errors import NotDone
from relay.store.folding import words
from relay.transit.crossing import Fate
from relay.values import Role

query_characters_max: Final = 1_000
terms_max: Final = 50


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; `begun`: the last one only begins so."""

    words: tuple[str, ...]
    begun: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A property of the message, such as `by:customer`: the index holds it as a word of its own (`mark`)."""

    mark: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of `terms`, received in [after, before), in UTC."""

    terms: tuple[Words | Mark, ...] = ()
    after: datetime | None = None
    before: datetime | None = None


def parsed(text: str) -> Query:
    """The query that `text` is. Raises NotDone with a sentence for whoever typed it."""
    if len(text) > query_characters_max:
        raise NotDone(f"a search has at most {query_characters_max} characters")
    query = Query()
    for found in _TERM.finditer(text):
        query = _with(query, found)
    if len(query.terms) > terms_max:
        raise NotDone(f"a search has at most {terms_max} terms")
    if not query.terms and query.after is None and query.before is None:
        raise NotDone("nothing to look for")
    if query.terms and all(term.excluded for term in query.terms):
        raise NotDone("besides what is excluded, a search needs something to look for")
    return query


def mark(kind: str, value: str) -> str:
    """The word by which the index knows a property. It begins with a character that words of a message cannot have."""
    return f"\ue000{kind}{''.join(words(value))}"


_TERM: Final = re.compile(
    r"""(?P<minus>-)?
        (?: (?P<operator>[A-Za-z][A-Za-z-]*):(?!//)(?P<value>"[^"]*"|[^\s"]+)
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>[^\s"]+) )""",
    re.VERBOSE,
)


def _with(query: Query, found: re.Match[str]) -> Query:
    """`query` and one more term."""
    excluded = found["minus"] is not None
    if (operator := found["operator"]) is not None:
        read = OPERATORS.get(operator.lower())
        if read is None:
            near = get_close_matches(operator.lower(), OPERATORS, n=1)
            hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(f'{one}:' for one in OPERATORS)}"
            raise NotDone(f"unknown operator {operator}: ({hint} To look for these words, put them between quotes)")
        return read(query, found["value"].strip('"'), excluded)
    if (phrase := found["phrase"]) is not None:
        return _looking_for(query, Words(tuple(words(phrase)), excluded=excluded))
    word = found["word"]
    return _looking_for(query, Words(tuple(words(word)), begun=word.endswith("*"), excluded=excluded))


def _looking_for(query: Query, term: Words) -> Query:
    # Punctuation alone is no word, and nothing to look for.
    return replace(query, terms=(*query.terms, term)) if term.words else query


def _booking(query: Query, value: str, excluded: bool) -> Query:
    if not words(value):
        raise NotDone("booking: needs a reference, for example booking:GYG4K7Q2X9ABC")
    return replace(query, terms=(*query.terms, Mark(mark("booking", value), excluded)))


def _one_of(kind: str, values: Mapping[str, str]) -> Callable[[Query, str, bool], Query]:
    def read(query: Query, value: str, excluded: bool) -> Query:
        known = values.get(value.lower())
        if known is None:
            raise NotDone(f"{kind}: is one of {', '.join(values)}")
        return replace(query, terms=(*query.terms, Mark(mark(kind, known), excluded)))

    return read


def _after(query: Query, value: str, excluded: bool) -> Query:
    at = _instant("after", value)
    return replace(query, before=at) if excluded else replace(query, after=at)


def _before(query: Query, value: str, excluded: bool) -> Query:
    at = _instant("before", value)
    return replace(query, after=at) if excluded else replace(query, before=at)


def _instant(operator: str, value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise NotDone(f"{operator}: needs a date, for example {operator}:2026-05-01") from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)


_ROLES: Final = {role.value: role.value for role in Role} | {"provider": Role.PARTNER.value}
OPERATORS: Final[Mapping[str, Callable[[Query, str, bool], Query]]] = {
    "booking": _booking,
    "by": _one_of("by", _ROLES),
    "from": _one_of("by", _ROLES),
    "fate": _one_of("fate", {fate.value: fate.value for fate in Fate}),
    "has": _one_of("has", {"attachment": "attachment", "attachments": "attachment"}),
    "after": _after,
    "before": _before,
}
"""Every operator, with how its value changes the query."""
