"""Objects that no row names: what a crash between the object and its commit left behind, or what a row has forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Engine, select

from relay.store.engine import reading
from relay.store.objects import Objects
from relay.store.tables import blobs

orphaned_after: Final = timedelta(days=1)
"""Before that a commit may still be on its way, and clocks may differ by hours."""
_at_once: Final = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """Objects that were looked at, and those that were removed."""

    seen: int
    removed: int


def sweep(engine: Engine, objects: Objects, now: datetime) -> Swept:
    """Removes the objects that nobody names and that are older than `orphaned_after`. Raises Unavailable, and Foreign where
    the place is another installation's (`ownership`).

    Any number of nodes may do it at once. Keys are never used again, so what nobody names now will never be named.
    """
    seen = removed = 0
    stored = objects.stored()
    while some := list(islice(stored, _at_once)):
        seen += len(some)
        orphans = _unnamed(engine, [one.key for one in some if one.at < now - orphaned_after])
        if orphans:
            objects.remove(orphans)
            removed += len(orphans)
    return Swept(seen, removed)


def _unnamed(engine: Engine, keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    with reading(engine) as connection:
        named = set(connection.execute(select(blobs.c.object).where(blobs.c.object.in_(keys))).scalars())
    return [key for key in keys if key not in named]
