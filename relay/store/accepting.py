"""One accepted message with all that it causes, in the caller's transaction: after its commit, and only then, comes the 250.

What can be made without the database (compression, hashes, rows) is made before the transaction, in any thread: `packed`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, exists, func, or_, select

from relay.store import blobs, rows, timeline
from relay.store.rows import Inserted, Row, micros
from relay.store.tables import (
    State,
    deliveries,
    detail_characters_max,
    messages,
    passages,
    path_characters_max,
    texts,
)
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.crossing import Crossing, Fate, Passage, Rendition, Searchable
from relay.transit.delivery import Carries, Delivery
from relay.transit.envelope import Envelope
from relay.transit.thread import ThreadIds
from relay.values import ConversationId, MessageId, MsgId, Role, ascii_domain

body_characters_max: Final = 256 * 1024
"""Of a message's text, as far as it is searched for."""
heading_characters_max: Final = 16 * 1024
"""The same of its subject, its people and its file names, each."""
thread_ids_max: Final = 200
"""Ids of a message that are looked up: References of real threads stay below a hundred."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An accepted message as rows, ready to be written. `claimed` are the deliveries that the accepting worker begins at once."""

    message: Row
    blobs: tuple[Row, ...]
    passages: tuple[Row, ...]
    deliveries: tuple[Row, ...]
    text: Row
    drafts: tuple[Draft, ...]
    claimed: tuple[Delivery, ...]
    at: datetime
    octets: int
    """About what it adds to the transaction."""


def accept(connection: Connection, crossing: Crossing, *, now: datetime, lease: timedelta, worker: str) -> tuple[Delivery, ...]:
    """Writes `crossing`, and claims its deliveries for `worker` until `now + lease`; returns them with their first attempt begun.

    Deliveries of a held passage are written held. When the worker dies, the claims run out and others take them over.
    """
    return write(connection, packed(crossing, now=now, lease=lease, worker=worker))


def write(connection: Connection, packed: Packed) -> tuple[Delivery, ...]:
    """Writes what `packed` made ready: seven statements, whatever the number of recipients."""
    blobs.inserted(connection, packed.blobs)
    _MESSAGES(connection, [packed.message])
    _PASSAGES(connection, packed.passages)
    _DELIVERIES(connection, packed.deliveries)
    _TEXTS(connection, [packed.text])
    timeline.append(connection, packed.drafts, packed.at)
    return packed.claimed


def packed(crossing: Crossing, *, now: datetime, lease: timedelta, worker: str) -> Packed:
    """`crossing` as rows. Touches no database; takes milliseconds per megabyte, most of it outside the interpreter's lock."""
    return _Packing(crossing.envelope, now, lease, worker).of(crossing)


def accept_for_operators(
    connection: Connection,
    envelope: Envelope,
    searchable: Searchable,
    outgoing: Collection[Delivery],
    *,
    now: datetime,
    lease: timedelta,
    worker: str,
) -> tuple[Delivery, ...]:
    """Writes mail to a role address (GW-8): archived, belonging to no conversation, handed on by `outgoing`, claimed as above."""
    packing = _Packing(envelope, now, lease, worker)
    for delivery in outgoing:
        packing.deliver(delivery, None, None)
    return write(connection, packing.packed(searchable, None, bytes(32)))


def add_deliveries(connection: Connection, outgoing: Collection[Delivery], passage: int | None, now: datetime) -> None:
    """Writes further mail about a message that is stored: notices. They are due at once, and nobody's yet."""
    kept = [blobs.row(delivery.id, delivery.content)[0] for delivery in outgoing]
    blobs.inserted(connection, kept)
    due = (_delivery_row(one, passage, one.id, State.DUE, now, None) for one in outgoing)
    _DELIVERIES(connection, list(due))


def seen_before(connection: Connection, conversation: ConversationId, fingerprint: bytes, since: datetime) -> MessageId | None:
    """The first message of that fingerprint taken over in `conversation` since then, if it is on its way or arrived (GW-31).

    One that was refused, came back or was dropped does not count: its writer was told, and tries again.
    """
    found = connection.execute(
        _SEEN_BEFORE, {"conversation": conversation, "fingerprint": fingerprint, "since": since}
    ).scalar_one_or_none()
    return MessageId(found) if found is not None else None


