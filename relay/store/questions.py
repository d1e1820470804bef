"""Who wrote what is held because nobody knows its writer; what the party was asked, and what they said (GW-6, GW-12).

One question is about one address, from one network where nothing else speaks for it; whatever comes from there while it is open
waits for the same answer. Where nobody says which network that is, it is about one message. Only the digest of the secret in its
link is kept.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import Connection, Integer, Text, bindparam, func, select, text, tuple_, update

from relay.conversation import Conversation, Party
from relay.errors import Conflict, NotFound
from relay.policy.reasons import Reason
from relay.store import known, tables, timeline
from relay.store.conversations import by_id
from relay.store.prepared import Prepared
from relay.store.rows import Found, Inserted, Instant, Row
from relay.store.tables import messages, passages, questions, texts
from relay.store.timeline import Draft, Kind
from relay.transit.crossing import Fate, Passage
from relay.transit.question import (
    Doubt,
    Response,
    answered_within,
    digest_of,
    doubt,
    joined_before_end,
    nobody_is_asked,
    questions_a_day_max,
)
from relay.values import ConversationId, MessageId, RealAddress, Role


@dataclass(frozen=True, slots=True)
class Place:
    """Where a held share stands among the questions. `digest` is that of the question whose answer it waits for, None where
    nobody was asked; `is_first`: it is asked with this share. `until` in UTC. `why_not`: why nobody
    was asked."""

    digest: bytes | None = field(repr=False)
    is_first: bool
    until: datetime
    why_not: str = ""


class Standing(Enum):
    """How a question stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    OVER = "over"
    """It is too late, or somebody has decided otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands. `party` is asked whether `address` is theirs, or whether they wrote from `network`; `network` is
    empty for an unknown address. `message` is the one with which it was asked. Times are in UTC."""

    standing: Standing
    conversation: Conversation
    party: Role
    address: RealAddress
    network: str = field(repr=False)
    message: MessageId
    subject: str = field(repr=False)
    received_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held share whose question has its end: `response` is what was said, None when nothing was in time, or need be said any
    more. `unknown` is the address that nobody knew when it came; None for a known one."""

    message: MessageId
    ordinal: int
    writer: Role
    response: Response | None
    unknown: RealAddress | None

    def is_claimed(self, by: Party) -> bool:
        """Whether it is theirs: they said so, or the address has been made known otherwise."""
        return self.response is Response.YES or (self.response is None and self.unknown is not None and by.knows(self.unknown))


def place(connection: Connection, passage: Passage, at: datetime) -> Place:
    """Where a share that came `at` stands: with a question that is open, with one of its own, or without one.

    The timeline of its conversation is locked by the caller: of two that come at once, the second sees the first.
    """
    question = passage.question
    if question is None:
        raise AssertionError("nobody is asked about a writer who is known")
    same = {"conversation": passage.conversation, "writer": passage.writer.value, "key": question.address.key}
    row = connection.execute(_OPEN, {**same, "network": question.network, "least": at + joined_before_end}).first()
    if row is not None and question.doubt is not Doubt.FROM_ANYWHERE:
        return Place(row.digest, is_first=False, until=row.until)
    until = at + answered_within
    if question.digest is None:
        return Place(None, is_first=False, until=until, why_not=passage.detail)
    other = {**same, "writer": passage.writer.other.value, "network": "", "least": at}
    if connection.execute(_OPEN, other).first() is not None:
        # Of two who are asked about one address, one would be shown the other's (invariant 1).
        why_not = f"the {passage.writer.other.value} is asked about the same address"
        return Place(None, is_first=False, until=until, why_not=nobody_is_asked(why_not))
    today = {"conversation": passage.conversation, "since": at - timedelta(days=1)}
    if connection.execute(_ASKED_SINCE, today).scalar_one() >= questions_a_day_max:
        why_not = f"{questions_a_day_max} questions have gone out within a day"
        return Place(None, is_first=False, until=until, why_not=nobody_is_asked(why_not))
    return Place(question.digest, is_first=True, until=until)


def waiting(connection: Connection, conversation: ConversationId) -> int:
    """How many messages of unknown writers wait for an answer in `conversation`."""
    row = _WAITING_HERE.one(connection, conversation=conversation)
    return int(row.number) if row is not None else 0


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Writes who wrote the shares that are held, as `packing.Share.asked` has it."""
    if rows:
        _QUESTIONS(connection, rows)


def asked(connection: Connection, secret: str, now: datetime) -> Asked:
    """The question of which `secret` is the one in the link. Raises NotFound for none."""
    digest = digest_of(secret)
    # The look-up is by hash, as that of tokens: how long a near miss takes says nothing of a secret.
    rows = connection.execute(_WHOLE, {"digest": digest}).all()
    row = next((one for one in rows if one.asked_at is not None), None)
    if row is None or not hmac.compare_digest(row.digest, digest):
        raise NotFound("there is no such question")
    return Asked(
        standing=_standing(row, rows, now),
        conversation=by_id(connection, ConversationId(row.conversation)),
        party=Role(row.writer),
        address=RealAddress(row.address),
        network=row.network,
        message=MessageId(row.message),
        subject=row.subject,
        received_at=row.received_at,
        until=row.until,
    )


