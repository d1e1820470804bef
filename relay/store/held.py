"""The shares of messages that wait for a person, and what that person makes of them (GW-55). Every step is in the timeline.

A step is taken on what is held at that moment, with its row locked: of two people who decide at once, the second learns that it
is not held any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text, tuple_, update

from relay.conversation import Conversation
from relay.errors import Conflict, NotFound
from relay.message.leaks import Finding
from relay.store import blobs, rows, tables, timeline
from relay.store.accepting import add_deliveries, add_rendition_delivery, is_hinted_already
from relay.store.archive import envelope_of
from relay.store.conversations import by_id
from relay.store.found import findings_in, findings_text, removed_text
from relay.store.packing import rendition_name
from relay.store.rows import Found
from relay.store.stepping import Step
from relay.store.tables import detail_characters_max, messages, passages, texts
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.crossing import Fate, Passage, Rendition
from relay.transit.delivery import Carries, Delivery
from relay.transit.envelope import Envelope
from relay.values import ConversationId, MessageId, MsgId, Role

listed_max: Final = 1_000


@dataclass(frozen=True, slots=True)
class HeldShare:
    """One recipient's share of a message that waits for a person. Nothing of it is under way. `received_at` in UTC."""

    message: MessageId
    ordinal: int
    conversation: ConversationId
    writer: Role
    received_at: datetime
    reason: str
    detail: str
    findings: tuple[Finding, ...]
    has_rendition: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A held share with all that deciding it anew takes."""

    share: HeldShare
    conversation: Conversation
    envelope: Envelope
    rendition: bytes | None = field(repr=False)
    original_id: MsgId | None


def listed(connection: Connection, limit: int = 100, after: tuple[MessageId, int] | None = None) -> tuple[HeldShare, ...]:
    """What waits for a person, the oldest first; `after` is the last one of the page before."""
    chosen = _WAITING.order_by(passages.c.message, passages.c.ordinal).limit(min(limit, listed_max))
    if after is not None:
        chosen = chosen.where(tuple_(passages.c.message, passages.c.ordinal) > after)
    return tuple(_share(row) for row in connection.execute(chosen))


def one(connection: Connection, message: MessageId, ordinal: int) -> HeldShare | None:
    """That recipient's share of a message, if it waits for a person."""
    named = _WAITING.where(passages.c.message == message, passages.c.ordinal == ordinal)
    row = connection.execute(named).one_or_none()
    return _share(row) if row is not None else None


def case(connection: Connection, message: MessageId, ordinal: int) -> Case:
    """All about a held share. Raises NotFound, Conflict unless it is held, and Unavailable when its octets are damaged."""
    row = _held(connection, message, ordinal)
    share = one(connection, message, ordinal)
    if share is None:
        raise AssertionError("a held share is listed")
    rendition = row.rendition
    row = connection.execute(select(messages).where(messages.c.id == message)).one()
    octets = blobs.read(connection, {row.raw, *([rendition] if rendition else [])})
    return Case(
        share=share,
        conversation=by_id(connection, share.conversation),
        envelope=envelope_of(row, octets[row.raw]),
        rendition=octets[rendition] if rendition else None,
        original_id=MsgId(row.original_id) if row.original_id is not None else None,
    )


def release(connection: Connection, message: MessageId, ordinal: int, delivery: Delivery, step: Step) -> None:
    """It goes out as it is, as `delivery`. Raises NotFound, and Conflict unless it is held."""
    before = _locked(connection, message, ordinal)
    add_rendition_delivery(connection, delivery, ordinal, before.rendition, step.at)
    _became(connection, before, {"fate": Fate.PASSED.value})
    _told(connection, before, Kind.RELEASED, step, {"delivery": delivery.id})


def drop(connection: Connection, message: MessageId, ordinal: int, step: Step) -> None:
    """It is given up, and nobody is told. Raises NotFound, and Conflict unless it is held."""
    before = _locked(connection, message, ordinal)
    _became(connection, before, {"dropped_at": step.at})
    _told(connection, before, Kind.DROPPED, step, {})


