"""What happened in a conversation: append-only, each entry chained to the one before by SHA-256 (invariant 11).

An entry's hash covers the conversation, its number, its time, its kind, its facts and the hash before it. Facts hold ids, figures
and salted commitments, never a name or an address: erasing a person touches no entry, and the chain stays verifiable. The
database itself refuses to change or delete one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import Connection, bindparam, select

from relay.store.prepared import Prepared
from relay.store.record_tables import record_due
from relay.store.rows import Inserted, Row, Value, micros
from relay.store.tables import conversations, timeline
from relay.transit.delivery import Carries
from relay.values import ConversationId, DeliveryId, MessageId

Fact = str | int | bool | None | tuple[str, ...]

entries_read_max: Final = 10_000
"""Entries of one conversation that are shown at once."""

_BEGINNING: Final = bytes(32)
"""Stands where the hash of the entry before the first would."""


class Kind(Enum):
    """Everything that can happen in a conversation."""

    OPENED = "opened"
    CONFIRMED = "confirmed"
    EXTENDED = "extended"
    MOVED = "moved"
    """The activity ends at another time, and its window with it."""
    CLOSED = "closed"
    REOPENED = "reopened"
    ADDRESS_ADDED = "address_added"
    ADDRESS_REMOVED = "address_removed"
    DOMAIN_ADDED = "domain_added"
    DOMAIN_REMOVED = "domain_removed"
    NETWORK_CONFIRMED = "network_confirmed"
    """`party` writes from a known address in that network too (GW-12)."""
    ADDRESS_DENIED = "address_denied"
    """`party` wants to be asked no more about an address that is not theirs (GW-6)."""
    ADDRESS_DEAD = "address_dead"
    """Mail to an address of `party` failed for good several times: none goes there any more (GW-54)."""
    COMPLAINT = "complaint"
    """`party` reported mail of the conversation as abuse; `suspended` says whether that stops mail to them (FAULT-75)."""
    RESUMED = "resumed"
    """Mail goes to `party` again, at all of their addresses."""
    MESSAGE = "message"
    """A message was taken over; `fate` says what became of it for this conversation's other party."""
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    FAILED = "failed"
    BOUNCED = "bounced"
    """It had been delivered, and came back."""
    NOTICE = "notice"
    """A writer is being told."""
    NOTIFICATION = "notification"
    """Mail about the booking is under way to `party`, or to the operators where that says nobody."""
    HELD = "held"
    RELEASED = "released"
    RETRIED = "retried"
    RETURNED = "returned"
    """What was held does not pass after all; `fate` says whether its writer is told."""
    DROPPED = "dropped"
    ANSWERED = "answered"
    """`by` said whether they wrote a message that was held (GW-6)."""
    CLAIMED = "claimed"
    """What was held is decided, now that its writer is known."""
    UNCLAIMED = "unclaimed"
    """What was held is archived: nobody says that they wrote it."""
    LEGAL_HOLD = "legal_hold"
    """Nothing of it is erased from now on, for the reason that the hold of that number has (AR-1)."""
    LEGAL_HOLD_END_ASKED = "legal_hold_end_asked"
    LEGAL_HOLD_RELEASED = "legal_hold_released"
    """A second person agreed that it ends."""
    RETENTION = "retention"
    """Some of what was kept had its time, and went; `what` says which kinds."""
    ERASED = "erased"
    """All that was written, and who wrote it, is gone; these entries stay."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to enter a timeline. Raises ValueError for a fact that looks like an address."""

    conversation: ConversationId
    kind: Kind
    facts: Mapping[str, Fact]

    def __post_init__(self) -> None:
        for value in self.facts.values():
            if "@" in (value if isinstance(value, str) else "".join(value) if isinstance(value, tuple) else ""):
                raise ValueError("a timeline holds no address: it outlives the people in it")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands. `number` counts from 1 within the conversation; `at` is in UTC; tuples read as lists."""

    conversation: ConversationId
    number: int
    at: datetime
    kind: Kind
    facts: Mapping[str, str | int | bool | list[str] | None]
    hash: bytes


def append(connection: Connection, drafts: Sequence[Draft], at: datetime) -> None:
    """Writes `drafts` at the ends of their timelines, in their order; `at` in UTC. Each waits for its leaf in the record."""
    heads: dict[ConversationId, tuple[int, bytes]] = {}
    rows: list[Row] = []
    instant = micros(at)
    for draft in drafts:
        number, previous = heads.get(draft.conversation) or _head(connection, draft.conversation)
        facts = canonical(draft.facts)
        hashed = _hash(previous, draft.conversation, number + 1, instant, draft.kind.value, facts)
        rows.append((draft.conversation, number + 1, instant, draft.kind.value, facts, previous, hashed))
        heads[draft.conversation] = number + 1, hashed
    _INSERTED(connection, rows)
    _DUE(connection, [(row[0], row[1]) for row in rows])


def lock(connection: Connection, conversation: ConversationId) -> None:
    """Until the end of the transaction nobody else appends to that timeline, on any node."""
    if connection.dialect.name == "postgresql":
        # Several nodes may append to one timeline; SQLite has one writer at a time anyway.
        _LOCK.rows(connection, conversation=conversation)


def entries(connection: Connection, conversation: ConversationId) -> tuple[Entry, ...]:
    """The timeline of `conversation`, oldest first, its last `entries_read_max` entries."""
    rows = connection.execute(
        select(timeline).where(timeline.c.conversation == conversation).order_by(timeline.c.seq.desc()).limit(entries_read_max)
    ).all()
    return tuple(Entry(conversation, row.seq, row.at, Kind(row.kind), json.loads(row.facts), row.hash) for row in reversed(rows))


def verify(connection: Connection, conversation: ConversationId) -> int | None:
    """The number of the first entry that is missing, or is not what was written; None when the chain is whole.

    Entries cut off at the end are not seen from the chain alone; `replay` misses them by what they tell of.
    """
    previous = _BEGINNING
    for number, row in enumerate(connection.execute(_CHAIN, {"conversation": conversation}), start=1):
        as_written = _hash(previous, conversation, number, micros(row.at), row.kind, row.facts)
        if (row.seq, row.previous, row.hash) != (number, previous, as_written):
            return number
        previous = row.hash
    return None


def of_delivery(message: MessageId | None, delivery: DeliveryId, carries: Carries) -> dict[str, Fact]:
    """What an entry about a delivery says of it; without `message` where none caused it."""
    facts: dict[str, Fact] = {"delivery": delivery, "carries": carries.value}
    return facts if message is None else {"message": message, **facts}


def commitment(salt: bytes, sha256: bytes) -> str:
    """What a timeline says about octets: it proves them to whoever has them, and is not to be guessed once `salt` is gone."""
    return hashlib.sha256(salt + sha256).hexdigest()


def canonical(facts: Mapping[str, Fact]) -> str:
    """`facts` as JSON that is written in one way only: sorted keys, no spaces, ASCII."""
    return _CANONICAL.encode(facts)


def hashed_octets(conversation: str, number: int, at: int, kind: str, facts: str) -> bytes:
    """What is hashed of an entry, behind the hash of the one before it; `at` in microseconds since 1970."""
    fields: tuple[Value, ...] = (conversation, number, at, kind, facts)
    return _CANONICAL.encode(fields).encode()


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_INSERTED: Final = Inserted(timeline, "conversation", "seq", "at", "kind", "facts", "previous", "hash")
_DUE: Final = Inserted(record_due, "conversation", "entry")
_HEAD: Final = Prepared(
    select(timeline.c.seq, timeline.c.hash)
    .where(timeline.c.conversation == bindparam("conversation"))
    .order_by(timeline.c.seq.desc())
    .limit(1)
)
_CHAIN: Final = select(timeline).where(timeline.c.conversation == bindparam("conversation")).order_by(timeline.c.seq)
# FOR NO KEY UPDATE: a row written before that points to the conversation shares its key, and two nodes that each did so would
# otherwise wait for one another (PostgreSQL, 13.3.2).
_LOCK: Final = Prepared(
    select(conversations.c.id).where(conversations.c.id == bindparam("conversation")).with_for_update(key_share=True)
)


def _head(connection: Connection, conversation: ConversationId) -> tuple[int, bytes]:
    lock(connection, conversation)
    row = _HEAD.one(connection, conversation=conversation)
    return (row.seq, row.hash) if row is not None else (0, _BEGINNING)


def _hash(previous: bytes, conversation: str, number: int, at: int, kind: str, facts: str) -> bytes:
    return hashlib.sha256(previous + hashed_octets(conversation, number, at, kind, facts)).digest()
