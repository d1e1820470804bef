"""Checks that ask DNS, answered from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from relay.lookup import Answer, Asking, Outcome

T = TypeVar("T")

Table = Mapping[str, Sequence[str] | Outcome]
"""By "name TYPE": records, or what comes instead of them. What is not in it does not exist."""


def answered(check: Asking[T], table: Table) -> tuple[T, list[str]]:
    """What `check` returns, and what it asked, as "name TYPE", in its order."""
    asked: list[str] = []
    try:
        question = next(check)
        while True:
            asked.append(f"{question.name} {question.type.value}")
            found = table.get(asked[-1], Outcome.NO_NAME)
            answer = Answer(found) if isinstance(found, Outcome) else Answer(Outcome.FOUND, tuple(found))
            question = check.send(answer)
    except StopIteration as ended:
        return ended.value, asked
