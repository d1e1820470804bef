"""References of bookings that are nearly what somebody typed: "did you mean" (AR-2)."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from sqlalchemy import Connection, or_, select

from relay.store.folding import words
from relay.store.tables import conversations

looked_at_max: Final = 500
suggested_max: Final = 3
_end_characters: Final = 4
"""Of what was typed, its beginning or its end is taken to be right."""


def references(connection: Connection, typed: Sequence[str]) -> tuple[str, ...]:
    """At most `suggested_max` references that are nearly one of `typed`."""
    found: list[str] = []
    for one in typed:
        plain = "".join(words(one))
        if len(plain) > _end_characters:
            candidates = {"".join(words(reference)): reference for reference in _alike(connection, one.strip())}
            found += [candidates[near] for near in get_close_matches(plain, candidates, n=suggested_max, cutoff=0.75)]
    return tuple(dict.fromkeys(found))[:suggested_max]


def _alike(connection: Connection, typed: str) -> list[str]:
    """Those that begin or end as it does, whatever their case."""
    reference = conversations.c.reference
    alike = or_(
        reference.istartswith(typed[:_end_characters], autoescape=True),
        reference.iendswith(typed[-_end_characters:], autoescape=True),
    )
    return list(connection.execute(select(reference).where(alike).limit(looked_at_max)).scalars())
