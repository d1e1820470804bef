"""Filling the search index beside the mail path, and anew from what is kept whenever one likes (AR-3).

The index holds words and not the text. SQLite's is FTS5; PostgreSQL's a tsvector, put together from the same words, so that both
find the same. Messages are numbered as they come, so the newest ones are found first without sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text, update

from relay.message.own_words import parted
from relay.store import rows, volumes
from relay.store.marking import kinds, standing
from relay.store.matching import QUOTED, WEIGHTS
from relay.store.prepared import Prepared
from relay.store.rows import Found, Row
from relay.store.tables import IS_STALE, messages, texts
from relay.store.terms import id_mark
from relay.store.wording import worded

_POSITIONS: Final = 16_383
"""Where PostgreSQL stops counting the words of a text."""
_POSITIONS_OF_A_WORD: Final = 255
_VECTOR_OCTETS: Final = 512 * 1024
"""Of all distinct words of one message together: PostgreSQL takes one megabyte with their positions."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the index takes it: its number, and its folded words by column."""

    seq: int
    message: str
    columns: Mapping[str, str] = field(repr=False)
    kinds: frozenset[str] = frozenset()
    """The marks that follow from what stands in it."""

    def row(self, marks: str) -> Row:
        return (self.seq, *(self.columns[column] for column in _COLUMNS), marks)


def index_some(connection: Connection, count_max: int = 100) -> int:
    """Brings at most `count_max` messages into the index that it does not know as they are now; how many that were."""
    return learn(connection, unlearnt(connection, count_max))


def unlearnt(connection: Connection, count_max: int = 100) -> tuple[Entry, ...]:
    """At most `count_max` messages that the index does not know as they are now, folded.

    Folding needs no transaction that writes: it takes longer than the index does, and mail waits for whoever writes.
    """
    return tuple(_entry(row) for row in _STALE.rows(connection, count_max=count_max))


def learn(connection: Connection, entries: Collection[Entry]) -> int:
    """Brings `entries` into the index, with their marks as they are now; how many it did not know."""
    # Each step is one statement for all: mail waits for whoever writes, and a busy process makes that wait a turn for each row.
    known = standing(connection, [entry.message for entry in entries])
    new = [entry for entry in entries if entry.message in known]
    if not new:
        return 0
    marks = {entry.message: " ".join(sorted(entry.kinds | known[entry.message].now)) for entry in new}
    if connection.dialect.name == "sqlite":
        volumes.make(connection, {volumes.of(entry.seq) for entry in new})
        # An index without the text forgets words only when it is told which they were.
        for volume, some in _by_volume(new).items():
            was = [(entry, known[entry.message].marks) for entry in some]
            rows.in_one(
                connection,
                _FORGET.format(volume=volume),
                [("delete", *entry.row(before)) for entry, before in was if before is not None],
            )
            rows.in_one(connection, _LEARN.format(volume=volume), [entry.row(marks[entry.message]) for entry in some])
    else:
        vectors = [(entry.seq, _vector(entry.columns, marks[entry.message])) for entry in new]
        rows.in_one(connection, _UPSERT, vectors, _INSTEAD)
    rows.in_one(connection, _LEARNT, [(entry.message, marks[entry.message]) for entry in new], _OF_TEXTS)
    return len(new)


def rebuild(connection: Connection) -> None:
    """Empties the index; `index_some` fills it again."""
    if connection.dialect.name == "sqlite":
        for volume in volumes.there(connection):
            connection.execute(text(_FORGET_ALL.format(volume=volumes.name(volume))))
    else:
        connection.execute(_DELETE_ALL)
    connection.execute(update(texts).values(stale=True, marks=None))


def waiting(connection: Connection) -> int:
    """Messages that the index does not know as they are now."""
    return connection.execute(select(func.count()).select_from(texts).where(_IS_STALE)).scalar_one()


def _by_volume(entries: Collection[Entry]) -> dict[str, list[Entry]]:
    """The entries of each volume, by its table."""
    apart: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        apart[volumes.name(volumes.of(entry.seq))].append(entry)
    return apart


def _entry(row: Found) -> Entry:
    columns = {column: worded(text) for column, text in _by_column(row).items()}
    domains = {id_mark("domain", domain) for one in columns.values() for domain in one.domains}
    return Entry(row.seq, row.message, {column: " ".join(one.words) for column, one in columns.items()}, kinds(row) | domains)


def _by_column(row: Found) -> dict[str, str]:
    """The texts of a message as the index divides them."""
    new, quoted = parted(row.body)
    return {"subject": row.subject, "people": row.people, "body": new, "quoted": quoted, "files": row.files}


def _vector(columns: Mapping[str, str], marks: str) -> str:
    """An entry as a tsvector: written out word by word, because PostgreSQL's own parser would cut addresses otherwise."""
    positions: defaultdict[str, list[str]] = defaultdict(list)
    at = octets = 0
    for column in _COLUMNS:
        weight = WEIGHTS.get(column, "")
        prefix = "" if weight else QUOTED
        for plain in columns[column].split():
            at += 1
            word = prefix + plain
            if word not in positions:
                octets += len(word.encode())
            if octets <= _VECTOR_OCTETS and len(positions[word]) < _POSITIONS_OF_A_WORD:
                positions[word].append(f"{min(at, _POSITIONS)}{weight}")
        # No phrase goes on from one field into the next.
        at += 1
    lexemes = [f"'{word}':{','.join(where)}" for word, where in positions.items() if where]
    return " ".join([*lexemes, *(f"'{one}'" for one in marks.split())])


_COLUMNS: Final = ("subject", "people", "body", "quoted", "files")
_LEARN: Final = "INSERT INTO {volume} (rowid, subject, people, body, quoted, files, marks)"
_FORGET: Final = "INSERT INTO {volume} ({volume}, rowid, subject, people, body, quoted, files, marks)"
_FORGET_ALL: Final = "INSERT INTO {volume} ({volume}) VALUES ('delete-all')"
# What follows these is VALUES, whose columns both databases call column1, column2.
_UPSERT: Final = "INSERT INTO search_index (seq, words) SELECT entries.column1, CAST(entries.column2 AS tsvector) FROM ("
_INSTEAD: Final = ") AS entries ON CONFLICT (seq) DO UPDATE SET words = excluded.words"
_LEARNT: Final = "UPDATE texts SET stale = FALSE, marks = entries.column2 FROM ("
_OF_TEXTS: Final = ") AS entries WHERE texts.message = entries.column1"
_DELETE_ALL: Final = text("DELETE FROM search_index")
# Said in the words of the index over what is stale: asked in others, SQLite reads every text that there is.
_IS_STALE: Final = text(f"{texts.name}.{IS_STALE}")
_STALE: Final = Prepared(
    select(messages.c.seq, texts.c.message, texts.c.subject, texts.c.people, texts.c.body, texts.c.files)
    .join_from(texts, messages, messages.c.id == texts.c.message)
    .where(_IS_STALE)
    .order_by(texts.c.message)
    .limit(bindparam("count_max"))
)
