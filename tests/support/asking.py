"""Checks that ask DNS, answered without a server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from relay.lookup import Answer, Asking, Outcome, Query, Type

T = TypeVar("T")

Table = Mapping[str, Sequence[str] | Outcome]
"""By "name TYPE": records, or what comes instead of them. What is not in it does not exist."""


def told(check: Asking[T], answer: Callable[[Query], Answer]) -> T:
    """What `check` returns where it is told what `answer` says."""
    try:
        query = next(check)
        while True:
            query = check.send(answer(query))
    except StopIteration as ended:
        found: T = ended.value
        return found


def answered(check: Asking[T], table: Table) -> tuple[T, list[str]]:
    """What `check` returns, and what it asked, as "name TYPE", in its order."""
    asked: list[str] = []

    def answer(query: Query) -> Answer:
        asked.append(f"{query.name} {query.type.value}")
        found = table.get(asked[-1], Outcome.NO_NAME)
        return Answer(found) if isinstance(found, Outcome) else Answer(Outcome.FOUND, tuple(found))

    return told(check, answer), asked


@dataclass
class Names:
    """Answers as the servers of the world would: they know aliases, and names that have no record of a type. `silent` ones are in
    trouble for each type that is not here. `asked` are the queries that came."""

    records: dict[Query, list[str]] = field(default_factory=lambda: defaultdict(list))
    silent: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    asked: list[Query] = field(default_factory=list)

    @classmethod
    def of(cls, records: Mapping[str, Mapping[str, str | list[str]]]) -> Names:
        """By name, by type: one record, or several."""
        found = cls()
        for name, kinds in records.items():
            for kind, value in kinds.items():
                found.put(name, Type(kind), *([value] if isinstance(value, str) else value))
        return found

    def put(self, name: str, type_: Type, *records: str) -> None:
        """Beside what was there."""
        self.names.add(name.lower())
        self.records[Query(name.lower(), type_)] += records

    def answer(self, query: Query) -> Answer:
        self.asked.append(query)
        name = query.name
        for _ in range(8):
            if records := self.records.get(Query(name, query.type)):
                return Answer(Outcome.FOUND, tuple(records))
            if not (alias := self.records.get(Query(name, Type.CNAME))):
                break
            name = alias[0].lower()
        else:
            return Answer(Outcome.TROUBLE)
        if name in self.silent:
            return Answer(Outcome.TROUBLE)
        exists = name in self.names or any(one.endswith(f".{name}") for one in self.names)
        return Answer(Outcome.EMPTY if exists else Outcome.NO_NAME)
