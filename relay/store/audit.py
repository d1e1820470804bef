"""Is every accepted message accounted for, and every recipient, with exactly one outcome each (invariant 4)?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, and_, func, null, select

from relay.store import timeline
from relay.store.tables import State, conversations, deliveries, messages, parties, passages
from relay.store.tables import timeline as entries
from relay.store.timeline import Kind
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries
from relay.values import ConversationId, MessageId

findings_max: Final = 1_000
overdue_after: Final = timedelta(hours=1)
"""A delivery that is due and untouched for so long: nobody is sending."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: with a message, with one of its recipients (`passage` is its number), or with a conversation's timeline."""

    message: MessageId | None
    passage: int | None
    problem: str


def unaccounted(connection: Connection, now: datetime) -> tuple[Finding, ...]:
    """Everything that is not accounted for, at most `findings_max`; nothing when all is well."""
    found: list[Finding] = []
    for problem, question in _QUESTIONS:
        rows = connection.execute(question.limit(findings_max))
        found += [Finding(MessageId(row.message), row.ordinal, problem) for row in rows]
    found += _without_share(connection)
    found += _overdue(connection, now)
    found += _broken_timelines(connection)
    return tuple(found[:findings_max])


def _without_share(connection: Connection) -> Iterator[Finding]:
    """Messages to an alias in whose conversation nothing became of them.

    The writer's own alias beside the other party's lies in the same conversation, and needs no outcome of its own (GW-7).
    """
    party = select(parties.c.alias_local, parties.c.alias_domain, parties.c.conversation)
    reached = {f"{row.alias_local}@{row.alias_domain}": row.conversation for row in connection.execute(party)}
    chosen = (
        select(messages.c.id, messages.c.aliases, passages.c.conversation)
        .join_from(messages, passages, passages.c.message == messages.c.id)
        .order_by(messages.c.seq)
    )
    for message, rows in groupby(connection.execute(chosen), key=lambda row: row.id):
        shares = list(rows)
        wanted = {reached[alias] for alias in shares[0].aliases.split() if alias in reached}
        if wanted - {row.conversation for row in shares}:
            yield Finding(MessageId(message), None, "one of its recipients has no outcome")


def _overdue(connection: Connection, now: datetime) -> Iterator[Finding]:
    chosen = select(deliveries.c.message, deliveries.c.passage).where(
        deliveries.c.state == State.DUE.value, deliveries.c.due_at < now - overdue_after
    )
    for row in connection.execute(chosen.limit(findings_max)):
        yield Finding(MessageId(row.message), row.passage, "its delivery is overdue: nobody is sending")


def _broken_timelines(connection: Connection) -> Iterator[Finding]:
    told = {row.conversation: row.shares for row in connection.execute(_MESSAGES_TOLD)}
    taken = {row.conversation: row.shares for row in connection.execute(_SHARES_TAKEN)}
    for id_ in connection.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars().all():
        number = timeline.verify(connection, ConversationId(id_))
        if number is not None:
            yield Finding(None, None, f"the timeline of conversation {id_} was changed at entry {number}")
        elif told.get(id_, 0) != taken.get(id_, 0):
            yield Finding(None, None, f"the timeline of conversation {id_} does not tell of each of its messages")


_OF_PASSAGE: Final = and_(deliveries.c.message == passages.c.message, deliveries.c.passage == passages.c.ordinal)
_RENDITION: Final = and_(_OF_PASSAGE, deliveries.c.carries == Carries.RENDITION.value)
_NOTICES_OF_MESSAGE: Final = (
    select(func.count())
    .select_from(deliveries)
    .where(deliveries.c.message == passages.c.message, deliveries.c.carries == Carries.NOTICE.value)
    .correlate(passages)
    .scalar_subquery()
)
_RENDITIONS: Final = select(func.count()).select_from(deliveries).where(_RENDITION).correlate(passages).scalar_subquery()
_SENT: Final = (
    select(deliveries.c.id)
    .where(_RENDITION, deliveries.c.state.not_in([State.HELD.value, State.DROPPED.value]))
    .correlate(passages)
    .exists()
)
_FAILED_UNTOLD: Final = (
    select(deliveries.c.id)
    .where(
        _RENDITION,
        deliveries.c.state == State.FAILED.value,
        deliveries.c.untold == "",
        deliveries.c.failure_notice.is_(None),
    )
    .correlate(passages)
    .exists()
)
_SHARE: Final = select(passages.c.message, passages.c.ordinal).order_by(passages.c.message, passages.c.ordinal)

_QUESTIONS: Final = (
    (
        # Mail to the house itself names no alias, and its end is the archive: a report that came back to a return path, an
        # answer to a notice, a letter to the postmaster where no operators are named.
        "nothing became of it",
        select(messages.c.id.label("message"), null().label("ordinal")).where(
            messages.c.aliases != "",
            ~select(passages.c.message).where(passages.c.message == messages.c.id).exists(),
            ~select(deliveries.c.id).where(deliveries.c.message == messages.c.id).exists(),
        ),
    ),
    (
        "one recipient has two outcomes",
        select(passages.c.message, func.max(passages.c.ordinal).label("ordinal"))
        .group_by(passages.c.message, passages.c.conversation, passages.c.writer)
        .having(func.count() > 1),
    ),
    ("it passed, and has not exactly one delivery", _SHARE.where(passages.c.fate == Fate.PASSED.value, _RENDITIONS != 1)),
    ("its delivery failed, and its writer was not told", _SHARE.where(_FAILED_UNTOLD)),
    (
        "it was refused, and its writer was not told",
        _SHARE.where(passages.c.fate == Fate.REFUSED.value, _NOTICES_OF_MESSAGE == 0),
    ),
    ("it did not pass, and was sent", _SHARE.where(passages.c.fate != Fate.PASSED.value, _SENT)),
)
"""What is wrong, and the question that finds it."""

_MESSAGES_TOLD: Final = (
    select(entries.c.conversation, func.count().label("shares"))
    .where(entries.c.kind == Kind.MESSAGE.value)
    .group_by(entries.c.conversation)
)
_SHARES_TAKEN: Final = select(passages.c.conversation, func.count().label("shares")).group_by(passages.c.conversation)
