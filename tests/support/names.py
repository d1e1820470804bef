"""DNS for unit tests: answers from a table, without packets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from relay.lookup import Answer, Asking, Lookup, Outcome, Query, Type

T = TypeVar("T")

NO_NAME = Answer(Outcome.NO_NAME)
EMPTY = Answer(Outcome.EMPTY)
TROUBLE = Answer(Outcome.TROUBLE)


def found(*records: str, secure: bool = False) -> Answer:
    return Answer(Outcome.FOUND, records, secure)


@dataclass
class Table:
    """Answers by "name TYPE". A name of which some type is known has no records of the others; any other does not exist."""

    answers: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)

    async def ask(self, query: Query, within_s: float = 0) -> Answer:
        key = f"{query.name} {query.type.value}"
        self.asked.append(key)
        known = any(f"{query.name} {one.value}" in self.answers for one in Type)
        return self.answers.get(key, EMPTY if known else NO_NAME)

    async def answered(self, check: Asking[T], within_s: float = 0) -> tuple[T, tuple[Lookup, ...]]:
        told: list[Lookup] = []
        try:
            query = next(check)
            while True:
                told.append(Lookup(query, await self.ask(query)))
                query = check.send(told[-1].answer)
        except StopIteration as ended:
            return ended.value, tuple(told)
