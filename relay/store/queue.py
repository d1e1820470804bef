"""The operators' view of deliveries: listing, and stepping in. Every step is in the timeline: nothing goes silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, text, update

from relay.errors import Conflict, NotFound
from relay.store import tables, timeline
from relay.store.stepping import Step
from relay.store.tables import State, deliveries
from relay.store.timeline import Draft, Kind, of_delivery
from relay.store.tracked import TRACKED, Tracked, as_tracked
from relay.transit.delivery import Carries
from relay.values import ConversationId, DeliveryId, MessageId

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


def shown(connection: Connection, delivery: DeliveryId) -> Tracked:
    """One delivery. Raises NotFound."""
    row = connection.execute(TRACKED.where(deliveries.c.id == delivery)).one_or_none()
    if row is None:
        raise NotFound(f"no delivery {delivery}")
    return as_tracked(row)


def retry_now(connection: Connection, delivery: DeliveryId, step: Step) -> None:
    """Due at once, and tried even where the destination is left alone. Raises NotFound, and Conflict unless it waits for its next
    attempt."""
    before = _locked(connection, delivery)
    if before.state is not State.DUE or before.claimed_by is not None:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one that waits can be tried now")
    _change(connection, before, {"due_at": step.at, "insisted": True}, Kind.RETRIED, step)


def hold(connection: Connection, delivery: DeliveryId, step: Step) -> None:
    """No further attempt until it is released; one that is going on is not stopped. Raises NotFound, and Conflict unless due."""
    before = _locked(connection, delivery)
    if before.state is not State.DUE:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one under way can be held")
    _change(connection, before, {"state": State.HELD.value}, Kind.HELD, step)


def release(connection: Connection, delivery: DeliveryId, step: Step, *, return_path: str | None = None) -> None:
    """Due at once, like `retry_now`. Raises NotFound, and Conflict unless it is held.

    `return_path` replaces the one that was minted when it was held: a bounce is believed for some days only (GW-42). Where a
    worker has had it in hands since before it was held, it is left to that worker: another would send it a second time.
    """
    before = _locked(connection, delivery)
    if before.state is not State.HELD:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only a held one can be released")
    values: dict[str, object] = {"state": State.DUE.value, "due_at": step.at, "insisted": True}
    if return_path is not None:
        values["return_path"] = return_path
    _change(connection, before, values, Kind.RELEASED, step)


def drop(connection: Connection, delivery: DeliveryId, step: Step) -> None:
    """Given up, and nobody is told. Raises NotFound, and Conflict when it is finished."""
    before = _locked(connection, delivery)
    if before.state not in UNDER_WAY:
        raise Conflict(f"delivery {delivery} is {_told(before)}; only one under way can be dropped")
    values: dict[str, object] = {"state": State.DROPPED.value, "claimed_by": None}
    _change(connection, before, values, Kind.DROPPED, step)


_UNDER_WAY: Final = text(f"{deliveries.name}.{tables.UNDER_WAY}")
_LOCK: Final = select(deliveries.c.id).where(deliveries.c.id == bindparam("id")).with_for_update(key_share=True)


def _locked(connection: Connection, delivery: DeliveryId) -> Tracked:
    """The delivery, which nobody else steps in on before this transaction ends, nor records an attempt. Raises NotFound."""
    connection.execute(_LOCK, {"id": delivery})
    return shown(connection, delivery)


def _told(one: Tracked) -> str:
    return "being tried at this moment" if one.state is State.DUE and one.claimed_by is not None else one.state.value


def _change(connection: Connection, before: Tracked, values: Mapping[str, object], kind: Kind, step: Step) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == before.id).values(values))
    if before.conversation is not None:
        about = of_delivery(before.message, before.id, before.carries)
        timeline.append(connection, [Draft(before.conversation, kind, {**step.facts(), **about})], step.at)


def newest_return_path(connection: Connection) -> str | None:
    """The local part that the newest delivery's bounces come to; None where none has been sent under one."""
    newest = select(deliveries.c.return_path).where(deliveries.c.return_path.like("bounce-%")).order_by(deliveries.c.id.desc())
    path = connection.execute(newest.limit(1)).scalar_one_or_none()
    return None if path is None else str(path).partition("@")[0]
