"""Full-text search of the archive: what a query finds, newest first, with the place where it is (AR-2). `indexing` fills it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, text

from relay.store import volumes
from relay.store.highlight import Span, highlighted, searched_characters_max
from relay.store.matching import matched, tsquery
from relay.store.query import parsed
from relay.store.resolving import Resolved, resolved
from relay.store.rows import micros
from relay.store.tables import conversations, messages, passages, texts
from relay.store.terms import NOBODY, Asking, Mark, Query, Where, words_in
from relay.transit.crossing import Fate
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
class Portion:
    """How many were counted, and the number of the last of them; None where there was none."""

    count: int
    reached: int | None


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


_SHOWN: Final = (
    select(messages.c.id, messages.c.seq, messages.c.received_at, texts.c.subject, texts.c.body, texts.c.files)
    .join_from(messages, texts, texts.c.message == messages.c.id)
    .where(messages.c.seq.in_(bindparam("numbers", expanding=True)))
    .order_by(messages.c.seq.desc())
)

# The index is asked first and walked from its newest end; the order of the join is what makes it quick (AR-4b).
_FIND_SQLITE: Final = (
    "SELECT f.rowid AS number FROM {volume} AS f CROSS JOIN messages AS m ON m.seq = f.rowid"
    " WHERE f.{volume} MATCH :match AND f.rowid > :above AND f.rowid < :below"
    " AND {conditions} ORDER BY f.rowid {order} LIMIT :limit"
)
# Each message is looked up by its number (OFFSET 0): PostgreSQL would gather all that came in that time, or are as large.
# Asked for the newest directly, PostgreSQL walks the messages backwards and tests each; so the index comes first.
_FIND_POSTGRESQL: Final = (
    "WITH f AS MATERIALIZED (SELECT seq FROM search_index WHERE words @@ CAST(:match AS tsquery)"
    " AND seq > :above AND seq < :below)"
    " SELECT f.seq AS number FROM f JOIN LATERAL (SELECT * FROM messages WHERE messages.seq = f.seq OFFSET 0) AS m ON TRUE"
    " WHERE {conditions} ORDER BY f.seq {order} LIMIT :limit"
)
# The other way round it is quick where words are common: then the newest messages have them. OFFSET keeps the planner from
# asking the index after all.
_WALK_POSTGRESQL: Final = (
    "SELECT f.seq AS number FROM (SELECT seq, words FROM search_index WHERE seq > :above AND seq < :below"
    " ORDER BY seq {order} OFFSET 0) AS f JOIN LATERAL (SELECT * FROM messages WHERE messages.seq = f.seq OFFSET 0) AS m ON TRUE"
    " WHERE f.words @@ CAST(:match AS tsquery) AND {conditions} ORDER BY f.seq {order} LIMIT :limit"
)
# Where nothing is asked of the messages themselves, the index alone answers.
_FIND_ALONE: Final = {
    "sqlite": "SELECT f.rowid AS number FROM {volume} AS f WHERE f.{volume} MATCH :match"
    " AND f.rowid > :above AND f.rowid < :below ORDER BY f.rowid {order} LIMIT :limit",
    "postgresql": "WITH f AS MATERIALIZED (SELECT seq FROM search_index WHERE words @@ CAST(:match AS tsquery)"
    " AND seq > :above AND seq < :below) SELECT f.seq AS number FROM f ORDER BY f.seq {order} LIMIT :limit",
}
_FIND_RECEIVED: Final = (
    "SELECT m.seq AS number FROM messages AS m WHERE m.seq > :above AND m.seq < :below"
    " AND {conditions} ORDER BY m.seq {order} LIMIT :limit"
)
_VOLUME: Final = "{volume}"
"""Stands for a table of SQLite's index."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A query as the database is asked. `walk`: the same answered from message to message, in PostgreSQL.

    `sql` has a place for each of `volumes`, in the order in which they are asked; without any it is asked as it is.
    """

    sql: str
    parameters: Mapping[str, Any]
    walk: str = ""
    volumes: tuple[str, ...] | None = None

    @property
    def parts(self) -> Iterator[str]:
        """What is asked, one after the other until there is enough."""
        if self.volumes is None:
            yield self.sql
        else:
            yield from (self.sql.replace(_VOLUME, name) for name in self.volumes)


def numbers(connection: Connection, wanted: Query, limit: int, beyond: int | None = None) -> list[int]:
    """The numbers of the messages that are `wanted`, in their order."""
    asked = question(connection, wanted, beyond)
    if asked.walk:
        near, rest = _walked(connection, wanted, asked, walked, limit)
        if len(near) == limit or rest is None:
            return near
        return near + _found(connection, asked.sql, rest, limit - len(near))
    found: list[int] = []
    for sql in asked.parts:
        found += _found(connection, sql, asked.parameters, limit - len(found))
        if len(found) == limit:
            break
    return found


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
    whole, reached = 0, None
    for one in asked.parts:
        sql = f"SELECT count(*), {last}(number) FROM ({one}) AS found"  # noqa: S608  statements of our own
        count, furthest = connection.execute(text(sql), {**asked.parameters, "limit": limit - whole}).one()
        whole, reached = whole + count, furthest or reached
        if whole == limit:
            break
    return Portion(whole, reached)


def question(connection: Connection, wanted: Query, beyond: int | None = None, more: Sequence[Mark] = ()) -> Statement:
    """What finds at most `:limit` of the messages that are `wanted` and have the marks `more`. Raises NotDone."""
    chosen = resolved(connection, wanted.terms)
    terms = (*chosen.terms, *more)
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
        parameters["match"] = matched(terms) if name == "sqlite" else tsquery(terms)
    order = "ASC" if wanted.oldest_first else "DESC"
    told = {"conditions": " AND ".join(conditions) or "TRUE", "order": order, "volume": _VOLUME}
    if not terms:
        asked_of_each = sql.format(**told)
        return Statement(asked_of_each, parameters, asked_of_each if chosen.conditions and name == "postgresql" else "")
    if name == "postgresql":
        return Statement(sql.format(**told), parameters, _WALK_POSTGRESQL.format(**told))
    asked = tuple(volumes.between(volumes.there(connection), above, below, oldest_first=wanted.oldest_first))
    return Statement(sql.format(**told), parameters, volumes=asked)


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
