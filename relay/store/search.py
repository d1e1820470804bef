"""Full-text search of the archive: filled beside the mail path, and rebuilt from what is kept whenever one likes (AR-3).

The index holds words and not the text. SQLite's is FTS5; PostgreSQL's a tsvector, put together from the same words, so that both
find the same. Messages are numbered as they come, so the newest ones are found first without sorting.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select, text, update

from relay.message.own_words import parted
from relay.store import rows
from relay.store.booking_tables import bookings
from relay.store.folding import words
from relay.store.found import removed_in
from relay.store.highlight import Span, highlighted, searched_characters_max
from relay.store.prepared import Prepared
from relay.store.query import parsed
from relay.store.resolving import Resolved, resolved
from relay.store.rows import Found, Row, micros
from relay.store.tables import attempts, blobs, conversations, deliveries, messages, parties, passages, texts
from relay.store.terms import ANY, NOBODY, Asked, Asking, Both, Either, Mark, Query, Term, Where, Words, id_mark, mark, words_in
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries
from relay.values import MessageId, Role

hits_max: Final = 200
snippet_characters: Final = 200
walked: Final = 500
"""Messages that PostgreSQL goes through one by one before it asks its index: what is not among them often is rare (AR-4b)."""
_OUT_OF_ORDER: Final = timedelta(hours=1)
"""Messages are numbered when they are committed; one received earlier may have a higher number, but not by this much."""
_FIRST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""Nothing was received before the one or after the other, and calendars end soon beyond them."""
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
    number: int = 0
    """In the order in which messages came: where the next page begins."""


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


@dataclass(frozen=True, slots=True)
class Portion:
    """How many were counted, and the number of the last of them; None where there was none."""

    count: int
    reached: int | None


@dataclass(slots=True)
class _Standing:
    """What is to be known of a stale message: the marks that the index has of it, and those that are its own now."""

    marks: str | None
    now: set[str] = field(default_factory=set)


def search(
    connection: Connection,
    query: str,
    limit: int = 20,
    *,
    asking: Asking = NOBODY,
    beyond: int | None = None,
    shown_as: Callable[[str], str] = str,
) -> tuple[Hit, ...]:
    """The newest messages that `query` describes, at most `limit`. Raises NotDone when it cannot be read (see `query`).

    With `beyond`, those that come after the message of that number. `shown_as` changes what people wrote before any of it is
    marked as a hit: to mask addresses.
    """
    return search_for(connection, parsed(query, asking), limit, beyond=beyond, shown_as=shown_as)


