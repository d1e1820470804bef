"""Destinations that an operator has suspended: nothing is sent there until they are resumed, and nothing is lost meanwhile.

What is due there is put off as if nobody had answered, so that writers hear of it as of any other delay (GW-50, GW-52).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, text, update

from relay.errors import Conflict, NotDone, NotFound
from relay.store.operator_tables import because_characters_max, person_characters_max, suspended_destinations
from relay.store.prepared import Prepared
from relay.store.stepping import Step
from relay.store.tables import IS_DUE, UNDER_WAY, deliveries
from relay.values import ascii_domain

suspended_max: Final = 200
"""Each worker has them in memory, and reads them again and again."""
few: Final = 3
"""Mailboxes: a destination to which mail for fewer goes would tell whose it is."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """A destination to which nothing is sent. `due` is how many deliveries wait for it."""

    domain: str
    since: datetime
    by: str
    because: str
    due: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What is under way to one destination; to all that have `few` mailboxes, where `domain` is empty."""

    domain: str
    due: int
    next_at: datetime | None


def suspend(connection: Connection, domain: str, step: Step) -> str:
    """Nothing is sent there from now on, but what an operator insists on; what is under way is not broken off.

    Returns the domain as it is kept. Raises NotDone for what is none, and Conflict where it is suspended, or where there are
    `suspended_max`.
    """
    named = _named(domain)
    if connection.execute(select(_s.domain).where(_s.domain == named)).first() is not None:
        raise Conflict(f"{named} is suspended already")
    if connection.execute(select(func.count()).select_from(suspended_destinations)).scalar_one() >= suspended_max:
        raise Conflict(f"more than {suspended_max} destinations cannot be suspended")
    connection.execute(
        insert(suspended_destinations).values(
            domain=named,
            since=step.at,
            person=step.by[:person_characters_max],
            because=step.because[:because_characters_max],
        )
    )
    return named


def resume(connection: Connection, domain: str, now: datetime) -> int:
    """Mail goes there again: what waits for it, and is in nobody's hands, is due at once. The number of them. Raises NotFound."""
    named = _named(domain)
    if not connection.execute(delete(suspended_destinations).where(_s.domain == named)).rowcount:
        raise NotFound(f"{named} is not suspended")
    waiting = update(deliveries).where(_IS_DUE, _d.domain == named, _d.claimed_by.is_(None)).values(due_at=now)
    return connection.execute(waiting).rowcount


def suspended(connection: Connection) -> frozenset[str]:
    """All of them: what whoever sends asks again and again."""
    return frozenset(row.domain for row in _ALL.rows(connection))


def listed(connection: Connection) -> Sequence[Suspended]:
    """All of them, in the order of the alphabet, with what waits."""
    waiting = select(func.count()).where(_IS_DUE, _d.domain == _s.domain).correlate(suspended_destinations).scalar_subquery()
    rows = connection.execute(select(suspended_destinations, waiting.label("due")).order_by(_s.domain))
    return [Suspended(row.domain, row.since, row.person, row.because, row.due) for row in rows]


def bound(connection: Connection, limit: int) -> Sequence[Bound]:
    """Where what is under way goes, the most first, at most `limit` destinations; last, together, those with few mailboxes."""
    each = (
        select(
            _d.domain,
            func.count().label("due"),
            func.min(_d.due_at).label("next_at"),
            func.count(_d.recipient.distinct()).label("mailboxes"),
        )
        .where(text(f"{deliveries.name}.{UNDER_WAY}"))
        .group_by(_d.domain)
        .subquery()
    )
    known = connection.execute(
        select(each).where(each.c.mailboxes >= few).order_by(each.c.due.desc(), each.c.domain).limit(limit)
    ).all()
    rest = connection.execute(
        select(func.sum(each.c.due).label("due"), func.min(each.c.next_at).label("next_at")).where(each.c.mailboxes < few)
    ).one()
    found = [Bound(row.domain, row.due, row.next_at) for row in known]
    return [*found, Bound("", int(rest.due), rest.next_at)] if rest.due else found


_s: Final = suspended_destinations.c
_d: Final = deliveries.c
_IS_DUE: Final = text(f"{deliveries.name}.{IS_DUE}")
_DOMAIN: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,20}")
_ALL: Final = Prepared(select(_s.domain))


def _named(domain: str) -> str:
    """As deliveries have it. Raises NotDone."""
    named = ascii_domain(domain.strip())
    if not _DOMAIN.fullmatch(named) or len(named) > 255:
        raise NotDone(f"{domain.strip()[:100]!r} is no domain")
    return named
