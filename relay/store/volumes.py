"""SQLite's search index in volumes: each has the messages of one range of numbers, and is an index of its own (AR-3, AR-4b).

FTS5 finds the newest messages of one word without looking at the older ones, but of words that begin so it gathers every message
there is before it tells the first: with a million of them half a second. In volumes it is those of the newest volume, then of the
one before, until enough are found. The first volume comes with the schema; each further one when its first message does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, text

span: Final = 65_536
"""Messages of one volume. Fewer, and a rare word is asked of many; more, and words that begin with two letters take longer."""


def of(number: int) -> int:
    """The volume of the message with that number."""
    return number // span


def name(volume: int) -> str:
    """The table that holds it."""
    return _FIRST if volume == 0 else f"{_FIRST}_{volume}"


def there(connection: Connection) -> tuple[int, ...]:
    """The volumes that there are, the oldest first."""
    found = (_NAME.fullmatch(one) for one in connection.execute(_TABLES).scalars())
    return tuple(sorted(int(one["volume"] or 0) for one in found if one is not None))


def make(connection: Connection, volumes: Collection[int]) -> None:
    """Makes those of `volumes` that are not there yet, each like the first."""
    for volume in sorted({*volumes} - {*there(connection)}):
        like = connection.execute(_MADE_BY, {"name": _FIRST}).scalar_one()
        connection.execute(text(_CREATES.sub(f"CREATE VIRTUAL TABLE {name(volume)} USING", like, count=1)))


def between(volumes: Sequence[int], above: int, below: int, *, oldest_first: bool) -> Iterator[str]:
    """The tables that can hold messages with numbers between the two, in the order in which they are asked."""
    for volume in volumes if oldest_first else reversed(volumes):
        if volume * span < below and (volume + 1) * span - 1 > above:
            yield name(volume)


_FIRST: Final = "search_index"
_NAME: Final = re.compile(r"search_index(?:_(?P<volume>\d+))?")
_CREATES: Final = re.compile(r"CREATE\s+VIRTUAL\s+TABLE\s+\S+\s+USING", re.IGNORECASE)
_TABLES: Final = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'search\\_index%' ESCAPE '\\'")
_MADE_BY: Final = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