def search_for(
    connection: Connection, wanted: Query, limit: int = 20, *, beyond: int | None = None, shown_as: Callable[[str], str] = str
) -> tuple[Hit, ...]:
    """The same of a query that was read."""
    found = numbers(connection, wanted, min(limit, hits_max), beyond)
    shown = list(connection.execute(_SHOWN, {"numbers": found}))
    if wanted.oldest_first:
        shown.reverse()
    shares = _shares(connection, [row.id for row in shown])
    looked_for = words_in(wanted.terms)
    in_subject = [term for term in looked_for if term.where in {None, Where.SUBJECT}]
    in_text = [term for term in looked_for if term.where in {None, Where.NEW, Where.QUOTED, Where.TEXT}]
    return tuple(
        Hit(
            message=MessageId(row.id),
            received_at=row.received_at,
            shares=shares[row.id],
            subject=highlighted(shown_as(row.subject), in_subject),
            snippet=highlighted(shown_as(row.body[:searched_characters_max]), in_text, snippet_characters),
            files=tuple(row.files.splitlines()),
            number=row.seq,
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
        Entry(row.seq, row.message, {column: " ".join(words(text)) for column, text in _by_column(row).items()}, _kinds(row))
        for row in _STALE.rows(connection, count_max=count_max)
    )


def learn(connection: Connection, entries: Collection[Entry]) -> int:
    """Brings `entries` into the index, with their marks as they are now; how many it did not know."""
    # Each step is one statement for all: mail waits for whoever writes, and a busy process makes that wait a turn for each row.
    standing = _standing(connection, [entry.message for entry in entries])
    new = [entry for entry in entries if entry.message in standing]
    if not new:
        return 0
    marks = {entry.message: " ".join(sorted(entry.kinds | standing[entry.message].now)) for entry in new}
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


_COLUMNS: Final = ("subject", "people", "body", "quoted", "files")
_EVERYWHERE: Final = "subject people body files"
"""Where words are looked for unless somebody says where: what is quoted was written before."""
_WEIGHTS: Final = {"subject": "A", "people": "B", "files": "C", "body": "D"}
"""PostgreSQL knows four kinds of positions; so that a fifth can be told apart ..."""
_QUOTED: Final = "\ue001"
"""... what is quoted are words of their own, which begin with this."""
_LINK: Final = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.([^.\s]{1,10})\s*$", re.MULTILINE)
_LEARN: Final = "INSERT INTO search_index (rowid, subject, people, body, quoted, files, marks)"
_FORGET: Final = "INSERT INTO search_index (search_index, rowid, subject, people, body, quoted, files, marks)"
_FORGET_ALL: Final = text("INSERT INTO search_index (search_index) VALUES ('delete-all')")
# What follows these is VALUES, whose columns both databases call column1, column2.
_UPSERT: Final = "INSERT INTO search_index (seq, words) SELECT entries.column1, CAST(entries.column2 AS tsvector) FROM ("
_INSTEAD: Final = ") AS entries ON CONFLICT (seq) DO UPDATE SET words = excluded.words"
_LEARNT: Final = "UPDATE texts SET stale = FALSE, marks = entries.column2 FROM ("
_OF_TEXTS: Final = ") AS entries WHERE texts.message = entries.column1"
_DELETE_ALL: Final = text("DELETE FROM search_index")
_rendition: Final = blobs.alias("rendition")
_STALE: Final = Prepared(
    select(messages.c.seq, texts.c.message, texts.c.subject, texts.c.people, texts.c.body, texts.c.files)
    .join_from(texts, messages, messages.c.id == texts.c.message)
    .where(texts.c.stale)
    .order_by(texts.c.message)
    .limit(bindparam("count_max"))
)
_STANDING: Final = (
    select(
        *(texts.c.message, texts.c.marks, passages.c.conversation, passages.c.writer, passages.c.fate, passages.c.reason),
        *(passages.c.removed, passages.c.rendition_id, passages.c.dropped_at, conversations.c.reference),
        *(messages.c.size, messages.c.aliases, messages.c.original_id, messages.c.evidence, bookings.c.partner, bookings.c.offer),
        parties.c.language,
        blobs.c.sha256,
        _rendition.c.sha256.label("rendition_sha256"),
    )
    .join_from(texts, messages, messages.c.id == texts.c.message)
    .join(blobs, blobs.c.id == messages.c.raw)
    .join(passages, passages.c.message == texts.c.message, isouter=True)
    .outerjoin(_rendition, _rendition.c.id == passages.c.rendition)
    .outerjoin(conversations, conversations.c.id == passages.c.conversation)
    .outerjoin(parties, (parties.c.conversation == passages.c.conversation) & (parties.c.role == passages.c.writer))
    .outerjoin(bookings, bookings.c.reference == conversations.c.reference)
    .where(texts.c.stale, texts.c.message.in_(bindparam("messages", expanding=True)))
)
_TRIED: Final = (
    select(deliveries.c.message, attempts.c.outcome, attempts.c.code)
    .join_from(deliveries, attempts, attempts.c.delivery == deliveries.c.id)
    .where(
        deliveries.c.message.in_(bindparam("messages", expanding=True)),
        deliveries.c.carries == Carries.RENDITION.value,
        attempts.c.outcome != "delivered",
    )
)
_SHOWN: Final = (
    select(messages.c.id, messages.c.seq, messages.c.received_at, texts.c.subject, texts.c.body, texts.c.files)
    .join_from(messages, texts, texts.c.message == messages.c.id)
    .where(messages.c.seq.in_(bindparam("numbers", expanding=True)))
    .order_by(messages.c.seq.desc())
)

# The index is asked first and walked from its newest end; the order of the join is what makes it quick (AR-4b).
_FIND_SQLITE: Final = (
    "SELECT f.rowid AS number FROM search_index AS f CROSS JOIN messages AS m ON m.seq = f.rowid"
    " WHERE f.search_index MATCH :match AND f.rowid > :above AND f.rowid < :below"
    " AND {conditions} ORDER BY f.rowid {order} LIMIT :limit"
)
# Asked for the newest directly, PostgreSQL walks the messages backwards and tests each; so the index comes first.
_FIND_POSTGRESQL: Final = (
    "WITH f AS MATERIALIZED (SELECT seq FROM search_index WHERE words @@ CAST(:match AS tsquery)"
    " AND seq > :above AND seq < :below)"
    " SELECT f.seq AS number FROM f JOIN messages AS m ON m.seq = f.seq"
    " WHERE {conditions} ORDER BY f.seq {order} LIMIT :limit"
)
# The other way round it is quick where words are common: then the newest messages have them. OFFSET keeps the planner from
# asking the index after all.
_WALK_POSTGRESQL: Final = (
    "SELECT f.seq AS number FROM (SELECT seq, words FROM search_index WHERE seq > :above AND seq < :below"
    " ORDER BY seq {order} OFFSET 0) AS f JOIN messages AS m ON m.seq = f.seq"
    " WHERE f.words @@ CAST(:match AS tsquery) AND {conditions} ORDER BY f.seq {order} LIMIT :limit"
)
# Where nothing is asked of the messages themselves, the index alone answers.
_FIND_ALONE: Final = {
    "sqlite": "SELECT f.rowid AS number FROM search_index AS f WHERE f.search_index MATCH :match"
    " AND f.rowid > :above AND f.rowid < :below ORDER BY f.rowid {order} LIMIT :limit",
    "postgresql": "WITH f AS MATERIALIZED (SELECT seq FROM search_index WHERE words @@ CAST(:match AS tsquery)"
    " AND seq > :above AND seq < :below) SELECT f.seq AS number FROM f ORDER BY f.seq {order} LIMIT :limit",
}
_FIND_RECEIVED: Final = (
    "SELECT m.seq AS number FROM messages AS m WHERE m.seq > :above AND m.seq < :below"
    " AND {conditions} ORDER BY m.seq {order} LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A query as the database is asked. `walk`: the same answered from message to message, in PostgreSQL."""

    sql: str
    parameters: Mapping[str, Any]
    walk: str = ""


def numbers(connection: Connection, wanted: Query, limit: int, beyond: int | None = None) -> list[int]:
    """The numbers of the messages that are `wanted`, in their order."""
    asked = question(connection, wanted, beyond)
    if asked.walk:
        near, rest = _walked(connection, wanted, asked, walked, limit)
        if len(near) == limit or rest is None:
            return near
        return near + _found(connection, asked.sql, rest, limit - len(near))
    return _found(connection, asked.sql, asked.parameters, limit)


def lately(connection: Connection, wanted: Query, rows: int) -> tuple[list[int], bool]:
    """The numbers of those that are `wanted` among the first `rows` messages that can be; whether there can be no others.

    In PostgreSQL alone.
    """
    near, rest = _walked(connection, wanted, question(connection, wanted), rows, rows)
    return near, rest is None


def _walked(
    connection: Connection, wanted: Query, asked: Statement, rows: int, limit: int
) -> tuple[list[int], Mapping[str, Any] | None]:
    """What is `wanted` among the first `rows` messages, and where to look for more; None where there are no more messages."""
    edge = "min" if wanted.oldest_first else "max"
    whole = text(f"SELECT {edge}(seq) FROM search_index WHERE seq > :above AND seq < :below")  # noqa: S608  our own words
    bounds = {name: asked.parameters[name] for name in ("above", "below")}
    first = connection.execute(whole, bounds).scalar_one_or_none()
    if first is None:
        return [], None
    here = {"below": first + rows} if wanted.oldest_first else {"above": first - rows}
    near = {**asked.parameters, **here}
    near |= {"above": max(near["above"], bounds["above"]), "below": min(near["below"], bounds["below"])}
    found = _found(connection, asked.walk, near, limit)
    beyond = {"above": near["below"] - 1} if wanted.oldest_first else {"below": near["above"] + 1}
    rest = {**asked.parameters, **beyond}
    more = text("SELECT 1 FROM search_index WHERE seq > :above AND seq < :below LIMIT 1")
    is_over = connection.execute(more, {name: rest[name] for name in ("above", "below")}).first() is None
    return found, None if is_over else rest


def _found(connection: Connection, sql: str, parameters: Mapping[str, object], limit: int) -> list[int]:
    return list(connection.execute(text(sql), {**parameters, "limit": limit}).scalars())


def total(connection: Connection, wanted: Query, limit: int, beyond: int | None = None, more: Sequence[Mark] = ()) -> Portion:
    """How many of the messages that are `wanted` and have the marks `more` there are, of at most `limit` beyond that number."""
    asked = question(connection, wanted, beyond, more)
    last = "max" if wanted.oldest_first else "min"
    sql = f"SELECT count(*), {last}(number) FROM ({asked.sql}) AS found"  # noqa: S608  statements of our own
    count, reached = connection.execute(text(sql), {**asked.parameters, "limit": limit}).one()
    return Portion(count, reached)


def question(connection: Connection, wanted: Query, beyond: int | None = None, more: Sequence[Mark] = ()) -> Statement:
    """What finds at most `:limit` of the messages that are `wanted` and have the marks `more`. Raises NotDone."""
    chosen = resolved(connection, wanted.terms)
    terms = (*chosen.terms, *more)
    if chosen.conditions and not terms:
        terms = (Mark(ANY),)
    above, below = _last_before(connection, wanted.after), _first_after(connection, wanted.before)
    if beyond is not None:
        above, below = (max(above, beyond), below) if wanted.oldest_first else (above, min(below, beyond))
    conditions, parameters = _conditions(wanted, chosen)
    name = connection.dialect.name
    parameters |= {"above": above, "below": below}
    if not terms:
        sql = _FIND_RECEIVED
    elif conditions:
        sql = _FIND_SQLITE if name == "sqlite" else _FIND_POSTGRESQL
    else:
        sql = _FIND_ALONE[name]
    if terms:
        parameters["match"] = _match(terms) if name == "sqlite" else _tsquery(terms)
    order = "ASC" if wanted.oldest_first else "DESC"
    told = {"conditions": " AND ".join(conditions) or "TRUE", "order": order}
    walk = _WALK_POSTGRESQL.format(**told) if terms and name == "postgresql" else ""
    return Statement(sql.format(**told), parameters, walk)


def _conditions(wanted: Query, chosen: Resolved) -> tuple[list[str], dict[str, object]]:
    """What is asked of each message that the index finds."""
    parameters: dict[str, object] = {}
    conditions: list[str] = []
    for sql, name, value in (
        ("m.received_at >= :after", "after", None if wanted.after is None else micros(wanted.after)),
        ("m.received_at < :before", "before", None if wanted.before is None else micros(wanted.before)),
        ("m.size > :larger", "larger", wanted.larger),
        ("m.size < :smaller", "smaller", wanted.smaller),
    ):
        if value is not None:
            conditions.append(sql)
            parameters[name] = value
    for one in chosen.conditions:
        conditions.append(one.sql)
        parameters |= one.parameters
    return conditions, parameters


def _last_before(connection: Connection, after: datetime | None) -> int:
    """A number below that of every message received from `after` on."""
    if after is None or after < _FIRST:
        return 0
    received = messages.c.received_at
    last = select(messages.c.seq).where(received < after - _OUT_OF_ORDER).order_by(received.desc()).limit(1)
    return connection.execute(last).scalar_one_or_none() or 0


def _first_after(connection: Connection, before: datetime | None) -> int:
    """A number above that of every message received before `before`."""
    if before is None or before > _LAST:
        return _NO_NUMBER
    received = messages.c.received_at
    first = select(messages.c.seq).where(received >= before + _OUT_OF_ORDER).order_by(received).limit(1)
    return connection.execute(first).scalar_one_or_none() or _NO_NUMBER


def _match(terms: Sequence[Term]) -> str:
    """`terms` in the language of FTS5. Everything is quoted, so no word is taken for an operator."""
    wanted = [_fts5(term) for term in terms if not term.excluded]
    unwanted = [_fts5(term) for term in terms if term.excluded]
    found = f"({' AND '.join(wanted or [_fts5(Mark(ANY))])})"
    return f"({found} NOT ({' OR '.join(unwanted)}))" if unwanted else found


def _fts5(term: Term) -> str:
    """`term`, excluded or not."""
    match term:
        case Words():
            columns = term.where.value if term.where is not None else _EVERYWHERE
            return f'{{{columns}}} : "{" ".join(term.words)}"{" *" if term.begun else ""}'
        case Mark():
            return f'marks : "{term.mark}"'
        case Both():
            return _match(term.terms)
        case Either():
            return f"({' OR '.join(_match([one]) for one in term.terms)})"
        case Asked():
            raise ValueError(f"{term.kind} was not looked up")


def _tsquery(terms: Sequence[Term]) -> str:
    """`terms` in the language of PostgreSQL. Everything is quoted, so no word is taken for an operator."""
    return " & ".join(f"!({_ts(term)})" if term.excluded else f"({_ts(term)})" for term in terms)


def _ts(term: Term) -> str:
    """`term`, excluded or not."""
    match term:
        case Words():
            return _ts_words(term)
        case Mark():
            return f"'{term.mark}'"
        case Both():
            return _tsquery(term.terms)
        case Either():
            return " | ".join(f"({_tsquery([one])})" for one in term.terms)
        case Asked():
            raise ValueError(f"{term.kind} was not looked up")


def _ts_words(term: Words) -> str:
    if term.where is Where.TEXT:
        return f"({_in_a_row(term, '', 'D')}) | ({_in_a_row(term, _QUOTED, '')})"
    if term.where is Where.QUOTED:
        return _in_a_row(term, _QUOTED, "")
    return _in_a_row(term, "", _WEIGHTS[term.where.value] if term.where is not None else "")


def _in_a_row(term: Words, prefix: str, weight: str) -> str:
    *rest, last = (f"'{prefix}{word}'" for word in term.words)
    ending = f"{'*' if term.begun else ''}{weight}"
    return " <-> ".join([*(f"{word}:{weight}" if weight else word for word in rest), f"{last}:{ending}" if ending else last])


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
        one = standing.get(row.message)
        if one is None:
            one = standing[row.message] = _Standing(row.marks, {ANY, *_of_message(row)})
        if row.writer is not None:
            one.now.update(_of_share(row))
    for tried in connection.execute(_TRIED, {"messages": list(standing)}) if standing else ():
        standing[tried.message].now.update(_of_attempt(tried))
    return standing


def _by_column(row: Found) -> dict[str, str]:
    """The texts of a message as the index divides them."""
    new, quoted = parted(row.body)
    return {"subject": row.subject, "people": row.people, "body": new, "quoted": quoted, "files": row.files}


def _kinds(row: Found) -> frozenset[str]:
    """The marks that follow from the texts of a message: which files it has, and whether it has links."""
    marks = {mark("type", ending) for ending in _ENDING.findall(row.files)}
    if row.files:
        marks.add(mark("has", "attachment"))
    if _LINK.search(row.body):
        marks.add(mark("has", "link"))
    return frozenset(marks)


def _of_message(row: Found) -> Iterable[str]:
    """The marks that follow from how a message came."""
    yield mark("size", str(row.size.bit_length()))
    yield id_mark("sha256", row.sha256.hex())
    if row.original_id is not None:
        yield id_mark("mid", row.original_id)
    for alias in row.aliases.split():
        yield mark("alias", alias.partition("@")[0])
    if row.evidence is not None:
        evidence = json.loads(row.evidence)
        yield mark("auth", evidence["alignment"])
        for check in evidence["checks"]:
            method, _, rest = check.partition(" ")
            yield mark("auth", f"{method}={rest.partition(' ')[0]}")


def _of_share(row: Found) -> Iterable[str]:
    """The marks that follow from one recipient's share of a message."""
    yield mark("booking", row.reference)
    yield mark("conv", row.conversation)
    yield mark("by", row.writer)
    yield mark("fate", row.fate)
    if row.reason is not None:
        yield mark("reason", row.reason)
    if row.fate == Fate.HELD.value and row.dropped_at is None:
        yield mark("hold", "yes")
    if row.rendition_id is not None:
        yield id_mark("mid", row.rendition_id)
    if row.rendition_sha256 is not None:
        yield id_mark("sha256", row.rendition_sha256.hex())
    if row.language is not None:
        yield mark("lang", row.language)
    if row.partner is not None:
        yield mark("provider", row.partner)
        yield mark("product", row.offer)
    for removal in removed_in(row.removed):
        yield mark("hid", removal.kind)


def _of_attempt(row: Found) -> Iterable[str]:
    """The marks that follow from an attempt to deliver that came to nothing."""
    yield mark("event", _CAME_TO[row.outcome])
    if row.code is not None:
        yield mark("code", str(row.code))


_CAME_TO: Final = {"deferred": "delayed", "failed": "failed", "bounced": "bounced"}


def _vector(columns: Mapping[str, str], marks: str) -> str:
    """An entry as a tsvector: written out word by word, because PostgreSQL's own parser would cut addresses otherwise."""
    positions: defaultdict[str, list[str]] = defaultdict(list)
    at = octets = 0
    for column in _COLUMNS:
        weight = _WEIGHTS.get(column, "")
        prefix = "" if weight else _QUOTED
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
