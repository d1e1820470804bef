"""The operators' view of what is under way: listing, and stepping in. Every step is in the timeline: nothing goes silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, text, tuple_, update

from relay.errors import Conflict, NotFound
from relay.store import tables, timeline
from relay.store.accepting import add_deliveries
from relay.store.rows import Found
from relay.store.tables import State, deliveries, passages, texts
from relay.store.timeline import Draft, Fact, Kind
from relay.store.tracked import TRACKED, Tracked, as_tracked
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Delivery
from relay.values import ConversationId, DeliveryId, MessageId, Role

listed_max: Final = 1_000
UNDER_WAY: Final = frozenset({State.DUE, State.HELD})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries to list: those of any of `states`, and of everything else that is given."""

    states: frozenset[State] = UNDER_WAY
    carries: Carries | None = None
    domain: str | None = None
    conversation: ConversationId | None = None
    message: MessageId | None = None
    accepted_before: datetime | None = None
    limit: int = 100
    after: DeliveryId | None = None
    """The last one of the page before."""


@dataclass(frozen=True, slots=True)
class HeldPassage:
    """One recipient's share of a message that waits for an operator: no delivery was made for it (GW-55)."""

    message: MessageId
    ordinal: int
    conversation: ConversationId
    writer: Role
    reason: str
    detail: str
    has_rendition: bool


def listing(connection: Connection, wanted: Wanted) -> tuple[Tracked, ...]:
    """The deliveries that are `wanted`, the oldest first."""
    d = deliveries.c
    chosen = TRACKED.where(d.state.in_([state.value for state in wanted.states]))
    if wanted.states <= UNDER_WAY:
        chosen = chosen.where(_UNDER_WAY)
    if wanted.carries is not None:
        chosen = chosen.where(d.carries == wanted.carries.value)
    if wanted.domain is not None:
        chosen = chosen.where(d.domain == wanted.domain.lower())
    if wanted.conversation is not None:
        chosen = chosen.where(d.conversation == wanted.conversation)
    if wanted.message is not None:
        chosen = chosen.where(d.message == wanted.message)
    if wanted.accepted_before is not None:
        chosen = chosen.where(d.accepted_at < wanted.accepted_before)
    if wanted.after is not None:
        chosen = chosen.where(d.id > wanted.after)
    rows = connection.execute(chosen.order_by(d.id).limit(min(wanted.limit, listed_max)))
    return tuple(as_tracked(row) for row in rows)


def held_passages(
    connection: Connection, limit: int = 100, after: tuple[MessageId, int] | None = None
) -> tuple[HeldPassage, ...]:
    """What waits for an operator and has no delivery yet, the oldest first; `after` is the last one of the page before."""
    chosen = _WAITING.order_by(passages.c.message, passages.c.ordinal).limit(min(limit, listed_max))
    if after is not None:
        chosen = chosen.where(tuple_(passages.c.message, passages.c.ordinal) > after)
    return tuple(_held_passage(row) for row in connection.execute(chosen))


def held_passage(connection: Connection, message: MessageId, ordinal: int) -> HeldPassage | None:
    """That recipient's share of a message, if it waits for an operator and has no delivery yet."""
    named = _WAITING.where(passages.c.message == message, passages.c.ordinal == ordinal)
    row = connection.execute(named).one_or_none()
    return _held_passage(row) if row is not None else None


def shown(connection: Connection, delivery: DeliveryId) -> Tracked:
    """One delivery. Raises NotFound."""
    row = connection.execute(TRACKED.where(deliveries.c.id == delivery)).one_or_none()
    if row is None:
        raise NotFound(f"no delivery {delivery}")
    return as_tracked(row)


def retry_now(connection: Connection, delivery: DeliveryId, *, now: datetime, by: str) -> None:
    """Due at once. Raises NotFound, and Conflict unless it waits for its next attempt."""
    before = shown(connection, delivery)
    if before.state is not State.DUE or before.claimed_by is not None:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one that waits can be tried now")
    _change(connection, before, {"due_at": now}, Kind.RETRIED, now, by)


def hold(connection: Connection, delivery: DeliveryId, *, now: datetime, by: str) -> None:
    """No further attempt until it is released; one that is going on is not stopped. Raises NotFound, and Conflict unless due."""
    before = shown(connection, delivery)
    if before.state is not State.DUE:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one under way can be held")
    _change(connection, before, {"state": State.HELD.value}, Kind.HELD, now, by)


def release(connection: Connection, delivery: DeliveryId, *, now: datetime, by: str, return_path: str | None = None) -> None:
    """Due at once; its passage, if that was held, has passed. Raises NotFound, and Conflict unless it is held.

    `return_path` replaces the one that was minted when it was held: a bounce is believed for some days only (GW-42).
    """
    before = shown(connection, delivery)
    if before.state is not State.HELD:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only a held one can be released")
    values: dict[str, object] = {"state": State.DUE.value, "due_at": now, "claimed_by": None}
    if return_path is not None:
        values["return_path"] = return_path
    _change(connection, before, values, Kind.RELEASED, now, by)
    if before.carries is Carries.RENDITION and before.passage is not None:
        _passed(connection, before.message, before.passage)