def automatic_since(connection: Connection, conversation: ConversationId, since: datetime) -> int:
    """Automatic messages that passed in `conversation` since then: what the budget of auto-replies is counted by (GW-28)."""
    return connection.execute(_AUTOMATIC_SINCE, {"conversation": conversation, "since": since}).scalar_one()


def thread_ids(connection: Connection, conversation: ConversationId, ids: Collection[MsgId]) -> ThreadIds:
    """What `ids` are called on either side of `conversation`; ids of other conversations are unknown here (GW-41, CASE-37)."""
    asked = [rows.text(one, path_characters_max) for one in list(dict.fromkeys(ids))[-thread_ids_max:]]
    if not asked:
        return ThreadIds.nothing()
    by_reader: dict[Role, dict[MsgId, MsgId]] = {Role.PARTNER: {}, Role.CUSTOMER: {}}
    for row in connection.execute(_THREAD, {"conversation": conversation, "ids": asked}):
        writer = Role(row.writer)
        if row.original_id is not None:
            by_reader[writer.other][MsgId(row.original_id)] = MsgId(row.rendition_id)
            by_reader[writer][MsgId(row.rendition_id)] = MsgId(row.original_id)
    return ThreadIds(for_partner=by_reader[Role.PARTNER], for_customer=by_reader[Role.CUSTOMER])


_MESSAGES: Final = Inserted(
    messages,
    *("id", "received_at", "return_path", "aliases", "client_ip", "helo", "tls", "smtputf8"),
    *("size", "original_id", "fingerprint", "salt", "raw"),
)
_PASSAGES: Final = Inserted(
    passages,
    *("message", "ordinal", "conversation", "writer", "fate", "reason", "detail"),
    *("rendition", "original_id", "rendition_id", "removed", "automatic"),
)
_DELIVERIES: Final = Inserted(
    deliveries,
    *("id", "message", "passage", "conversation", "carries", "return_path", "recipient", "domain", "content"),
    *("state", "due_at", "attempts", "accepted_at", "claimed_by"),
)
_TEXTS: Final = Inserted(texts, "message", "subject", "people", "body", "files", "stale")

_CAME_TO_NOTHING: Final = exists().where(
    deliveries.c.message == passages.c.message,
    deliveries.c.passage == passages.c.ordinal,
    deliveries.c.carries == Carries.RENDITION.value,
    deliveries.c.state.in_([State.FAILED.value, State.DROPPED.value]),
)
_SEEN_BEFORE: Final = (
    select(messages.c.id)
    .join_from(messages, passages, passages.c.message == messages.c.id)
    .where(
        messages.c.fingerprint == bindparam("fingerprint"),
        messages.c.received_at >= bindparam("since"),
        passages.c.conversation == bindparam("conversation"),
        passages.c.fate.in_([Fate.PASSED.value, Fate.HELD.value]),
        passages.c.dropped_at.is_(None),
        ~_CAME_TO_NOTHING,
    )
    .order_by(messages.c.seq)
    .limit(1)
)
_AUTOMATIC_SINCE: Final = (
    select(func.count())
    .select_from(passages)
    .join(messages, messages.c.id == passages.c.message)
    .where(
        passages.c.conversation == bindparam("conversation"),
        passages.c.automatic,
        passages.c.fate == Fate.PASSED.value,
        messages.c.received_at >= bindparam("since"),
    )
)
_THREAD: Final = (
    select(passages.c.writer, passages.c.original_id, passages.c.rendition_id)
    .where(
        passages.c.conversation == bindparam("conversation"),
        passages.c.rendition_id.is_not(None),
        or_(
            passages.c.original_id.in_(bindparam("ids", expanding=True)),
            passages.c.rendition_id.in_(bindparam("ids", expanding=True)),
        ),
    )
    .order_by(passages.c.message)
)


