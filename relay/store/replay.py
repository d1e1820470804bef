"""What the timelines tell, replayed and compared with what stands in the tables (invariants 4 and 11).

A timeline is append-only and chained, so whoever changes what became of a message elsewhere contradicts it: its fate, its
deliveries, how often each was tried and how that ended, the octets that were received and those that were made of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from relay.store import timeline
from relay.store.finding import Finding
from relay.store.rows import Found
from relay.store.tables import State, attempts, blobs, conversations, deliveries, messages, passages
from relay.store.tables import timeline as entries
from relay.store.timeline import Kind, commitment
from relay.transit.crossing import Fate
from relay.values import ConversationId, MessageId

conversations_at_once: Final = 200


@dataclass(slots=True)
class _Share:
    """A message's share in one conversation, as its timeline tells it."""

    fate: str
    reason: str | None
    received: str
    rendition: str | None
    is_dropped: bool = False


@dataclass(slots=True)
class _Sent:
    """A delivery, as its timeline tells it."""

    message: str | None
    state: str = State.DUE.value
    attempts: int = 0


_ENDS: Final[Mapping[str, State]] = {
    Kind.DELIVERED.value: State.DELIVERED,
    Kind.FAILED.value: State.FAILED,
    Kind.BOUNCED.value: State.FAILED,
    Kind.HELD.value: State.HELD,
    Kind.RELEASED.value: State.DUE,
    Kind.DROPPED.value: State.DROPPED,
}
"""Where an entry about a delivery leaves it; the others leave it where it is."""
_ATTEMPTS: Final = frozenset({Kind.DELIVERED.value, Kind.DEFERRED.value, Kind.FAILED.value, Kind.BOUNCED.value})


@dataclass(slots=True)
class _Story:
    """What one timeline tells, taken in entry by entry. Facts that somebody made up are no reason to break off."""

    shares: dict[str, _Share] = field(default_factory=dict)
    sent: dict[str, _Sent] = field(default_factory=dict)

    def hear(self, kind: str, facts: Mapping[str, object]) -> None:
        message = _text(facts.get("message"))
        if message is not None and kind == Kind.MESSAGE.value:
            self.shares[message] = _Share(
                str(facts.get("fate")), _text(facts.get("reason")), str(facts.get("received")), _text(facts.get("rendition"))
            )
        elif message is not None and message in self.shares:
            self._decided(kind, self.shares[message], facts)
        listed = facts.get("deliveries")
        for one in listed if isinstance(listed, list) else ():
            self.sent[str(one)] = _Sent(message)
        delivery = _text(facts.get("delivery"))
        if delivery is not None:
            self._carried(kind, self.sent.setdefault(delivery, _Sent(message)))

    def _decided(self, kind: str, share: _Share, facts: Mapping[str, object]) -> None:
        """Somebody decided what was held: anew, with a fate; or to let it out as it is, or to drop it."""
        if "fate" in facts:
            share.fate, share.reason = str(facts["fate"]), _text(facts.get("reason"))
            share.rendition = _text(facts.get("rendition")) or share.rendition
        elif kind == Kind.RELEASED.value and "carries" not in facts:
            share.fate = Fate.PASSED.value
        elif kind == Kind.DROPPED.value and "delivery" not in facts:
            share.is_dropped = True

    def _carried(self, kind: str, sent: _Sent) -> None:
        sent.attempts += kind in _ATTEMPTS
        if (end := _ENDS.get(kind)) is not None:
            sent.state = end.value


def contradictions(connection: Connection) -> Iterator[Finding]:
    """Where tables and timelines do not tell the same, and timelines that were changed."""
    everyone = connection.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars().all()
    for start in range(0, len(everyone), conversations_at_once):
        some = everyone[start : start + conversations_at_once]
        told = _by_conversation(connection.execute(_ENTRIES, {"some": some}))
        stood = _by_conversation(connection.execute(_SHARES, {"some": some}))
        carried = _by_conversation(connection.execute(_DELIVERIES, {"some": some}))
        for id_ in some:
            number = timeline.verify(connection, ConversationId(id_))
            if number is not None:
                yield Finding(None, None, f"the timeline of conversation {id_} was changed at entry {number}")
                continue
            heard = told.get(id_, ())
            if not heard or heard[0].kind != Kind.OPENED.value:
                yield Finding(None, None, f"the timeline of conversation {id_} has no beginning")
            story = _Story()
            for entry in heard:
                story.hear(entry.kind, json.loads(entry.facts))
            yield from _about_shares(story, stood.get(id_, ()))
            yield from _about_deliveries(story, carried.get(id_, ()))


