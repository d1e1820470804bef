"""DNS as a table, for checks that ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from relay.lookup import Answer, Asking, Outcome, Query, Type

T = TypeVar("T")
Table = Mapping[tuple[str, Type], Sequence[str] | None]
"""Records by name and type; none is "no such name", None is trouble."""


def looked_up(check: Asking[T], table: Table) -> T:
    """What `check` returns where `table` is all that DNS knows."""
    try:
        query = next(check)
        while True:
            query = check.send(_answer(query, table))
    except StopIteration as ended:
        found: T = ended.value
        return found


def _answer(query: Query, table: Table) -> Answer:
    there = table.get((query.name, query.type), ())
    if there is None:
        return Answer(Outcome.TROUBLE)
    return Answer(Outcome.FOUND, tuple(there)) if there else Answer(Outcome.NO_NAME)