def release_passage(
    connection: Connection, message: MessageId, ordinal: int, delivery: Delivery, *, now: datetime, by: str
) -> None:
    """A held share of a message goes out as `delivery`, made for it now. Raises NotFound, and Conflict unless it is held."""
    before = _held(connection, message, ordinal)
    add_deliveries(connection, [delivery], ordinal, now)
    _passed(connection, message, ordinal)
    facts: dict[str, Fact] = {"by": by, "message": message, "delivery": delivery.id}
    timeline.append(connection, [Draft(ConversationId(before.conversation), Kind.RELEASED, facts)], now)


def drop(connection: Connection, delivery: DeliveryId, *, now: datetime, by: str, because: str) -> None:
    """Given up, for the reason `because`, which stands in the timeline. Raises NotFound, and Conflict when it is finished."""
    before = shown(connection, delivery)
    if before.state not in UNDER_WAY:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one under way can be dropped")
    values: dict[str, object] = {"state": State.DROPPED.value, "claimed_by": None}
    _change(connection, before, values, Kind.DROPPED, now, by, _without_address(because))


def drop_passage(connection: Connection, message: MessageId, ordinal: int, *, now: datetime, by: str, because: str) -> None:
    """A held share of a message is given up. Raises NotFound, and Conflict unless it is held."""
    before = _held(connection, message, ordinal)
    connection.execute(_THE_PASSAGE.values(dropped_at=now), {"of": message, "nth": ordinal})
    facts: dict[str, Fact] = {"by": by, "message": message, "because": _without_address(because)}
    timeline.append(connection, [Draft(ConversationId(before.conversation), Kind.DROPPED, facts)], now)


_HAS_RENDITION_DELIVERY: Final = (
    select(deliveries.c.id)
    .where(
        deliveries.c.message == passages.c.message,
        deliveries.c.passage == passages.c.ordinal,
        deliveries.c.carries == Carries.RENDITION.value,
    )
    .exists()
)
_UNDER_WAY: Final = text(f"{deliveries.name}.{tables.UNDER_WAY}")
_WAITING: Final = select(passages).where(
    text(f"{passages.name}.{tables.IS_HELD}"), passages.c.dropped_at.is_(None), ~_HAS_RENDITION_DELIVERY
)
_THE_PASSAGE: Final = update(passages).where(passages.c.message == bindparam("of"), passages.c.ordinal == bindparam("nth"))


def _held_passage(row: Found) -> HeldPassage:
    return HeldPassage(
        message=MessageId(row.message),
        ordinal=row.ordinal,
        conversation=ConversationId(row.conversation),
        writer=Role(row.writer),
        reason=row.reason,
        detail=row.detail,
        has_rendition=row.rendition is not None,
    )


def _told(one: Tracked) -> str:
    return "being tried at this moment" if one.state is State.DUE and one.claimed_by is not None else one.state.value


def _without_address(because: str) -> str:
    if "@" in because:
        raise Conflict("the reason stays for ever, so it cannot hold a mail address")
    return because[:500]


def _change(
    connection: Connection,
    before: Tracked,
    values: Mapping[str, object],
    kind: Kind,
    now: datetime,
    by: str,
    because: str | None = None,
) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == before.id).values(values))
    if before.conversation is not None:
        facts: dict[str, Fact] = {"by": by, "message": before.message, "delivery": before.id, "carries": before.carries.value}
        if because is not None:
            facts["because"] = because
        timeline.append(connection, [Draft(before.conversation, kind, facts)], now)


def _held(connection: Connection, message: MessageId, ordinal: int) -> Found:
    """The passage. Raises NotFound, and Conflict unless it is held and has no delivery that could be released instead."""
    row = connection.execute(
        select(passages, _HAS_RENDITION_DELIVERY.label("has_delivery"))
        .where(passages.c.message == message, passages.c.ordinal == ordinal)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"message {message} has no recipient number {ordinal}")
    if row.fate != Fate.HELD.value or row.dropped_at is not None:
        raise Conflict(f"message {message} is not held for recipient number {ordinal}")
    if row.has_delivery:
        raise Conflict(f"message {message} is held with its delivery; release or drop that")
    return row


def _passed(connection: Connection, message: MessageId, ordinal: int) -> None:
    """The passage has passed, and the search index is to learn of it."""
    held = _THE_PASSAGE.where(passages.c.fate == Fate.HELD.value)
    if connection.execute(held.values(fate=Fate.PASSED.value), {"of": message, "nth": ordinal}).rowcount:
        connection.execute(update(texts).where(texts.c.message == message).values(stale=True))
