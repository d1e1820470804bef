"""Deliveries that are due: who has them, in which turn, and giving them back (invariant 8)."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy import text as sql

from relay.errors import Damaged
from relay.store import blobs, timeline
from relay.store.blobs import Blob
from relay.store.packing import domain_of
from relay.store.prepared import Prepared
from relay.store.rows import Found, Instant
from relay.store.tables import IS_DUE, UNDER_WAY, State, deliveries, workers
from relay.store.tables import blobs as blob_table
from relay.store.timeline import Draft, Kind, of_delivery
from relay.transit.delivery import Carries, Delivery
from relay.values import ConversationId, DeliveryId, RealAddress

claimed_octets_max: Final = 16 * 1024 * 1024
"""Content that one claim loads into memory; what lies above stays due."""
clocks_differ_by: Final = timedelta(days=1)
"""Clocks of two nodes, at most: so much later than its lease says is a claim over whose worker still gives signs of life."""
domains_at_once_max: Final = 16
"""Domains that have a turn in one claim."""
DAMAGED: Final = "its content is not what was written: it cannot be sent"
"""Why the store itself holds a delivery."""


def claim(
    connection: Connection,
    now: datetime,
    lease: timedelta,
    count_max: int,
    worker: str,
    after: str = "",
) -> list[Delivery]:
    """At most `count_max` due deliveries with their content that no other worker holds, in turns: of each recipients' domain its
    oldest, then of each its second. Whoever has ten thousand of them waiting has one turn like everybody else (FAULT-100).

    The domains take their turns in the order of the alphabet, the one behind `after` first: see `turn_of`. A claim moves `due_at`
    past the lease and begins an attempt: when a worker dies, its deliveries come due again by themselves. What a living worker
    has claimed is left to it for `clocks_differ_by` more: the lease is told by its clock, and `now` by ours. One whose content is
    not what was written is held for an operator instead (`DAMAGED`), and in nobody's way. Content that lies in an object store
    is empty still: `apart` says where it is, and nobody waits for a network inside a transaction.
    """
    domains = _domains_in_turn(connection, now, after, min(count_max, domains_at_once_max))
    share = -(-count_max // max(1, len(domains)))
    queues = [
        connection.execute(_DUE_OF, {"domain": one, "now": now, "surely": now - clocks_differ_by, "share": share}).all()
        for one in domains
    ]
    in_turns = (row for row_of_each in zip_longest(*queues) for row in row_of_each if row is not None)
    contents = _light_enough(islice(in_turns, count_max))
    octets = _at_hand(blobs.found(connection, contents.values()).values())
    ids = [one for one, content in contents.items() if content in octets]
    hold_damaged(connection, [one for one in contents if one not in set(ids)], now)
    if not ids:
        return []
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(due_at=now + lease, attempts=deliveries.c.attempts + 1, claimed_by=worker)
        .returning(deliveries)
    )
    found = {row.id: row for row in connection.execute(taken)}
    return [
        Delivery(
            id=row.id,
            message=row.message,
            conversation=row.conversation,
            carries=Carries(row.carries),
            return_path=row.return_path,
            recipient=RealAddress(row.recipient),
            content=octets[row.content],
            accepted_at=row.accepted_at,
            attempts=row.attempts,
            delay_told=row.delay_told,
            insisted=row.insisted,
        )
        for row in (found[one] for one in ids)
    ]


def apart(connection: Connection, claimed: Collection[Delivery]) -> dict[DeliveryId, Blob]:
    """Of `claimed`, those whose content is still to be fetched, and from where."""
    wanted = [one.id for one in claimed if not one.content]
    if not wanted:
        return {}
    rows = connection.execute(select(deliveries.c.id, deliveries.c.content).where(deliveries.c.id.in_(wanted))).all()
    found = blobs.found(connection, [row.content for row in rows])
    return {DeliveryId(row.id): found[row.content] for row in rows}


def turn_of(delivery: Delivery) -> str:
    """Whose turn a claim ended with: behind that domain the next one begins."""
    return domain_of(delivery)


def next_due_at(connection: Connection) -> datetime | None:
    """When the next delivery comes due, the claims of the dead included; None when nothing waits for anybody."""
    row = _NEXT_DUE.one(connection)
    return row.due_at if row is not None else None


def release_claims(connection: Connection, worker: str, now: datetime) -> int:
    """Gives back what `worker` claimed and did not finish: due again at once. The number of them."""
    released = update(deliveries).where(_UNDER_WAY, deliveries.c.claimed_by == worker).values(due_at=now, claimed_by=None)
    return connection.execute(released).rowcount


def release_claims_of_all(connection: Connection, names: str, now: datetime) -> int:
    """Gives back what any worker claimed whose name begins with `names`, of whom none lives. The number of them."""
    released = (
        update(deliveries)
        .where(_UNDER_WAY, deliveries.c.claimed_by.startswith(names, autoescape=True))
        .values(due_at=now, claimed_by=None)
    )
    return connection.execute(released).rowcount


def give_back(connection: Connection, ids: Collection[DeliveryId], worker: str, due_at: datetime) -> int:
    """Of `ids`, what `worker` still holds and did not try: due then, the attempt not counted. The number of them."""
    untried = (
        update(deliveries)
        .where(
            deliveries.c.id.in_(ids),
            _UNDER_WAY,
            deliveries.c.claimed_by == worker,
            deliveries.c.attempts > 0,
        )
        .values(due_at=due_at, claimed_by=None, attempts=deliveries.c.attempts - 1)
    )
    return connection.execute(untried).rowcount


def hold_damaged(connection: Connection, ids: Sequence[DeliveryId], now: datetime) -> None:
    """What cannot be sent as it was signed waits for an operator; the oldest due one would be in everybody's way for ever."""
    if not ids:
        return
    held = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids), _IS_DUE)
        .values(state=State.HELD.value, claimed_by=None, last_code=None, last_text=DAMAGED)
        .returning(deliveries)
    )
    drafts = [
        Draft(
            ConversationId(row.conversation),
            Kind.HELD,
            {"by": "system", **of_delivery(row.message, row.id, Carries(row.carries)), "because": DAMAGED},
        )
        for row in connection.execute(held)
        if row.conversation is not None
    ]
    timeline.append(connection, drafts, now)


