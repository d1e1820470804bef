"""What happened in one conversation, for who decides a dispute about it: a handful of questions, however long it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from relay.message.removal import Removal
from relay.store import blobs, evidence, tables
from relay.store.archive import Attempt
from relay.store.blobs import Lost
from relay.store.found import findings_in, removed_in
from relay.store.rows import Found, text
from relay.store.tables import attempts, deliveries, messages, passages, path_characters_max, texts
from relay.store.tracked import TRACKED, Tracked, as_tracked
from relay.transit.crossing import Fate
from relay.transit.delivery import Cause
from relay.transit.evidence import Evidence
from relay.values import ConversationId, MessageId, Role

octets_max: Final = 32 * 1024 * 1024
"""Of the renditions of one page, as they were before compression; of those beyond it the words stand in the search index."""
candidates_max: Final = 200
"""Messages with which one that somebody shows us is compared."""


@dataclass(frozen=True, slots=True)
class Share:
    """A message's share in a conversation, without its octets."""

    message: MessageId
    ordinal: int
    writer: Role
    fate: Fate
    reason: str | None
    is_automatic: bool
    is_dropped: bool
    has_rendition: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """The same with what a page shows of it. `rendition` is None where there is none, or the page has octets enough."""

    share: Share
    received_at: datetime
    size: int
    evidence: Evidence | None
    removed: tuple[Removal, ...]
    found: int
    subject: str = field(repr=False)
    body: str = field(repr=False)
    files: str = field(repr=False)
    rendition: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mailed:
    """A delivery with its attempts."""

    tracked: Tracked
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Octets that somebody may show us: a message as received, or one of its renditions."""

    message: MessageId
    reference: str
    received_at: datetime
    is_rendition: bool
    blob: str
    sha256: bytes
    size: int


def shares(connection: Connection, conversation: ConversationId) -> tuple[Share, ...]:
    """Every message of the conversation, in the order in which they came."""
    rows = connection.execute(
        select(passages).where(passages.c.conversation == conversation).order_by(passages.c.message, passages.c.ordinal)
    )
    return tuple(_share(row) for row in rows)


def whole(connection: Connection, of: Sequence[Share]) -> dict[tuple[MessageId, int], Whole]:
    """`of`, with what a page shows of them."""
    names = {one.message for one in of}
    rows = connection.execute(
        select(
            passages,
            messages.c.received_at,
            messages.c.size,
            messages.c.evidence,
            texts.c.subject,
            texts.c.body,
            texts.c.files,
        )
        .join_from(passages, messages, messages.c.id == passages.c.message)
        .outerjoin(texts, texts.c.message == passages.c.message)
        .where(passages.c.message.in_(names))
        .order_by(passages.c.message.desc())
    ).all()
    wanted = {(one.message, one.ordinal) for one in of}
    rows = [row for row in rows if (row.message, row.ordinal) in wanted]
    octets = blobs.read_what_is_there(connection, _that_fit(rows))
    return {(MessageId(row.message), row.ordinal): _whole(row, octets) for row in rows}


def sent(connection: Connection, of_messages: Collection[str], of_ids: Collection[str]) -> tuple[Mailed, ...]:
    """The deliveries that those messages caused, and those of these ids, the oldest first."""
    rows = connection.execute(
        TRACKED.where(or_(deliveries.c.message.in_(of_messages), deliveries.c.id.in_(of_ids))).order_by(deliveries.c.id)
    ).all()
    made: dict[str, list[Attempt]] = {}
    chosen = select(attempts).where(attempts.c.delivery.in_([one.id for one in rows])).order_by(attempts.c.seq)
    for row in connection.execute(chosen):
        cause = Cause(row.cause) if row.cause is not None else None
        made.setdefault(row.delivery, []).append(
            Attempt(row.number, row.at, row.outcome, cause, row.code, row.text, row.in_doubt)
        )
    return tuple(Mailed(as_tracked(row), tuple(made.get(row.id, ()))) for row in rows)


def candidates(connection: Connection, conversation: ConversationId | None, message_id: str) -> tuple[Candidate, ...]:
    """What a mail with that Message-ID may be: renditions with that id, messages that had it, the newest first; all of
    `conversation` where one is given."""
    named = text(message_id, path_characters_max).strip().strip("<>")
    if conversation is not None:
        which = passages.c.conversation == conversation
    elif named:
        # Two questions, each with an index of its own.
        of_renditions = select(passages.c.message).where(passages.c.rendition_id == named).limit(candidates_max)
        of_originals = select(messages.c.id).where(messages.c.original_id == named).limit(candidates_max)
        either = {one for question in (of_renditions, of_originals) for one in connection.execute(question).scalars()}
        which = passages.c.message.in_(either)
    else:
        return ()
    p, m = passages.c, messages.c
    rows = connection.execute(
        select(p.message, tables.conversations.c.reference, p.rendition, m.raw, m.received_at)
        .join_from(passages, messages, m.id == p.message)
        .join(tables.conversations, tables.conversations.c.id == p.conversation)
        .where(which)
        .order_by(p.message.desc(), p.ordinal)
        .limit(candidates_max)
    ).all()
    names = {name for row in rows for name in (row.raw, row.rendition) if name is not None}
    b = tables.blobs.c
    kept = {one.id: one for one in connection.execute(select(b.id, b.sha256, b.size).where(b.id.in_(names)))}
    return tuple(
        Candidate(
            message=MessageId(row.message),
            reference=row.reference,
            received_at=row.received_at,
            is_rendition=is_rendition,
            blob=name,
            sha256=kept[name].sha256,
            size=kept[name].size,
        )
        for row in rows
        for name, is_rendition in ((row.rendition, True), (row.raw, False))
        if name in kept
    )


def octets(connection: Connection, blob: str) -> bytes | None:
    """What is kept under that name; None where it cannot be had."""
    found = blobs.read_what_is_there(connection, {blob})[blob]
    return None if isinstance(found, Lost) else found


def _that_fit(rows: Sequence[Found]) -> set[str]:
    """The renditions of the newest, up to so many octets."""
    room, fit = octets_max, set[str]()
    for row in rows:
        room -= row.size
        if room >= 0 and row.rendition is not None:
            fit.add(row.rendition)
    return fit


def _share(row: Found) -> Share:
    return Share(
        message=MessageId(row.message),
        ordinal=row.ordinal,
        writer=Role(row.writer),
        fate=Fate(row.fate),
        reason=row.reason,
        is_automatic=row.automatic,
        is_dropped=row.dropped_at is not None,
        has_rendition=row.rendition is not None,
    )


def _whole(row: Found, octets: Mapping[str, bytes | Lost]) -> Whole:
    rendition = octets.get(row.rendition) if row.rendition is not None else None
    return Whole(
        share=_share(row),
        received_at=row.received_at,
        size=row.size,
        evidence=evidence.read(row.evidence) if row.evidence is not None else None,
        removed=removed_in(row.removed),
        found=len(findings_in(row.findings)),
        subject=row.subject or "",
        body=row.body or "",
        files=row.files or "",
        rendition=None if isinstance(rendition, Lost) else rendition,
    )
