"""How much waits, and for how long: figures for whoever watches, from indexes alone as far as that goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Executable, and_, bindparam, case, func, literal, or_, select
from sqlalchemy import text as sql

from relay.policy.reasons import Reason
from relay.store import tables
from relay.store.exchange_tables import IS_NOT_POSTED, IS_PARKED, notifications
from relay.store.rows import Instant
from relay.store.tables import deliveries, passages, questions, workers


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is under way, and what waits for a person."""

    due: int
    """Deliveries under way, those in a worker's hands included."""
    late: timedelta
    """How long the one that should have been tried first waits for that; nothing while none is late."""
    oldest: timedelta
    """How long ago the message was accepted whose delivery is under way, or held, the longest."""
    held: int
    """Deliveries, recipients of messages, and mail about bookings that wait for a person."""
    parked: int
    """Of these, what waits since something in us broke over it."""
    in_doubt: int
    """Deliveries under way that the receiver may have already."""
    unposted: int
    """Mail about bookings that waits to be written."""
    untended: int
    """Deliveries in the hands of a worker that is not there: another takes them over within a minute."""
    workers: int
    """Workers that are at work, or died less than a minute ago."""
    queue: Mapping[Portion, int]
    """What is under way or held, by state, age and kind of destination."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Part of the queue: what is in `state`, was accepted as long ago as `age` says, and goes to `destination`."""

    state: str
    age: str
    destination: str


AGES: Final[Mapping[str, timedelta]] = {
    "5m": timedelta(minutes=5),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "2d": timedelta(days=2),
}
"""Each up to that long ago; what is older is "more"."""
DESTINATIONS: Final[Mapping[str, Sequence[str]]] = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": ("outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.co.uk", "hotmail.fr", "outlook.fr", "outlook.de"),
    "yahoo": ("yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.it", "ymail.com", "aol.com"),
    "apple": ("icloud.com", "me.com", "mac.com"),
}
"""The large ones, each of which tells nothing about anybody; all the rest is "other": no figure names anybody's own domain."""


def backlog(connection: Connection, now: datetime) -> Backlog:
    """The figures as of `now`. One look at each delivery that is under way, none at what is done."""
    due = connection.execute(_DUE).one()
    under_way = connection.execute(_UNDER_WAY).scalar_one()
    shares = connection.execute(_HELD_SHARES).one()
    oldest = connection.execute(_OLDEST).scalar_one_or_none()
    parked_mails = connection.execute(_PARKED_MAILS).scalar_one()
    return Backlog(
        due=due.number,
        late=max(now - due.first, timedelta()) if due.first is not None else timedelta(),
        oldest=max(now - oldest, timedelta()) if oldest is not None else timedelta(),
        held=under_way - due.number + shares.number + parked_mails,
        parked=(shares.parked or 0) + parked_mails,
        in_doubt=due.in_doubt or 0,
        unposted=connection.execute(_UNPOSTED, {"now": now}).scalar_one(),
        untended=due.untended or 0,
        workers=connection.execute(_WORKERS).scalar_one(),
        queue={Portion(row.state, row.age, row.destination): row.number for row in connection.execute(_portions(now))},
    )


def _portions(now: datetime) -> Executable:
    """One look at each delivery that is under way or held."""
    age = case(*((deliveries.c.accepted_at > now - span, literal(name)) for name, span in AGES.items()), else_=literal("more"))
    destination = case(
        *((deliveries.c.domain.in_(domains), literal(name)) for name, domains in DESTINATIONS.items()), else_=literal("other")
    )
    portion = select(deliveries.c.state.label("state"), age.label("age"), destination.label("destination")).where(
        sql(f"{deliveries.name}.{tables.UNDER_WAY}")
    )
    rows = portion.subquery()
    return select(rows.c.state, rows.c.age, rows.c.destination, func.count().label("number")).group_by(
        rows.c.state, rows.c.age, rows.c.destination
    )


_IS_UNTENDED: Final = and_(deliveries.c.claimed_by.is_not(None), deliveries.c.claimed_by.not_in(select(workers.c.name)))
_DUE: Final = select(
    func.count().label("number"),
    func.min(deliveries.c.due_at).label("first"),
    func.sum(case((deliveries.c.in_doubt, 1), else_=0)).label("in_doubt"),
    func.sum(case((_IS_UNTENDED, 1), else_=0)).label("untended"),
).where(sql(f"{deliveries.name}.{tables.IS_DUE}"))
_UNDER_WAY: Final = select(func.count()).select_from(deliveries).where(sql(f"{deliveries.name}.{tables.UNDER_WAY}"))
_OLDEST: Final = (
    # Ids grow with time.
    select(deliveries.c.accepted_at).where(sql(f"{deliveries.name}.{tables.UNDER_WAY}")).order_by(deliveries.c.id).limit(1)
)
_IS_ASKED: Final = (
    select(questions.c.message)
    .where(questions.c.message == passages.c.message, questions.c.passage == passages.c.ordinal, questions.c.digest.is_not(None))
    .correlate(passages)
    .exists()
)
_HELD_SHARES: Final = select(
    func.count().label("number"),
    func.sum(case((passages.c.reason == Reason.FAULT.value, 1), else_=0)).label("parked"),
).where(
    sql(f"{passages.name}.{tables.IS_HELD}"),
    passages.c.dropped_at.is_(None),
    # As long as a party is asked, an operator has nothing to do (GW-6).
    or_(passages.c.reason != Reason.UNKNOWN_WRITER.value, ~_IS_ASKED),
)
_PARKED_MAILS: Final = select(func.count()).select_from(notifications).where(sql(IS_PARKED))
_UNPOSTED: Final = (
    select(func.count())
    .select_from(notifications)
    .where(sql(IS_NOT_POSTED), notifications.c.at <= bindparam("now", type_=Instant))
)
_WORKERS: Final = select(func.count()).select_from(workers)
