"""Whose objects lie at a place: a mark there names the installation, so that no other takes them for objects that nobody names.

Two installations that were given one bucket and prefix would each sweep what the other keeps. The mark is written by whoever
finds none, compared before anything else is written, and again before anything is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sqlalchemy import Engine, select

from relay.errors import Foreign
from relay.store.engine import lay_beside, objects_of, reading
from relay.store.objects import Objects, Stored
from relay.store.tables import installation

MARK: Final = "blobs/installation"
"""Where the mark lies: below what credentials have to reach anyway, and under a key that is never swept."""


@dataclass(slots=True)
class Owned:
    """The objects of one installation at `place`. Raises Foreign, besides what `Objects` raises, where another one owns it."""

    place: Objects
    owner: Callable[[], str]
    """The installation's id. Raises Unavailable."""
    _ours: bool = field(default=False, init=False)

    def check(self) -> None:
        """Asks the place whose it is; one that nobody has marked is ours from now on. Raises Foreign and Unavailable."""
        owner = self.owner().encode()
        found = self.place.get(MARK)
        if found is None:
            self.place.put(MARK, owner)
            # Of two that begin at once, the one that wrote last has it; the other finds out here, or before it sweeps.
            found = self.place.get(MARK)
        self._ours = found == owner
        if not self._ours:
            raise Foreign(
                "object store: another installation keeps its objects there, and each would remove the other's: give this one "
                "a prefix of its own in blobs.url; or, where the other one is gone for good and this one takes its place, "
                f"remove its mark, the object {MARK} below that prefix"
            )

    def put(self, key: str, octets: bytes) -> None:
        if not self._ours:
            self.check()
        self.place.put(key, octets)

    def get(self, key: str) -> bytes | None:
        return self.place.get(key)

    def stored(self) -> Iterator[Stored]:
        self.check()
        return self.place.stored()

    def remove(self, keys: Collection[str]) -> None:
        self.check()
        self.place.remove(keys)


def id_of(engine: Engine) -> str:
    """The id of the installation whose database this is: made once, and kept when it is moved, backed up and restored.

    The database is at the present schema. Raises Unavailable.
    """
    with reading(engine) as connection:
        id_: str = connection.execute(select(installation.c.id)).scalar_one()
    return id_


def keep_beside(engine: Engine, place: Objects) -> None:
    """Large octets of this database lie at `place`, which is its own. Nothing is asked yet."""
    lay_beside(engine, Owned(place, partial(id_of, engine)))


def check(engine: Engine) -> None:
    """Asks the object store of this database, if there is one, whether it answers and is ours. Raises Foreign, Unavailable."""
    if isinstance(objects := objects_of(engine), Owned):
        objects.check()