def _about_shares(story: _Story, rows: Iterable[Found]) -> Iterator[Finding]:
    missing = dict(story.shares)
    for row in rows:
        missing.pop(row.message, None)
        told = story.shares.get(row.message)
        if told is None:
            problem: str | None = "its timeline does not tell of it"
        elif (stands := _become(row.fate, row.reason, row.is_dropped)) != (
            says := _become(told.fate, told.reason, told.is_dropped)
        ):
            problem = f"it is {stands}, and its timeline says {says}"
        elif told.received != commitment(row.salt, row.raw_sha256 or b""):
            problem = "what is kept of it is not what its timeline says was received"
        elif told.rendition != (commitment(row.salt, row.rendition_sha256) if row.rendition_sha256 is not None else None):
            problem = "its rendition is not the one that its timeline tells of"
        else:
            problem = None
        if problem is not None:
            yield Finding(MessageId(row.message), row.ordinal, problem)
    for message in missing:
        yield Finding(MessageId(message), None, "its timeline tells of it, and it is not there")


def _about_deliveries(story: _Story, rows: Iterable[Found]) -> Iterator[Finding]:
    missing = dict(story.sent)
    for row in rows:
        told = missing.pop(row.id, None)
        if told is None:
            problem = f"delivery {row.id} is not in its timeline"
        elif told.message != row.message:
            problem = f"delivery {row.id} is said to be of message {told.message}"
        elif told.state != row.state:
            problem = f"delivery {row.id} is {row.state}, and its timeline says {told.state}"
        elif told.attempts != row.made:
            problem = f"of delivery {row.id} {row.made} attempts are kept, and its timeline tells of {told.attempts}"
        else:
            continue
        yield Finding(_message(row.message), row.passage, problem)
    for id_, sent in missing.items():
        yield Finding(_message(sent.message), None, f"its timeline tells of delivery {id_}, and that is not there")


def _become(fate: str, reason: str | None, is_dropped: bool) -> str:
    """What somebody reads of an end. What was let out as it is keeps the reason for which it was held."""
    if is_dropped:
        return "dropped"
    return fate if fate == Fate.PASSED.value else f"{fate} for {reason}"


def _message(id_: str | None) -> MessageId | None:
    return MessageId(id_) if id_ is not None else None


def _text(fact: object) -> str | None:
    return None if fact is None else str(fact)


def _by_conversation(rows: Iterable[Found]) -> dict[str, Sequence[Found]]:
    return {id_: tuple(group) for id_, group in groupby(rows, key=lambda row: row.conversation)}


_SOME: Final[BindParameter[str]] = bindparam("some", expanding=True)
_RAW: Final = blobs.alias("raw")
_MADE: Final = blobs.alias("made")
_ENTRIES: Final = (
    select(entries.c.conversation, entries.c.kind, entries.c.facts)
    .where(entries.c.conversation.in_(_SOME))
    .order_by(entries.c.conversation, entries.c.seq)
)
_SHARES: Final = (
    select(
        passages.c.conversation,
        passages.c.message,
        passages.c.ordinal,
        passages.c.fate,
        passages.c.reason,
        passages.c.dropped_at.is_not(None).label("is_dropped"),
        messages.c.salt,
        _RAW.c.sha256.label("raw_sha256"),
        _MADE.c.sha256.label("rendition_sha256"),
    )
    .select_from(passages)
    .join(messages, messages.c.id == passages.c.message)
    .outerjoin(_RAW, _RAW.c.id == messages.c.raw)
    .outerjoin(_MADE, _MADE.c.id == passages.c.rendition)
    .where(passages.c.conversation.in_(_SOME))
    .order_by(passages.c.conversation, passages.c.message, passages.c.ordinal)
)
_TIMES: Final = (
    select(func.count()).where(attempts.c.delivery == deliveries.c.id).correlate(deliveries).scalar_subquery().label("made")
)
_DELIVERIES: Final = (
    select(
        deliveries.c.conversation,
        deliveries.c.id,
        deliveries.c.message,
        deliveries.c.passage,
        deliveries.c.state,
        _TIMES,
    )
    .where(deliveries.c.conversation.in_(_SOME))
    .order_by(deliveries.c.conversation, deliveries.c.id)
)
