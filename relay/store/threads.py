"""A conversation as one of its parties sees it: which messages these are, and the octets that they know (GY-18).

A party sees what they wrote, and the renditions that went to them: of what was refused, held or stopped on its way to them,
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from relay.errors import NotFound
from relay.store import blobs
from relay.store.blobs import Lost
from relay.store.booking_tables import bookings
from relay.store.catalogue_tables import id_characters_max
from relay.store.conversations import by_reference
from relay.store.rows import Found, text
from relay.store.tables import State, conversations, deliveries, messages, passages
from relay.store.tables import blobs as kept_octets
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries
from relay.values import ConversationId, MessageId, Role

octets_max: Final = 32 * 1024 * 1024
"""Of the messages of one page, as they were before compression; a page has one message at least."""

_MINE: Final = (Fate.PASSED, Fate.REFUSED, Fate.HELD, Fate.TAKEN)
"""What a writer sees of their own: not what they said is not theirs, nor second copies, nor what machines answered."""
_CROSSED: Final = (State.DUE, State.DELIVERED)


@dataclass(frozen=True, slots=True)
class Seen:
    """A share of a message, with the octets that the party knows: what they wrote, or the rendition that they received.

    `is_proven`: it is sure who wrote it. `had_files`: of what crossed, for a message of theirs.
    """

    message: MessageId
    at: datetime
    is_mine: bool
    fate: Fate
    reason: str | None
    delivery: State | None
    is_automatic: bool
    is_proven: bool
    is_dropped: bool
    content: bytes | Lost = field(repr=False)
    rendition: bytes | Lost | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Latest:
    """The last message that passed in a conversation."""

    reference: str
    message: MessageId
    at: datetime
    writer: Role


def seen(
    connection: Connection, reference: str, role: Role, *, limit: int, before: str | None = None
) -> tuple[tuple[Seen, ...], str | None]:
    """At most `limit` of what `role` sees in the conversation of the booking `reference`, those before the message `before`, the
    newest first; and after which one the next page begins. Raises NotFound."""
    conversation = by_reference(connection, reference)
    rows = _rows(connection, conversation.id, role, limit=limit + 1, before=before)
    chosen, left = _that_fit(rows[:limit]), len(rows) > limit
    next_ = chosen[-1].message if left or len(chosen) < len(rows) else None
    return _with_octets(connection, chosen, role), next_


def one_seen(connection: Connection, reference: str, role: Role, message: str) -> Seen:
    """That message, as `role` sees it. Raises NotFound where they do not."""
    conversation = by_reference(connection, reference)
    named = passages.c.message == text(message, id_characters_max)
    rows = _rows(connection, conversation.id, role, limit=1, named=named)
    if not rows:
        raise NotFound(f"no message {message} in the conversation of booking {reference}")
    return _with_octets(connection, rows, role)[0]


def latest(
    connection: Connection, partner: str, assignee: str | None, *, waits: bool, limit: int, after: str | None
) -> tuple[Latest, ...]:
    """The conversations of a partner's bookings in which something passed, the one last written in first."""
    p = passages.alias("of_conversation")
    newest = (
        select(p.c.message)
        .where(p.c.conversation == conversations.c.id, p.c.fate == Fate.PASSED.value, ~p.c.automatic)
        .order_by(p.c.message.desc())
        .limit(1)
        .scalar_subquery()
    )
    theirs = (
        select(bookings.c.reference, conversations.c.id.label("conversation"), newest.label("message"))
        .join_from(bookings, conversations, conversations.c.reference == bookings.c.reference)
        .where(bookings.c.partner == text(partner, id_characters_max + 1))
    )
    if assignee is not None:
        theirs = theirs.where(bookings.c.assignee == text(assignee, id_characters_max + 1))
    of = theirs.subquery()
    chosen = (
        select(of.c.reference, of.c.message, passages.c.writer, messages.c.received_at)
        .join_from(of, passages, and_(passages.c.message == of.c.message, passages.c.conversation == of.c.conversation))
        .join(messages, messages.c.id == of.c.message)
        .where(passages.c.fate == Fate.PASSED.value)
        .order_by(of.c.message.desc(), of.c.reference)
        .limit(limit)
    )
    if waits:
        chosen = chosen.where(passages.c.writer == Role.CUSTOMER.value)
    if after is not None:
        # One message may have gone to several customers: the reference tells their conversations apart.
        message, _, reference = text(after, 2 * id_characters_max).partition(".")
        chosen = chosen.where(or_(of.c.message < message, and_(of.c.message == message, of.c.reference > reference)))
    return tuple(
        Latest(row.reference, MessageId(row.message), row.received_at, Role(row.writer)) for row in connection.execute(chosen)
    )


