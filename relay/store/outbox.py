"""What an attempt to deliver came to (invariants 4 and 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from sqlalchemy import Connection, bindparam, select, update

from relay.store import alerts, mailboxes, posting, timeline
from relay.store.accepting import add_deliveries, is_one_too_many
from relay.store.alerts import Came
from relay.store.packing import Claimant
from relay.store.prepared import Prepared
from relay.store.rows import Found, Inserted, micros, text
from relay.store.tables import State, attempts, deliveries, passages, remote_text_characters_max, texts
from relay.store.timeline import Draft, Fact, Kind, of_delivery
from relay.transit.alarm import Alarm
from relay.transit.bounce import DAILY_CAP
from relay.transit.delivery import Carries, Deferred, Delivered, Delivery, Failed, Outcome
from relay.values import ConversationId, DeliveryId, MessageId, RealAddress, Role


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
    if isinstance(outcome, Delivered):
        return _arrived(connection, delivery, outcome, now, attempt)
    if isinstance(outcome, Deferred) and next_due is None:
        raise ValueError("a deferred delivery needs its next time")
    row = _ONE_LOCKED.one(connection, id=delivery)
    if row is None or row.state in {State.DELIVERED.value, State.FAILED.value, State.DROPPED.value}:
        return False
    if notices and is_one_too_many(connection, notices[0], now):
        # It was made before this transaction, and another one used the last of the day's budget meanwhile.
        notices, untold = (), DAILY_CAP.reason
    change = _Change.of(row)
    match outcome:
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
_ARRIVED: Final = Prepared(
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), deliveries.c.state.not_in([State.DELIVERED.value, State.FAILED.value]))
    .values(
        state=State.DELIVERED.value,
        claimed_by=None,
        insisted=False,
        last_code=bindparam("code"),
        last_text=bindparam("text"),
    )
    .returning(
        *(deliveries.c[name] for name in ("message", "passage", "conversation", "carries", "attempts")),
    )
)
_ALARMS: Final = {
    Carries.NOTICE: Alarm.NOTICE_FAILED,
    Carries.QUESTION: Alarm.QUESTION_FAILED,
    Carries.NOTIFICATION: Alarm.NOTIFICATION_FAILED,
}
"""Mail of ours whose failure the operators hear of, since nobody else does (GW-53)."""
_SEARCHED_ANEW: Final = Prepared(update(texts).where(texts.c.message == bindparam("message")).values(stale=True))
_WRITER: Final = select(passages.c.writer).where(
    passages.c.message == bindparam("message"), passages.c.ordinal == bindparam("ordinal")
)


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

    def says_something_new(self, row: Found) -> bool:
        """Whether support can look for it: what came to nothing, and each time that a server gives another code (AR-2)."""
        if self.kind is Kind.DELIVERED:
            return False
        return self.kind is not Kind.DEFERRED or self.number <= 1 or row.last_code != self.outcome.code


def _arrived(connection: Connection, delivery: DeliveryId, outcome: Delivered, now: datetime, attempt: int | None) -> bool:
    """What nearly every attempt comes to, in one statement: also of what an operator dropped or held meanwhile."""
    remote = text(outcome.text, remote_text_characters_max)
    row = _ARRIVED.one(connection, delivery=delivery, code=outcome.code, text=remote)
    if row is None:
        return False
    _tell(connection, delivery, row, _Attempt(attempt or row.attempts, Kind.DELIVERED, outcome, ""), (), now)
    return True


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
    if row.carries == Carries.RENDITION.value and attempt.says_something_new(row):
        _SEARCHED_ANEW.run(connection, message=row.message)
    remote = text(outcome.text, remote_text_characters_max)
    _ATTEMPTS(
        connection,
        [(delivery, attempt.number, micros(now), attempt.kind.value, attempt.cause, outcome.code, remote, attempt.in_doubt)],
    )
    add_deliveries(connection, notices, row.passage, now, claimant)
    if row.conversation is not None:
        _tell_the_timeline(connection, delivery, row, attempt, notices, now)
    if isinstance(outcome, Failed):
        _tell_the_house(connection, delivery, row, outcome, now)


def _tell_the_timeline(
    connection: Connection, delivery: DeliveryId, row: Found, attempt: _Attempt, notices: Sequence[Delivery], now: datetime
) -> None:
    conversation = ConversationId(row.conversation)
    facts: dict[str, Fact] = {
        **of_delivery(row.message, delivery, Carries(row.carries)),
        "attempt": attempt.number,
        "cause": attempt.cause,
        "code": attempt.outcome.code,
        "in_doubt": attempt.in_doubt,
        "untold": attempt.untold or None,
    }
    if attempt.report is not None:
        facts["report"] = attempt.report
    told = [
        Draft(conversation, Kind.NOTICE, {"message": row.message, "delivery": notice.id, "about": delivery}) for notice in notices
    ]
    timeline.append(connection, [Draft(conversation, attempt.kind, facts), *told], now)


def _tell_the_house(connection: Connection, delivery: DeliveryId, row: Found, failed: Failed, now: datetime) -> None:
    """What a failure says beyond the message: of the address, and of whoever is not told, or asked, or does not learn of their
    booking. Of mail to the operators nobody is told: where a bounce of a bounce ends (FAULT-101)."""
    carries = Carries(row.carries)
    alarm = _ALARMS.get(carries)
    conversation = None if row.conversation is None else ConversationId(row.conversation)
    if (conversation is None and carries is not Carries.NOTIFICATION) or (not failed.is_hard and alarm is None):
        return
    detail = failed.cause.value
    if carries is Carries.NOTIFICATION:
        mail = posting.posted_as(connection, delivery)
        if mail is None:
            return  # somebody took its row away, which an audit says
        came = Came(conversation, mail.party, None, mail.id)
        detail = f"{mail.says.value}: {detail}"
    else:
        writer = Role(connection.execute(_WRITER, {"message": row.message, "ordinal": row.passage}).scalar_one())
        came = Came(conversation, writer if carries.is_to_writer else writer.other, row.message)
    if alarm is not None:
        alerts.raised(connection, alarm, came, now, detail)
    if failed.is_hard and came.party is not None:
        mailboxes.failed_for_good(connection, RealAddress(row.recipient), came, now)
