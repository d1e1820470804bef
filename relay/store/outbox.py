"""Deliveries under way: claiming them, and recording what an attempt came to (invariants 4 and 8)."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Final, assert_never

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy import text as sql

from relay.errors import Damaged
from relay.store import alerts, blobs, mailboxes, timeline
from relay.store.accepting import add_deliveries, is_one_too_many
from relay.store.blobs import Blob
from relay.store.packing import Claimant, domain_of
from relay.store.prepared import Prepared
from relay.store.rows import Found, Inserted, Instant, micros, text
from relay.store.tables import IS_DUE, UNDER_WAY, State, attempts, deliveries, passages, remote_text_characters_max, workers
from relay.store.tables import blobs as blob_table
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.alarm import Alarm
from relay.transit.bounce import DAILY_CAP
from relay.transit.delivery import Carries, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import ConversationId, DeliveryId, MessageId, RealAddress, Role

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


def record(
    connection: Connection,
    delivery: DeliveryId,
    outcome: Outcome,
    *,
    now: datetime,
    next_due: datetime | None = None,
    notices: Sequence[Delivery] = (),
    attempt: int | None = None,
    delay_told: bool = False,
    untold: str = "",
) -> bool:
    """What an attempt came to, in the timeline too; False, and nothing changes, when the delivery is finished already.

    `next_due` is when a deferred one is tried again. `notices` tell the writer that it failed or takes longer, and are stored
    with it, unless that writer has a day's notices by now (GW-52); `untold` says why nobody is told (GW-53). `delay_told`: it
    needs not be asked again whether the writer is to hear that it takes longer. `attempt` is the number of the attempt: a late
    "not now" of a worker whose claim ran out is kept, and does not take the delivery from the worker that has it now. Raises
    ValueError for a deferral without `next_due`.
    """
    if isinstance(outcome, Deferred) and next_due is None:
        raise ValueError("a deferred delivery needs its next time")
    row = _ONE_LOCKED.one(connection, id=delivery)
    if row is None or row.state in {State.DELIVERED.value, State.FAILED.value}:
        return False
    if row.state == State.DROPPED.value and not isinstance(outcome, Delivered):
        return False
    if notices and is_one_too_many(connection, notices[0], now):
        # It was made before this transaction, and another one used the last of the day's budget meanwhile.
        notices, untold = (), DAILY_CAP.reason
    change = _Change.of(row)
    match outcome:
        case Delivered():
            kind, change.state, change.claimed_by = Kind.DELIVERED, State.DELIVERED, None
        case Deferred():
            kind = Kind.DEFERRED
            change.in_doubt |= outcome.in_doubt
            change.delay_told |= delay_told
            if next_due is not None and (attempt is None or attempt >= row.attempts):
                change.due_at, change.claimed_by = next_due, None
        case Failed():
            kind = Kind.FAILED
            change.fail(notices, untold)
        case _:
            assert_never(outcome)
    _tell(connection, delivery, row, _Attempt(attempt or row.attempts, kind, outcome, untold), notices, now)
    change.apply(connection, delivery, outcome)
    return True


def bounced(
    connection: Connection,
    delivery: DeliveryId,
    failed: Failed,
    *,
    now: datetime,
    notices: Sequence[Delivery] = (),
    untold: str = "",
    claimant: Claimant | None = None,
    report: MessageId | None = None,
) -> bool:
    """A bounce came back to the return path: what was delivered, or still under way, has failed (GW-51).

    `notices` are nobody's yet, or the claimant's, who has begun them; `report` is the bounce itself, as archived. False, and
    nothing changes, when it had failed or was dropped before: a second bounce tells nothing new.
    """
    row = _ONE_LOCKED.one(connection, id=delivery)
    if row is None or row.state in {State.FAILED.value, State.DROPPED.value}:
        return False
    change = _Change.of(row)
    change.fail(notices, untold)
    _tell(connection, delivery, row, _Attempt(row.attempts, Kind.BOUNCED, failed, untold, report), notices, now, claimant)
    change.apply(connection, delivery, failed)
    return True


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
_ATTEMPTS: Final = Inserted(attempts, "delivery", "number", "at", "outcome", "cause", "code", "text", "in_doubt")
_ONE_LOCKED: Final = Prepared(select(deliveries).where(deliveries.c.id == bindparam("id")).with_for_update())
_CHANGE: Final = Prepared(
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(
        insisted=False,
        **{
            name: bindparam(f"new_{name}")
            for name in (
                *("state", "due_at", "claimed_by", "in_doubt", "delay_told"),
                *("failure_notice", "untold", "last_code", "last_text"),
            )
        },
    )
)
_WRITER: Final = select(passages.c.writer).where(
    passages.c.message == bindparam("message"), passages.c.ordinal == bindparam("ordinal")
)
_NEXT_DUE: Final = Prepared(select(deliveries.c.due_at).where(_IS_DUE, _IS_FREE).order_by(deliveries.c.due_at).limit(1))


@dataclass(slots=True)
class _Change:
    """The columns of a delivery that a result may change, as they are to be."""

    state: State
    due_at: datetime
    claimed_by: str | None
    in_doubt: bool
    delay_told: bool
    failure_notice: str | None
    untold: str

    @classmethod
    def of(cls, row: Found) -> _Change:
        return cls(State(row.state), row.due_at, row.claimed_by, row.in_doubt, row.delay_told, row.failure_notice, row.untold)

    def fail(self, notices: Sequence[Delivery], untold: str) -> None:
        self.state, self.claimed_by, self.untold = State.FAILED, None, untold
        self.failure_notice = notices[0].id if notices else None

    def apply(self, connection: Connection, delivery: DeliveryId, outcome: Outcome) -> None:
        _CHANGE.run(
            connection,
            delivery=delivery,
            new_state=self.state.value,
            new_due_at=self.due_at,
            new_claimed_by=self.claimed_by,
            new_in_doubt=self.in_doubt,
            new_delay_told=self.delay_told,
            new_failure_notice=self.failure_notice,
            new_untold=self.untold,
            new_last_code=outcome.code,
            new_last_text=text(outcome.text, remote_text_characters_max),
        )


@dataclass(frozen=True, slots=True)
class _Attempt:
    number: int
    kind: Kind
    outcome: Outcome
    untold: str
    report: MessageId | None = None

    @property
    def cause(self) -> str | None:
        return None if isinstance(self.outcome, Delivered) else self.outcome.cause.value

    @property
    def in_doubt(self) -> bool:
        return isinstance(self.outcome, Deferred) and self.outcome.in_doubt


def _tell(
    connection: Connection,
    delivery: DeliveryId,
    row: Found,
    attempt: _Attempt,
    notices: Sequence[Delivery],
    now: datetime,
    claimant: Claimant | None = None,
) -> None:
    """Keeps the attempt, stores its notices, and writes both into the timeline: the receiver's text stays out of it."""
    outcome = attempt.outcome
    remote = text(outcome.text, remote_text_characters_max)
    _ATTEMPTS(
        connection,
        [(delivery, attempt.number, micros(now), attempt.kind.value, attempt.cause, outcome.code, remote, attempt.in_doubt)],
    )
    add_deliveries(connection, notices, row.passage, now, claimant)
    if row.conversation is None:
        return
    conversation = ConversationId(row.conversation)
    facts: dict[str, Fact] = {
        "message": row.message,
        "delivery": delivery,
        "carries": row.carries,
        "attempt": attempt.number,
        "cause": attempt.cause,
        "code": outcome.code,
        "in_doubt": attempt.in_doubt,
        "untold": attempt.untold or None,
    }
    if attempt.report is not None:
        facts["report"] = attempt.report
    told = [
        Draft(conversation, Kind.NOTICE, {"message": row.message, "delivery": notice.id, "about": delivery}) for notice in notices
    ]
    timeline.append(connection, [Draft(conversation, attempt.kind, facts), *told], now)
    if isinstance(outcome, Failed):
        _tell_the_house(connection, row, conversation, outcome, now)


def _tell_the_house(connection: Connection, row: Found, conversation: ConversationId, failed: Failed, now: datetime) -> None:
    """What a failure says beyond the message: of the address, and of a writer who now does not learn of theirs."""
    if not failed.is_hard and row.carries != Carries.NOTICE.value:
        return
    writer = Role(connection.execute(_WRITER, {"message": row.message, "ordinal": row.passage}).scalar_one())
    addressed = writer if row.carries == Carries.NOTICE.value else writer.other
    if row.carries == Carries.NOTICE.value:
        alerts.raised(connection, Alarm.NOTICE_FAILED, conversation, addressed, row.message, now, failed.cause.value)
    if failed.is_hard:
        mailboxes.failed_for_good(connection, RealAddress(row.recipient), conversation, addressed, row.message, now)


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
            {"by": "system", "message": row.message, "delivery": row.id, "carries": row.carries, "because": DAMAGED},
        )
        for row in connection.execute(held)
        if row.conversation is not None
    ]
    timeline.append(connection, drafts, now)