def _rows(
    connection: Connection,
    conversation: ConversationId,
    role: Role,
    *,
    limit: int,
    before: str | None = None,
    named: ColumnElement[bool] | None = None,
) -> list[Found]:
    mine = and_(passages.c.writer == role.value, passages.c.fate.in_([one.value for one in _MINE]))
    theirs = and_(
        passages.c.writer == role.other.value,
        passages.c.fate == Fate.PASSED.value,
        passages.c.rendition.is_not(None),
        deliveries.c.state.in_([one.value for one in _CROSSED]),
    )
    known = kept_octets.alias("known")
    chosen = (
        select(
            passages.c.message,
            passages.c.ordinal,
            passages.c.writer,
            passages.c.fate,
            passages.c.reason,
            passages.c.automatic,
            passages.c.dropped_at,
            passages.c.rendition,
            messages.c.raw,
            messages.c.received_at,
            messages.c.author,
            messages.c.size,
            deliveries.c.state,
            known.c.size.label("rendition_size"),
        )
        .join_from(passages, messages, messages.c.id == passages.c.message)
        .outerjoin(
            deliveries,
            and_(
                deliveries.c.message == passages.c.message,
                deliveries.c.passage == passages.c.ordinal,
                deliveries.c.carries == Carries.RENDITION.value,
            ),
        )
        .outerjoin(known, known.c.id == passages.c.rendition)
        .where(passages.c.conversation == conversation, or_(mine, theirs), named if named is not None else true())
        .order_by(passages.c.message.desc(), passages.c.ordinal)
        .limit(limit)
    )
    if before is not None:
        chosen = chosen.where(passages.c.message < text(before, id_characters_max))
    return list(connection.execute(chosen))


def _that_fit(rows: list[Found]) -> list[Found]:
    """The first of `rows`, up to so many octets; one at least."""
    room, fit = octets_max, list[Found]()
    for row in rows:
        room -= row.size + (row.rendition_size or 0)
        if fit and room < 0:
            break
        fit.append(row)
    return fit


def _with_octets(connection: Connection, rows: list[Found], role: Role) -> tuple[Seen, ...]:
    names = {row.raw for row in rows if row.writer == role.value} | {row.rendition for row in rows if row.rendition is not None}
    octets = blobs.read_what_is_there(connection, names)
    return tuple(_seen(row, octets, role) for row in rows)


def _seen(row: Found, octets: Mapping[str, bytes | Lost], role: Role) -> Seen:
    is_mine = row.writer == role.value
    fate = Fate(row.fate)
    crossed = octets[row.rendition] if row.rendition is not None else None
    # Of what the other wrote, only what crossed was looked for.
    content = octets[row.raw] if is_mine else crossed
    assert content is not None
    return Seen(
        message=MessageId(row.message),
        at=row.received_at,
        is_mine=is_mine,
        fate=fate,
        reason=row.reason,
        delivery=State(row.state) if row.state is not None else None,
        is_automatic=row.automatic,
        is_proven=fate is Fate.PASSED or row.author is not None,
        is_dropped=row.dropped_at is not None,
        content=content,
        rendition=crossed if fate is Fate.PASSED else None,
    )