_IS_DUE: Final = sql(f"{deliveries.name}.{IS_DUE}")
_UNDER_WAY: Final = sql(f"{deliveries.name}.{UNDER_WAY}")
"""Due or held: what is held during an attempt is still in the hands of its worker."""
_IS_FREE: Final = or_(
    deliveries.c.claimed_by.is_(None), ~select(workers.c.name).where(workers.c.name == deliveries.c.claimed_by).exists()
)
"""Nobody who lives has claimed it (see `presence`)."""
_DUE_OF: Final = (
    select(deliveries.c.id, deliveries.c.content, blob_table.c.size)
    .outerjoin(blob_table, blob_table.c.id == deliveries.c.content)
    .where(
        _IS_DUE,
        deliveries.c.domain == bindparam("domain"),
        deliveries.c.due_at <= bindparam("now"),
        or_(_IS_FREE, deliveries.c.due_at <= bindparam("surely")),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("share"))
    # SQLite, which has one writer, ignores the lock.
    .with_for_update(skip_locked=True, of=deliveries)
)
_NEXT_DOMAIN: Final = f"SELECT domain FROM deliveries WHERE {IS_DUE} AND domain > {{behind}} ORDER BY domain LIMIT 1"  # noqa: S608
_DOMAINS: Final = sql(
    "WITH RECURSIVE walk (domain) AS ("  # noqa: S608 (our own words alone)
    f"SELECT ({_NEXT_DOMAIN.format(behind=':after')})"
    f" UNION ALL SELECT ({_NEXT_DOMAIN.format(behind='walk.domain')}) FROM walk WHERE walk.domain IS NOT NULL)"
    " SELECT walk.domain FROM walk WHERE walk.domain IS NOT NULL AND :now >="
    f" (SELECT due_at FROM deliveries WHERE {IS_DUE} AND domain = walk.domain ORDER BY due_at LIMIT 1) LIMIT :count"
).bindparams(bindparam("now", type_=Instant()))
"""From one domain to the next by the index, two steps each: however many deliveries wait for one of them."""
_NEXT_DUE: Final = Prepared(select(deliveries.c.due_at).where(_IS_DUE, _IS_FREE).order_by(deliveries.c.due_at).limit(1))


def _domains_in_turn(connection: Connection, now: datetime, after: str, count_max: int) -> list[str]:
    """The next domains for which something is due, from the one behind `after` on and round to it again."""
    found = list(connection.execute(_DOMAINS, {"after": after, "now": now, "count": count_max}).scalars())
    if len(found) < count_max and after:
        found += connection.execute(_DOMAINS, {"after": "", "now": now, "count": count_max}).scalars()
    return list(dict.fromkeys(found))[:count_max]


def _light_enough(due: Iterable[Found]) -> dict[DeliveryId, str]:
    """The first of `due` whose content together stays below `claimed_octets_max`, at least one; each with its content's name."""
    kept: dict[DeliveryId, str] = {}
    octets = 0
    for row in due:
        octets += row.size or 0
        if kept and octets > claimed_octets_max:
            break
        kept[DeliveryId(row.id)] = row.content
    return kept


def _at_hand(kept: Iterable[Blob]) -> dict[str, bytes]:
    """By name: what was written, for all that is not damaged; nothing yet for what lies in an object store."""
    octets: dict[str, bytes] = {}
    for one in kept:
        with contextlib.suppress(Damaged):  # left out, and held
            octets[one.name] = b"" if one.is_apart else one.octets(None)
    return octets
