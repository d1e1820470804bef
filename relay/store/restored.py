"""What was under way when a backup was made, and may have arrived since: decided once, when the backup is put back.

docs/decisions/0008 says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select, update

from relay.store import posting, sessions, sign_in_links, timeline
from relay.store.rows import Found
from relay.store.stepping import Step
from relay.store.tables import State, deliveries
from relay.store.timeline import Draft, Kind, of_delivery
from relay.transit.delivery import Carries
from relay.values import ConversationId


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How many deliveries are sent again, and how many are held in front of an operator; mail about bookings that nobody had
    posted is among the latter where it waits for one."""

    sent_again: int
    held: int


def decide_under_way(connection: Connection, step: Step, lifetime: timedelta, *, hold_all: bool) -> UnderWay:
    """Every delivery that is due is in doubt now: it may have arrived after the backup was made.

    It is sent again, at once: the same octets with the same Message-ID, rather twice than never (invariant 8). One that was
    accepted longer than `lifetime` ago came to its end in the time that is lost, so it is held instead, as all are with
    `hold_all` (invariant 4). Both stand in the timeline. Whoever was signed in has to do so anew.
    """
    chosen = select(*(deliveries.c[name] for name in ("id", "message", "conversation", "carries", "accepted_at")))
    rows = connection.execute(chosen.where(deliveries.c.state == State.DUE.value).order_by(deliveries.c.id)).all()
    held = [row for row in rows if hold_all or row.accepted_at + lifetime <= step.at]
    kept_back = {row.id for row in held}
    again = [row for row in rows if row.id not in kept_back]
    due = update(deliveries).where(deliveries.c.state == State.DUE.value)
    connection.execute(due.values(claimed_by=None, in_doubt=True, due_at=step.at))
    overdue = due if hold_all else due.where(deliveries.c.accepted_at <= step.at - lifetime)
    connection.execute(overdue.values(state=State.HELD.value))
    _tell(connection, Kind.HELD, held, step)
    _tell(connection, Kind.RETRIED, again, step)
    # One that was ended in the time that is lost would count again, and a link that was used.
    sessions.end_everybodys(connection)
    sign_in_links.forget_all(connection)
    return UnderWay(len(again), len(held) + _park_unposted(connection, step, lifetime, hold_all=hold_all))


def _park_unposted(connection: Connection, step: Step, lifetime: timedelta, *, hold_all: bool) -> int:
    """Mail that nobody had posted when the backup was made has been posted since, in the time that is lost: like what was due, it
    goes out again with the same Message-ID, or waits for an operator. The number of those that wait."""
    old = [one for one in posting.all_waiting(connection, step.at) if hold_all or one.at + lifetime <= step.at]
    for one in old:
        posting.park(connection, one, "a backup was put back; it may have gone out since that was made", step.at)
    return len(old)


def _tell(connection: Connection, kind: Kind, rows: Sequence[Found], step: Step) -> None:
    drafts = [
        Draft(
            ConversationId(row.conversation),
            kind,
            {**step.facts(), **of_delivery(row.message, row.id, Carries(row.carries))},
        )
        for row in rows
        if row.conversation is not None
    ]
    timeline.append(connection, drafts, step.at)
