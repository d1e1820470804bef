"""The conversations that a message is for, with what was said in them before: one question a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from relay.store.accepting import automatic_since, earlier, thread_ids
from relay.store.conversations import by_alias
from relay.store.questions import waiting
from relay.store.rates import crowd, writer_is_crowded
from relay.transit.background import Background, Inquiry
from relay.transit.thread import ThreadIds
from relay.values import Alias

_DAY: Final = timedelta(days=1)


def backgrounds(connection: Connection, aliases: Sequence[Alias], inquiry: Inquiry) -> tuple[Background | None, ...]:
    """The answer for each of `aliases`, in their order; None for one that reaches nobody."""
    crowded = writer_is_crowded(connection, inquiry)
    return tuple(_background(connection, alias, inquiry, crowded) for alias in aliases)


def _background(connection: Connection, alias: Alias, inquiry: Inquiry, crowded: bool) -> Background | None:
    conversation = by_alias(connection, alias)
    if conversation is None:
        return None
    author = inquiry.author
    if author is None:
        return Background(conversation)
    is_known = any(party.knows(author) for party in conversation.parties())
    unconfirmed = 0 if is_known and inquiry.is_authentic else waiting(connection, conversation.id)
    if not is_known:
        return Background(conversation, unconfirmed=unconfirmed)
    return Background(
        conversation,
        earlier(connection, conversation.id, inquiry.fingerprint, inquiry.at),
        thread_ids(connection, conversation.id, inquiry.references) if inquiry.references else ThreadIds.nothing(),
        automatic_since(connection, conversation.id, inquiry.at - _DAY) if inquiry.automatic else 0,
        crowd(connection, conversation.id, inquiry, writer=crowded),
        unconfirmed,
    )