class _Packing:
    """Collects the rows of one message."""

    def __init__(self, envelope: Envelope, now: datetime, lease: timedelta, worker: str) -> None:
        self._envelope = envelope
        self._now = now
        self._until = now + lease
        self._worker = worker
        self._salt = secrets.token_bytes(16)
        raw, self._raw_sha256 = blobs.row(f"{envelope.id}.raw", envelope.content)
        self._blobs = [raw]
        self._passages: list[Row] = []
        self._deliveries: list[Row] = []
        self._claimed: list[Delivery] = []
        self._drafts: list[Draft] = []

    def of(self, crossing: Crossing) -> Packed:
        original = _id_text(crossing.original_id)
        for ordinal, passage in enumerate(crossing.passages):
            self._pass(ordinal, passage, original)
        return self.packed(crossing.searchable, original, crossing.fingerprint)

    def packed(self, searchable: Searchable, original: str | None, fingerprint: bytes) -> Packed:
        envelope = self._envelope
        message: Row = (
            envelope.id,
            micros(envelope.received_at),
            rows.text(envelope.return_path, path_characters_max),
            " ".join(str(alias) for alias in envelope.aliases),
            rows.text(envelope.client_ip, 64),
            rows.text(envelope.helo, 255),
            envelope.tls,
            envelope.smtputf8,
            len(envelope.content),
            original,
            fingerprint,
            self._salt,
            f"{envelope.id}.raw",
        )
        text: Row = (
            envelope.id,
            rows.text(searchable.subject, heading_characters_max),
            rows.text(searchable.people, heading_characters_max),
            rows.text(searchable.body, body_characters_max),
            rows.text(searchable.files, heading_characters_max),
            True,
        )
        return Packed(
            message=message,
            blobs=tuple(self._blobs),
            passages=tuple(self._passages),
            deliveries=tuple(self._deliveries),
            text=text,
            drafts=tuple(self._drafts),
            claimed=tuple(self._claimed),
            at=self._now,
            octets=sum(len(one[4]) for one in self._blobs if isinstance(one[4], bytes)),
        )

    def _pass(self, ordinal: int, passage: Passage, original: str | None) -> None:
        rendition, name = passage.rendition, f"{self._envelope.id}.{ordinal}"
        facts: dict[str, Fact] = {
            "message": self._envelope.id,
            "writer": passage.writer.value,
            "fate": passage.fate.value,
            "reason": passage.reason,
            "size": len(self._envelope.content),
            "received": timeline.commitment(self._salt, self._raw_sha256),
            "deliveries": tuple(one.id for one in passage.deliveries),
        }
        if rendition is not None:
            row, sha256 = blobs.row(name, rendition.content)
            self._blobs.append(row)
            facts["rendition"] = timeline.commitment(self._salt, sha256)
        self._drafts.append(Draft(passage.conversation, Kind.MESSAGE, facts))
        self._passages.append(_passage_row(self._envelope.id, ordinal, passage, original, name))
        for delivery in passage.deliveries:
            shares = name if rendition is not None and delivery.content == rendition.content else None
            self.deliver(delivery, ordinal, shares, held=passage.fate is Fate.HELD and delivery.carries is Carries.RENDITION)

    def deliver(self, delivery: Delivery, passage: int | None, content: str | None, *, held: bool = False) -> None:
        """One delivery. `content` names the blob that already has its octets."""
        if content is None:
            content = delivery.id
            self._blobs.append(blobs.row(content, delivery.content)[0])
        if held:
            self._deliveries.append(_delivery_row(delivery, passage, content, State.HELD, self._now, None))
            return
        begun = replace(delivery, attempts=delivery.attempts + 1)
        self._deliveries.append(_delivery_row(begun, passage, content, State.DUE, self._until, self._worker))
        self._claimed.append(begun)


def _passage_row(message: MessageId, ordinal: int, passage: Passage, original: str | None, name: str) -> Row:
    rendition: Rendition | None = passage.rendition
    return (
        message,
        ordinal,
        passage.conversation,
        passage.writer.value,
        passage.fate.value,
        passage.reason,
        rows.text(passage.detail, detail_characters_max),
        name if rendition is not None else None,
        original,
        rendition.message_id if rendition is not None else None,
        json.dumps([(one.kind, one.place) for one in rendition.removed] if rendition is not None else []),
        passage.automatic,
    )


def _delivery_row(
    delivery: Delivery, passage: int | None, content: str, state: State, due_at: datetime, worker: str | None
) -> Row:
    recipient = delivery.recipient.reveal()
    return (
        delivery.id,
        delivery.message,
        passage,
        delivery.conversation,
        delivery.carries.value,
        delivery.return_path,
        recipient,
        ascii_domain(recipient.rpartition("@")[2]),
        content,
        state.value,
        micros(due_at),
        delivery.attempts,
        micros(delivery.accepted_at),
        worker,
    )


def _id_text(id_: MsgId | None) -> str | None:
    return rows.text(id_, path_characters_max) if id_ is not None else None