def decide(
    connection: Connection, message: MessageId, ordinal: int, passage: Passage, kind: Kind, step: Step, facts: Mapping[str, Fact]
) -> None:
    """It becomes what `passage` says, with the deliveries of that; a rendition made anew takes the place of the old one.

    Its writer gets the hint that they would have had at once, unless they had a notice within a day (GW-52).
    `kind` and `facts` go into the timeline. Raises NotFound, and Conflict unless it is held.
    """
    before = _locked(connection, message, ordinal)
    if is_hinted_already(connection, passage, step.at):
        passage = passage.untold()
    told: dict[str, Fact] = {**facts, "fate": passage.fate.value, "reason": passage.reason}
    told["deliveries"] = tuple(one.id for one in passage.deliveries)
    values: dict[str, object] = {
        "fate": passage.fate.value,
        "reason": passage.reason,
        "detail": rows.text(passage.detail, detail_characters_max),
        "findings": findings_text(passage.findings),
    }
    if passage.rendition is not None:
        values |= _with_rendition(connection, before, passage.rendition)
        salt = connection.execute(select(messages.c.salt).where(messages.c.id == message)).scalar_one()
        told["rendition"] = timeline.commitment(salt, blobs.sha256(passage.rendition.content))
    for delivery in passage.deliveries:
        if delivery.carries is Carries.RENDITION:
            add_rendition_delivery(connection, delivery, ordinal, rendition_name(message, ordinal), step.at)
        else:
            add_deliveries(connection, [delivery], ordinal, step.at)
    _became(connection, before, values)
    _told(connection, before, kind, step, told)


_WAITING: Final = (
    select(passages, messages.c.received_at)
    .join_from(passages, messages, messages.c.id == passages.c.message)
    .where(text(f"{passages.name}.{tables.IS_HELD}"), passages.c.dropped_at.is_(None))
)
_NAMED: Final = select(passages).where(passages.c.message == bindparam("of"), passages.c.ordinal == bindparam("nth"))
_THE_PASSAGE: Final = update(passages).where(passages.c.message == bindparam("of"), passages.c.ordinal == bindparam("nth"))


def _share(row: Found) -> HeldShare:
    return HeldShare(
        message=MessageId(row.message),
        ordinal=row.ordinal,
        conversation=ConversationId(row.conversation),
        writer=Role(row.writer),
        received_at=row.received_at,
        reason=row.reason,
        detail=row.detail,
        findings=findings_in(row.findings),
        has_rendition=row.rendition is not None,
    )


def _locked(connection: Connection, message: MessageId, ordinal: int) -> Found:
    """The passage, which nobody else decides before this transaction ends. Raises NotFound, and Conflict unless it is held."""
    connection.execute(_NAMED.with_for_update(key_share=True), {"of": message, "nth": ordinal})
    return _held(connection, message, ordinal)


def _held(connection: Connection, message: MessageId, ordinal: int) -> Found:
    """The passage. Raises NotFound, and Conflict unless it is held."""
    row = connection.execute(_NAMED, {"of": message, "nth": ordinal}).one_or_none()
    if row is None:
        raise NotFound(f"message {message} has no recipient number {ordinal}")
    if row.fate != Fate.HELD.value or row.dropped_at is not None:
        raise Conflict(f"message {message} is not held for recipient number {ordinal}")
    return row


def _with_rendition(connection: Connection, before: Found, made: Rendition) -> dict[str, object]:
    """The columns of a passage whose rendition is made anew; the octets of the old one, which nobody got, are forgotten."""
    name = rendition_name(before.message, before.ordinal)
    if before.rendition is not None:
        _became(connection, before, {"rendition": None})
        connection.execute(delete(tables.blobs).where(tables.blobs.c.id == before.rendition))
    blobs.inserted(connection, [blobs.row(name, made.content)[0]])
    return {"rendition": name, "rendition_id": made.message_id, "removed": removed_text(made.removed)}


def _became(connection: Connection, before: Found, values: Mapping[str, object]) -> None:
    """The passage is changed, and the search index is to learn of it."""
    connection.execute(_THE_PASSAGE.values(values), {"of": before.message, "nth": before.ordinal})
    connection.execute(update(texts).where(texts.c.message == before.message).values(stale=True))


def _told(connection: Connection, before: Found, kind: Kind, step: Step, facts: Mapping[str, Fact]) -> None:
    entry: dict[str, Fact] = {**step.facts(), "message": before.message, **facts}
    timeline.append(connection, [Draft(ConversationId(before.conversation), kind, entry)], step.at)