def answer(connection: Connection, secret: str, response: Response, *, stop_asking: bool, now: datetime) -> Asked:
    """The question as it stands after `response`; one that is not open any more stays as it is.

    A yes makes the address known, or the network where the address was, if that is told (GW-12). With `stop_asking` a no is the
    last one about an unknown address. What waits for it is decided afterwards. Raises NotFound, and Conflict when the address
    cannot be theirs.
    """
    before = asked(connection, secret, now)
    # Whoever answers at the same moment waits here, and then finds it answered.
    timeline.lock(connection, before.conversation.id)
    before = asked(connection, secret, now)
    if before.standing is not Standing.OPEN:
        return before
    by = before.party.value
    reference, role, address = before.conversation.reference, before.party, before.address
    match response, doubt(before.network):
        case Response.YES, Doubt.UNKNOWN:
            known.add_address(connection, reference, role, address, now=now, by=by)
        case Response.YES, Doubt.FROM_ELSEWHERE:
            known.vouch(connection, reference, role, address, before.network, now=now, by=by)
        case Response.NO, Doubt.UNKNOWN if stop_asking:
            known.deny(connection, reference, role, address, now=now, by=by)
    answered = update(questions).where(questions.c.digest == digest_of(secret), questions.c.response.is_(None))
    connection.execute(answered.values(response=response.value, answered_at=now))
    facts = {"by": by, "message": before.message, "response": response.value}
    timeline.append(connection, [Draft(before.conversation.id, Kind.ANSWERED, facts)], now)
    return asked(connection, secret, now)


def ended(connection: Connection, now: datetime, limit: int, after: Waiting | None = None) -> tuple[Waiting, ...]:
    """At most `limit` held shares whose question was answered, or is over at `now`; the oldest first, those behind `after`."""
    last = {"message": after.message, "ordinal": after.ordinal} if after is not None else {"message": "", "ordinal": 0}
    rows = connection.execute(_ENDED, {"now": now, "limit": limit, **last})
    return tuple(
        Waiting(
            MessageId(row.message),
            row.passage,
            Role(row.writer),
            Response(row.response) if row.response else None,
            RealAddress(row.address) if doubt(row.network) is Doubt.UNKNOWN else None,
        )
        for row in rows
    )


def refuse_answered_since(connection: Connection, waiting: Waiting) -> None:
    """Raises Conflict where another answer has come than `waiting` says.

    The timeline of its conversation is locked by the caller, as by whoever answers: then no answer comes any more.
    """
    row = connection.execute(_RESPONSE, {"of": waiting.message, "nth": waiting.ordinal}).one()
    if row.response != (waiting.response.value if waiting.response is not None else None):
        raise Conflict(f"message {waiting.message} was answered about in the last moment")


_QUESTIONS: Final = Inserted(
    questions, "message", "passage", "conversation", "writer", "address", "key", "network", "digest", "asked_at", "until"
)
_ITS_PASSAGE: Final = (passages.c.message == questions.c.message) & (passages.c.ordinal == questions.c.passage)
_RESPONSE: Final = select(questions.c.response).where(
    questions.c.message == bindparam("of"), questions.c.passage == bindparam("nth")
)
_IS_WAITING: Final = (
    text(f"{passages.name}.{tables.IS_HELD}"),
    passages.c.reason == Reason.UNKNOWN_WRITER.value,
    passages.c.dropped_at.is_(None),
)
_WAITING_HERE: Final = Prepared(
    select(func.count().label("number"))
    .select_from(questions)
    .join(passages, _ITS_PASSAGE)
    .where(questions.c.conversation == bindparam("conversation"), *_IS_WAITING)
)
_OPEN: Final = (
    select(questions.c.digest, questions.c.until)
    .join_from(questions, passages, _ITS_PASSAGE)
    .where(
        questions.c.conversation == bindparam("conversation"),
        questions.c.writer == bindparam("writer"),
        questions.c.key == bindparam("key"),
        questions.c.network == bindparam("network"),
        questions.c.digest.is_not(None),
        questions.c.response.is_(None),
        questions.c.until >= bindparam("least"),
        *_IS_WAITING,
    )
    .order_by(questions.c.until.desc())
)
_ASKED_SINCE: Final = select(func.count()).where(
    questions.c.conversation == bindparam("conversation"), questions.c.asked_at > bindparam("since")
)
_WHOLE: Final = (
    select(
        questions,
        passages.c.fate,
        passages.c.reason,
        passages.c.dropped_at,
        messages.c.received_at,
        texts.c.subject,
    )
    .join_from(questions, passages, _ITS_PASSAGE)
    .join(messages, messages.c.id == questions.c.message)
    .join(texts, texts.c.message == questions.c.message)
    .where(questions.c.digest == bindparam("digest"))
    .order_by(questions.c.message)
)
_ENDED: Final = (
    select(questions)
    .join_from(questions, passages, _ITS_PASSAGE)
    .where(*_IS_WAITING, questions.c.response.is_not(None) | (questions.c.until <= bindparam("now", type_=Instant)))
    .where(
        tuple_(questions.c.message, questions.c.passage)
        > tuple_(bindparam("message", type_=Text), bindparam("ordinal", type_=Integer))
    )
    .order_by(questions.c.message, questions.c.passage)
    .limit(bindparam("limit"))
)


def _standing(row: Found, rows: Sequence[Found], now: datetime) -> Standing:
    """Of the question that `row` was asked with, for whose answer `rows` wait."""
    if row.response is not None:
        return Standing.CONFIRMED if row.response == Response.YES.value else Standing.DENIED
    is_waiting = any(
        one.fate == Fate.HELD.value and one.reason == Reason.UNKNOWN_WRITER.value and one.dropped_at is None for one in rows
    )
    return Standing.OPEN if is_waiting and now < row.until else Standing.OVER
