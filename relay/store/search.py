"""Full-text search of the archive: filled beside the mail path, and rebuilt from what is kept whenever one likes (AR-3).

The index holds words and not the text. SQLite's is FTS5; PostgreSQL's a tsvector, put together from the same words, so that both
find the same. Messages are numbered as they come, so the newest ones are found first without sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text, update

from relay.store import rows
from relay.store.folding import words
from relay.store.highlight import Span, highlighted
from relay.store.prepared import Prepared
from relay.store.query import Mark, Query, Words, mark, parsed
from relay.store.rows import Row, micros
from relay.store.tables import conversations, messages, passages, texts
from relay.transit.crossing import Fate
from relay.values import MessageId, Role

hits_max: Final = 200
snippet_characters: Final = 200
_OUT_OF_ORDER: Final = timedelta(hours=1)
"""Messages are numbered when they are committed; one received earlier may have a higher number, but not by this much."""
_NO_NUMBER: Final = 2**63 - 1
_POSITIONS: Final = 16_383
"""Where PostgreSQL stops counting the words of a text."""
_POSITIONS_OF_A_WORD: Final = 255
_VECTOR_OCTETS: Final = 512 * 1024
"""Of all distinct words of one message together: PostgreSQL takes one megabyte with their positions."""


@dataclass(frozen=True, slots=True)
class Share:
    """To whom it went, and what became of it."""

    reference: str
    writer: Role
    fate: Fate
    reason: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found. `received_at` is in UTC."""

    message: MessageId
    received_at: datetime
    shares: tuple[Share, ...]
    subject: tuple[Span, ...]
    snippet: tuple[Span, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the index takes it: its number, and its folded words by column."""

    seq: int
    message: str
    columns: Mapping[str, str] = field(repr=False)

    def row(self, marks: str) -> Row:
        return (self.seq, *(self.columns[column] for column in _COLUMNS), marks)


@dataclass(slots=True)
class _Standing:
    """What is to be known of a stale message: the marks that the index has of it, and its shares as they are now."""

    marks: str | None
    shares: tuple[Share, ...] = ()


def search(connection: Connection, query: str, limit: int = 20) -> tuple[Hit, ...]:
    """The newest messages that `query` describes, at most `limit`. Raises NotDone when it cannot be read (see `query`)."""
    wanted = parsed(query)
    numbers = _numbers(connection, wanted, min(limit, hits_max))
    shown = connection.execute(_SHOWN, {"numbers": numbers}).all()
    shares = _shares(connection, [row.id for row in shown])
    looked_for = [term for term in wanted.terms if isinstance(term, Words) and not term.excluded]
    return tuple(
        Hit(
            message=MessageId(row.id),
            received_at=row.received_at,
            shares=shares[row.id],
            subject=highlighted(row.subject, looked_for),
            snippet=highlighted(row.body, looked_for, snippet_characters),
            files=tuple(row.files.splitlines()),
        )
        for row in shown
    )


def index_some(connection: Connection, count_max: int = 100) -> int:
    """Brings at most `count_max` messages into the index that it does not know as they are now; how many that were."""
    return learn(connection, unlearnt(connection, count_max))


def unlearnt(connection: Connection, count_max: int = 100) -> tuple[Entry, ...]:
    """At most `count_max` messages that the index does not know as they are now, folded.

    Folding needs no transaction that writes: it takes longer than the index does, and mail waits for whoever writes.
    """
    return tuple(
        Entry(row.seq, row.message, {column: " ".join(words(getattr(row, column))) for column in _COLUMNS})
        for row in _STALE.rows(connection, count_max=count_max)
    )


def learn(connection: Connection, entries: Collection[Entry]) -> int:
    """Brings `entries` into the index, with their marks as they are now; how many it did not know."""
    # Each step is one statement for all: mail waits for whoever writes, and a busy process makes that wait a turn for each row.
    standing = _standing(connection, [entry.message for entry in entries])
    new = [entry for entry in entries if entry.message in standing]
    if not new:
        return 0
    marks = {entry.message: _marks(entry, standing[entry.message].shares) for entry in new}
    if connection.dialect.name == "sqlite":
        # An index without the text forgets words only when it is told which they were.
        known = [(entry, standing[entry.message].marks) for entry in new]
        rows.in_one(connection, _FORGET, [("delete", *entry.row(before)) for entry, before in known if before is not None])
        rows.in_one(connection, _LEARN, [entry.row(marks[entry.message]) for entry in new])
    else:
        vectors = [(entry.seq, _vector(entry.columns, marks[entry.message])) for entry in new]
        rows.in_one(connection, _UPSERT, vectors, _INSTEAD)
    rows.in_one(connection, _LEARNT, [(entry.message, marks[entry.message]) for entry in new], _OF_TEXTS)
    return len(new)


def rebuild(connection: Connection) -> None:
    """Empties the index; `index_some` fills it again."""
    connection.execute(_FORGET_ALL if connection.dialect.name == "sqlite" else _DELETE_ALL)
    connection.execute(update(texts).values(stale=True, marks=None))


def waiting(connection: Connection) -> int:
    """Messages that the index does not know as they are now."""
    return connection.execute(select(func.count()).select_from(texts).where(texts.c.stale)).scalar_one()


_COLUMNS: Final = ("subject", "people", "body", "files")
_LEARN: Final = "INSERT INTO search_index (rowid, subject, people, body, files, marks)"
_FORGET: Final = "INSERT INTO search_index (search_index, rowid, subject, people, body, files, marks)"
_FORGET_ALL: Final = text("INSERT INTO search_index (search_index) VALUES ('delete-all')")
# What follows these is VALUES, whose columns both databases call column1, column2.
_UPSERT: Final = "INSERT INTO search_index (seq, words) SELECT entries.column1, CAST(entries.column2 AS tsvector) FROM ("
_INSTEAD: Final = ") AS entries ON CONFLICT (seq) DO UPDATE SET words = excluded.words"
_LEARNT: Final = "UPDATE texts SET stale = FALSE, marks = entries.column2 FROM ("
_OF_TEXTS: Final = ") AS entries WHERE texts.message = entries.column1"
_DELETE_ALL: Final = text("DELETE FROM search_index")
_STALE: Final = Prepared(
    select(messages.c.seq, texts.c.message, texts.c.subject, texts.c.people, texts.c.body, texts.c.files)
    .join_from(texts, messages, messages.c.id == texts.c.message)
    .where(texts.c.stale)
    .order_by(texts.c.message)
    .limit(bindparam("count_max"))
)
_STANDING: Final = (
    select(texts.c.message, texts.c.marks, passages.c.writer, passages.c.fate, passages.c.reason, conversations.c.reference)
    .join_from(texts, passages, passages.c.message == texts.c.message, isouter=True)
    .outerjoin(conversations, conversations.c.id == passages.c.conversation)
    .where(texts.c.stale, texts.c.message.in_(bindparam("messages", expanding=True)))
)
_SHOWN: Final = (
    select(messages.c.id, messages.c.received_at, texts.c.subject, texts.c.body, texts.c.files)
    .join_from(messages, texts, texts.c.message == messages.c.id)
    .where(messages.c.seq.in_(bindparam("numbers", expanding=True)))
    .order_by(messages.c.seq.desc())
)

# The index is asked first and walked from its newest end; the order of the join is what makes it quick (AR-4b).
_FIND_SQLITE: Final = text(
    "SELECT f.rowid FROM search_index AS f CROSS JOIN messages AS m ON m.seq = f.rowid"
    " WHERE f.search_index MATCH :match AND f.rowid > :above AND f.rowid < :below"
    " AND m.received_at >= :after AND m.received_at < :before ORDER BY f.rowid DESC LIMIT :limit"
)
# Asked for the newest directly, PostgreSQL walks the messages backwards and tests each; so the index comes first.
_FIND_POSTGRESQL: Final = text(
    "WITH f AS MATERIALIZED (SELECT seq FROM search_index WHERE words @@ CAST(:match AS tsquery)"
    " AND seq > :above AND seq < :below)"
    " SELECT f.seq FROM f JOIN messages AS m ON m.seq = f.seq"
    " WHERE m.received_at >= :after AND m.received_at < :before ORDER BY f.seq DESC LIMIT :limit"
)
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = datetime(9999, 1, 1, tzinfo=UTC)


def _numbers(connection: Connection, wanted: Query, limit: int) -> list[int]:
    """The numbers of the messages that are `wanted`, the newest first."""
    after, before = wanted.after or _BEGINNING, wanted.before or _END
    if not wanted.terms:
        received = messages.c.received_at
        newest = select(messages.c.seq).where(received >= after, received < before).order_by(received.desc()).limit(limit)
        return list(connection.execute(newest).scalars())
    sqlite = connection.dialect.name == "sqlite"
    asked: dict[str, str | int] = {
        "match": _match(wanted.terms) if sqlite else _tsquery(wanted.terms),
        "above": _last_before(connection, wanted.after),
        "below": _first_after(connection, wanted.before),
        "after": micros(after),
        "before": micros(before),
        "limit": limit,
    }
    return list(connection.execute(_FIND_SQLITE if sqlite else _FIND_POSTGRESQL, asked).scalars())


def _last_before(connection: Connection, after: datetime | None) -> int:
    """A number below that of every message received from `after` on."""
    if after is None:
        return 0
    received = messages.c.received_at
    last = select(messages.c.seq).where(received < after - _OUT_OF_ORDER).order_by(received.desc()).limit(1)
    return connection.execute(last).scalar_one_or_none() or 0


def _first_after(connection: Connection, before: datetime | None) -> int:
    """A number above that of every message received before `before`."""
    if before is None:
        return _NO_NUMBER
    received = messages.c.received_at
    first = select(messages.c.seq).where(received >= before + _OUT_OF_ORDER).order_by(received).limit(1)
    return connection.execute(first).scalar_one_or_none() or _NO_NUMBER


def _match(terms: Sequence[Words | Mark]) -> str:
    """`terms` in the language of FTS5. Everything is quoted, so no word is taken for an operator."""
    parts: tuple[list[str], list[str]] = [], []
    for term in terms:
        match term:
            case Words():
                one = f'{{{" ".join(_COLUMNS)}}} : "{" ".join(term.words)}"{" *" if term.begun else ""}'
            case Mark():
                one = f'marks : "{term.mark}"'
        parts[term.excluded].append(one)
    wanted, unwanted = parts
    found = f"({' AND '.join(wanted)})"
    return f"{found} NOT ({' OR '.join(unwanted)})" if unwanted else found


def _tsquery(terms: Sequence[Words | Mark]) -> str:
    """`terms` in the language of PostgreSQL. Everything is quoted, so no word is taken for an operator."""
    parts: list[str] = []
    for term in terms:
        match term:
            case Words():
                one = " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.begun else "")
            case Mark():
                one = f"'{term.mark}'"
        parts.append(f"!({one})" if term.excluded else f"({one})")
    return " & ".join(parts)


def _shares(connection: Connection, ids: Collection[str]) -> dict[str, tuple[Share, ...]]:
    shares: defaultdict[str, tuple[Share, ...]] = defaultdict(tuple)
    chosen = (
        select(passages.c.message, passages.c.writer, passages.c.fate, passages.c.reason, conversations.c.reference)
        .join_from(passages, conversations, conversations.c.id == passages.c.conversation)
        .where(passages.c.message.in_(ids))
        .order_by(passages.c.message, passages.c.ordinal)
    )
    for row in connection.execute(chosen):
        shares[row.message] += (Share(row.reference, Role(row.writer), Fate(row.fate), row.reason),)
    return shares


def _standing(connection: Connection, ids: Collection[str]) -> dict[str, _Standing]:
    """Of each of `ids` that is still stale."""
    standing: dict[str, _Standing] = {}
    for row in connection.execute(_STANDING, {"messages": ids}):
        one = standing.setdefault(row.message, _Standing(row.marks))
        if row.writer is not None:
            one.shares += (Share(row.reference, Role(row.writer), Fate(row.fate), row.reason),)
    return standing


def _marks(entry: Entry, shares: Sequence[Share]) -> str:
    marks = {mark("has", "attachment")} if entry.columns["files"] else set()
    for share in shares:
        marks |= {mark("booking", share.reference), mark("by", share.writer.value), mark("fate", share.fate.value)}
    return " ".join(sorted(marks))


def _vector(columns: Mapping[str, str], marks: str) -> str:
    """An entry as a tsvector: written out word by word, because PostgreSQL's own parser would cut addresses otherwise."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    at = octets = 0
    for column in _COLUMNS:
        for word in columns[column].split():
            at += 1
            if word not in positions:
                octets += len(word.encode())
            if octets <= _VECTOR_OCTETS and len(positions[word]) < _POSITIONS_OF_A_WORD:
                positions[word].append(min(at, _POSITIONS))
        # No phrase goes on from one field into the next.
        at += 1
    lexemes = [f"'{word}':{','.join(map(str, where))}" for word, where in positions.items() if where]
    return " ".join([*lexemes, *(f"'{one}'" for one in marks.split())])
