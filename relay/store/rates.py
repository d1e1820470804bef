"""Whether a writer or a conversation has had the messages that a rate allows, as all workers and nodes count them (GW-27)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Integer, bindparam, func, select

from relay.policy.facts import Crowd
from relay.policy.reasons import Reason
from relay.store.packing import author_mark
from relay.store.prepared import Prepared
from relay.store.tables import messages, passages
from relay.transit.background import Inquiry
from relay.values import ConversationId


def writer_is_crowded(connection: Connection, inquiry: Inquiry) -> bool:
    """Whether its author wrote as many messages before it, in whatever conversations, as the rate allows."""
    rate = inquiry.rates.writer
    if rate is None or inquiry.author is None:
        return False
    mark, since = author_mark(inquiry.author), inquiry.at - rate.span
    return len(_WRITTEN.rows(connection, author=mark, since=since, until=inquiry.at, most=rate.count)) >= rate.count


def conversation_is_crowded(connection: Connection, conversation: ConversationId, inquiry: Inquiry) -> bool:
    """The same of the messages of both parties in `conversation`.

    Most answers are in the latest message but so many: it is older than the rate looks back, or is not there at all. What waits
    for its writer to be confirmed does not count: anybody could fill a conversation with it.
    """
    rate = inquiry.rates.conversation
    if rate is None:
        return False
    since = inquiry.at - rate.span
    if not _THAT_LATE.rows(connection, conversation=conversation, since=since, before=rate.count - 1):
        return False
    lately = _LATELY.rows(connection, conversation=conversation, since=since, until=inquiry.at, most=2 * rate.count)
    return len(lately) >= rate.count


def crowd(connection: Connection, conversation: ConversationId, inquiry: Inquiry, *, writer: bool) -> Crowd | None:
    """Which rate is used up; `writer` says whether its author's is."""
    if writer:
        return Crowd.WRITER
    return Crowd.CONVERSATION if conversation_is_crowded(connection, conversation, inquiry) else None


_WRITTEN: Final = Prepared(
    select(messages.c.received_at)
    .where(
        messages.c.author == bindparam("author"),
        messages.c.received_at >= bindparam("since"),
        messages.c.received_at < bindparam("until"),
    )
    .limit(bindparam("most", type_=Integer))
)
_HERE: Final = passages.c.conversation == bindparam("conversation")
_LATEST: Final = (
    select(passages.c.message)
    .where(_HERE)
    .order_by(passages.c.message.desc())
    .limit(1)
    .offset(bindparam("before", type_=Integer))
    .scalar_subquery()
)
_LAST_ONES: Final = (
    select(passages.c.message, passages.c.reason)
    .where(_HERE)
    .order_by(passages.c.message.desc())
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_THAT_LATE: Final = Prepared(
    select(messages.c.received_at).where(messages.c.id == _LATEST, messages.c.received_at >= bindparam("since"))
)
_LATELY: Final = Prepared(
    select(messages.c.received_at)
    .join_from(_LAST_ONES, messages, messages.c.id == _LAST_ONES.c.message)
    .where(
        func.coalesce(_LAST_ONES.c.reason, "") != Reason.UNKNOWN_WRITER.value,
        messages.c.received_at >= bindparam("since"),
        messages.c.received_at < bindparam("until"),
    )
)
