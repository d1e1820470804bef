"""The language of the search box (AR-2).

    refund voucher          both words, in what was written anew and not in what it quotes, whatever their case and accents
    "meeting point"         these words in a row
    refund*                 words that begin so
    -weather                not that
    refund OR voucher       one of the two; OR joins its neighbours alone
    (refund OR money) guide what stands between parentheses is one
    booking:GYG4K7Q2X9ABC   of that booking; separators do not count
    by:customer from:Marco  who wrote; to: the other way
    event:delayed,bounced   one of several values
    anna@mail.example       an address, as a whole; @mail.example one of that domain; by who may see addresses alone
    after:2026-05-01 before:2026-06-01T12:00+02:00     received in [after, before); dates begin at midnight, in UTC unless told

`operators.OPERATORS` has them all. An operator that does not exist is an error with a suggestion, never a search for something
else; so is one that nothing here can answer. Both databases answer by the same tree of terms.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from relay.errors import NotDone
from relay.store.folding import words
from relay.store.operators import OPERATORS
from relay.store.terms import NOBODY, Asking, Both, Chip, Either, Mark, Query, Term, id_mark, looked_for
from relay.store.wording import domain_in

query_characters_max: Final = 1_000
terms_max: Final = 50
nesting_max: Final = 10
"""Parentheses within parentheses."""


def parsed(text: str, asking: Asking = NOBODY) -> Query:
    """The query that `text` is. Raises NotDone with a sentence for whoever typed it."""
    if len(text) > query_characters_max:
        raise NotDone(f"a search has at most {query_characters_max} characters")
    query = _Reader(text, asking).query()
    if not query.terms and query.after is None and query.before is None:
        raise NotDone("nothing to look for")
    if query.terms and all(term.excluded for term in query.terms):
        raise NotDone("besides what is excluded, a search needs something to look for")
    return query


_TERM: Final = re.compile(
    r"""(?P<close>\))
      | (?P<minus>-)?
        (?: (?P<open>\()
          | (?P<operator>[A-Za-z][A-Za-z0-9-]*):(?!//)(?P<value>"[^"]*"|\{[^}]*\}?|[^\s"()]+)
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>[^\s"()]+) )""",
    re.VERBOSE,
)


class _Reader:
    """Reads one query from left to right."""

    def __init__(self, text: str, asking: Asking) -> None:
        self.asking = asking
        self._text = text
        self._found = list(_TERM.finditer(text))
        if len(self._found) > 2 * terms_max:
            raise NotDone(f"a search has at most {terms_max} terms")
        self._at = 0
        self._count = 0
        self.whole = Query()
        self.depth = 0
        self.is_joined = False
        self.bookings: list[str] = []

    def query(self) -> Query:
        spans: list[tuple[int, int]] = []
        terms = self._sequence(spans)
        if self._count > terms_max:
            raise NotDone(f"a search has at most {terms_max} terms")
        chips = tuple(Chip(self._text[begins:ends], self._without(begins, ends)) for begins, ends in spans)
        return replace(self.whole, terms=(*self.whole.terms, *terms), chips=chips, bookings=tuple(self.bookings))

    def _without(self, begins: int, ends: int) -> str:
        return " ".join(f"{self._text[:begins].rstrip()} {self._text[ends:].lstrip()}".split(" ")).strip()

    def _sequence(self, spans: list[tuple[int, int]] | None = None) -> list[Term]:
        """Terms up to the closing parenthesis, or to the end. `spans`: where each stands, of those that are not in any."""
        terms: list[Term] = []
        while (found := self._next()) is not None:
            if found["close"] is not None:
                if not self.depth:
                    raise NotDone("a parenthesis is closed that was not opened; to look for one, put it between quotes")
                break
            begins = found.start()
            term = self._either(found)
            if spans is not None:
                spans.append((begins, self._found[self._at - 1].end()))
            if term is not None:
                terms.append(term)
        return terms

    def _either(self, found: re.Match[str]) -> Term | None:
        """What `found` begins: one term, or several with OR between them."""
        if _is_or(found):
            raise NotDone("OR stands between two things to look for; to look for the word, put it between quotes")
        before, first = self.whole, self._one(found)
        if not self._or_follows():
            return first
        if self.whole != before:
            raise NotDone(f"{found[0]} holds for the whole search, so it stands neither between parentheses nor beside OR")
        was_joined, self.is_joined = self.is_joined, True
        terms = [first]
        while self._or_follows():
            self._at += 1
            following = self._next()
            if following is None or _is_or(following) or following["close"] is not None:
                raise NotDone("OR stands between two things to look for; to look for the word, put it between quotes")
            terms.append(self._one(following))
        self.is_joined = was_joined
        kept = tuple(term for term in terms if term is not None)
        return kept[0] if len(kept) == 1 else Either(kept) if kept else None

    def _one(self, found: re.Match[str]) -> Term | None:
        excluded = found["minus"] is not None
        self._count += 1
        if found["open"] is not None:
            return self._parenthesis(excluded)
        if (operator := found["operator"]) is not None:
            return self._operator(operator, found["value"], excluded)
        word = found["phrase"] if found["phrase"] is not None else found["word"]
        reveals = self.asking.reveals
        if reveals and (domain := domain_in(word)) is not None:
            return Mark(id_mark("domain", domain), excluded)
        if found["phrase"] is not None:
            return looked_for(word, excluded, reveals=reveals)
        if word.startswith("*") and words(word):
            raise NotDone(f"words are found by how they begin, not by what is in them: write {word.strip('*')}*")
        if word.endswith("~") and words(word):
            raise NotDone(f"words are not guessed: write how it begins, for example {word.strip('~')[:4]}*")
        return looked_for(word, excluded, reveals=reveals, begun=word.endswith("*"))

    def _parenthesis(self, excluded: bool) -> Term | None:
        self.depth += 1
        if self.depth > nesting_max:
            raise NotDone(f"parentheses stand within one another at most {nesting_max} times")
        terms = tuple(self._sequence())
        self.depth -= 1
        if not terms:
            return None
        return replace(terms[0], excluded=excluded != terms[0].excluded) if len(terms) == 1 else Both(terms, excluded)

    def _operator(self, operator: str, written: str, excluded: bool) -> Term | None:
        read = OPERATORS.get(operator.lower())
        if read is None:
            near = get_close_matches(operator.lower(), OPERATORS, n=1)
            hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(f'{one}:' for one in OPERATORS)}"
            raise NotDone(f"unknown operator {operator}: ({hint} To look for these words, put them between quotes)")
        return read(self, written.strip('"'), excluded)

    def narrow(self, operator: str, **changes: object) -> None:
        """The whole search is changed: not something that holds for a part of it."""
        if self.depth or self.is_joined:
            raise NotDone(f"{operator}: holds for the whole search, so it stands neither between parentheses nor beside OR")
        self.whole = replace(self.whole, **changes)  # type: ignore[arg-type]

    def received(self, operator: str, after: datetime | None, before: datetime | None) -> None:
        """Only what was received in [after, before), of what is looked for so far."""
        afters = [at for at in (self.whole.after, after) if at is not None]
        befores = [at for at in (self.whole.before, before) if at is not None]
        self.narrow(operator, after=max(afters, default=None), before=min(befores, default=None))

    def _next(self) -> re.Match[str] | None:
        if self._at >= len(self._found):
            return None
        self._at += 1
        return self._found[self._at - 1]

    def _or_follows(self) -> bool:
        return self._at < len(self._found) and _is_or(self._found[self._at])


def _is_or(found: re.Match[str]) -> bool:
    return found["word"] == "OR" and found["minus"] is None
