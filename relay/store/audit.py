"""Is every accepted message accounted for, and every recipient, with exactly one outcome each (invariant 4)?

Three readings, each of which sees what the others cannot: the tables against one another (here), the tables against the
timelines (`replay`), and the octets against what proves them (`blobs.damaged`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Connection, ForeignKeyConstraint, Select, and_, func, literal, null, or_, select
from sqlalchemy import text as sql

from relay.policy.reasons import Reason
from relay.store import blobs, record, replay
from relay.store.bookings import audit as booking_audit
from relay.store.columns import metadata
from relay.store.exchange_tables import IS_NOT_POSTED, IS_PARKED, notifications
from relay.store.finding import Finding
from relay.store.tables import (
    State,
    Tie,
    alerts,
    aliases,
    conversations,
    deliveries,
    messages,
    parties,
    party_addresses,
    passages,
    texts,
)
from relay.transit.alarm import Alarm
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries
from relay.values import MessageId

findings_max: Final = 1_000
unposted_after: Final = timedelta(minutes=10)
"""Mail about a booking that waits for so long to be posted: nobody is posting."""
overdue_after: Final = timedelta(hours=1)
"""A delivery that is due and untouched for so long: nobody is sending."""
ahead_max: Final = timedelta(hours=48)
"""No next attempt lies further ahead: a delivery does not live longer (GW-50)."""


def unaccounted(connection: Connection, now: datetime) -> tuple[Finding, ...]:
    """Everything that is not accounted for, at most `findings_max`; nothing when all is well."""
    return tuple(islice(_all(connection, now), findings_max))


def _all(connection: Connection, now: datetime) -> Iterator[Finding]:
    for problem, question in _QUESTIONS:
        for row in connection.execute(question.limit(findings_max)):
            yield Finding(MessageId(row.message), row.ordinal, problem)
    yield from _without_share(connection)
    yield from _out_of_time(connection, now)
    yield from _unposted(connection, now)
    yield from _half_conversations(connection)
    yield from booking_audit.contradictions(connection, now)
    yield from _loose_ends(connection)
    yield from replay.contradictions(connection)
    yield from (Finding(None, None, told) for told in record.contradictions(connection))
    yield from _damaged(connection)


def _without_share(connection: Connection) -> Iterator[Finding]:
    """Messages to an alias in whose conversation nothing became of them, or to one that never was.

    The writer's own alias beside the other party's lies in the same conversation, and needs no outcome of its own (GW-7).
    """
    party = select(parties.c.alias_local, parties.c.alias_domain, parties.c.conversation)
    reached = {f"{row.alias_local}@{row.alias_domain}": row.conversation for row in connection.execute(party)}
    minted = set(connection.execute(select(aliases.c.local)).scalars())
    chosen = (
        select(messages.c.id, messages.c.aliases, passages.c.conversation, passages.c.reason)
        .join_from(messages, passages, passages.c.message == messages.c.id)
        .order_by(messages.c.seq)
    )
    for message, rows in groupby(connection.execute(chosen), key=lambda row: row.id):
        shares = list(rows)
        named = shares[0].aliases.split()
        wanted = {reached[alias] for alias in named if alias in reached}
        if wanted - {row.conversation for row in shares}:
            yield Finding(MessageId(message), None, "one of its recipients has no outcome")
        # A report came to a return path, which is nobody's: it stands in the conversations of the mail that it speaks of.
        is_report = all(row.reason == Reason.REPORT.value for row in shares)
        if (not named and not is_report) or any(alias.rpartition("@")[0] not in minted for alias in named):
            yield Finding(MessageId(message), None, "one of its recipients is nobody's alias")


def _out_of_time(connection: Connection, now: datetime) -> Iterator[Finding]:
    for problem, condition in (
        ("its delivery is overdue: nobody is sending", deliveries.c.due_at < now - overdue_after),
        ("its delivery is due long after its time", deliveries.c.due_at > now + ahead_max),
    ):
        chosen = select(deliveries.c.message, deliveries.c.passage).where(deliveries.c.state == State.DUE.value, condition)
        for row in connection.execute(chosen.limit(findings_max)):
            yield Finding(MessageId(row.message), row.passage, problem)


def _unposted(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Mail about bookings without the one outcome that each has: it is posted, or waits for a person, who hears of it."""
    late = _MAIL.where(sql(IS_NOT_POSTED), notifications.c.at < now - unposted_after)
    for problem, chosen in (("nobody has posted it", late), *_MAIL_QUESTIONS):
        for id_ in connection.execute(chosen.order_by(notifications.c.id).limit(findings_max)).scalars():
            yield Finding(None, None, f"mail {id_} about a booking: {problem}")
    for id_ in connection.execute(_NOBODYS_MAIL.limit(findings_max)).scalars():
        yield Finding(None, None, f"delivery {id_} carries mail about a booking that nobody wrote down")


def _half_conversations(connection: Connection) -> Iterator[Finding]:
    """Conversations without their two parties, each with an address: mail in them would reach nobody."""
    whole = select(parties.c.id).where(
        parties.c.conversation == conversations.c.id,
        select(party_addresses.c.party)
        .where(
            party_addresses.c.party == parties.c.id,
            party_addresses.c.tie == Tie.KNOWN.value,
            party_addresses.c.address.not_like("@%"),
        )
        .exists(),
    )
    count = select(func.count()).select_from(whole.correlate(conversations).subquery()).scalar_subquery()
    for id_ in connection.execute(select(conversations.c.id).where(count != 2).limit(findings_max)).scalars():
        yield Finding(None, None, f"conversation {id_} has not two parties with an address each")


def _loose_ends(connection: Connection) -> Iterator[Finding]:
    """Rows that point to what is not there. A database watches over that, unless somebody told it not to."""
    for problem, question in _POINTERS:
        for row in connection.execute(question):
            yield Finding(_message(row.about), row.number, problem)


def _damaged(connection: Connection) -> Iterator[Finding]:
    """What is kept and is not what was written, with the message to which it belongs."""
    for name in blobs.damaged(connection):
        owners = (
            select(messages.c.id)
            .outerjoin(passages, passages.c.message == messages.c.id)
            .outerjoin(deliveries, deliveries.c.message == messages.c.id)
            .where(or_(messages.c.raw == name, passages.c.rendition == name, deliveries.c.content == name))
        )
        owner = connection.execute(owners.limit(1)).scalars().one_or_none()
        yield Finding(_message(owner), None, f"blob {name} is not what was written")


def _message(id_: str | None) -> MessageId | None:
    return MessageId(id_) if id_ is not None else None


_MAIL: Final = select(notifications.c.id)
_TOLD_HOUSE: Final = select(alerts.c.seq).where(alerts.c.notification == notifications.c.id).correlate(notifications)
_MAIL_QUESTIONS: Final = (
    (
        "it could not be delivered, and the house was not told",
        _MAIL.join(deliveries, deliveries.c.id == notifications.c.delivery).where(
            deliveries.c.state == State.FAILED.value,
            ~_TOLD_HOUSE.where(alerts.c.kind == Alarm.NOTIFICATION_FAILED.value).exists(),
        ),
    ),
    (
        "it waits for a person, and the house was not told",
        _MAIL.where(
            sql(IS_PARKED),
            ~_TOLD_HOUSE.where(alerts.c.kind == Alarm.NOTIFICATION_PARKED.value).exists(),
        ),
    ),
    (
        "its delivery carries something else",
        _MAIL.join(deliveries, deliveries.c.id == notifications.c.delivery).where(
            deliveries.c.carries != Carries.NOTIFICATION.value
        ),
    ),
    ("it was posted, and nothing says to whom", _MAIL.where(sql("posted_at IS NOT NULL AND delivery IS NULL AND why = ''"))),
)
_NOBODYS_MAIL: Final = (
    select(deliveries.c.id)
    .where(
        deliveries.c.carries == Carries.NOTIFICATION.value,
        ~select(notifications.c.id).where(notifications.c.delivery == deliveries.c.id).correlate(deliveries).exists(),
    )
    .order_by(deliveries.c.id)
)
_OF_PASSAGE: Final = and_(deliveries.c.message == passages.c.message, deliveries.c.passage == passages.c.ordinal)
_RENDITION: Final = and_(_OF_PASSAGE, deliveries.c.carries == Carries.RENDITION.value)
_NOTICES_OF_MESSAGE: Final = (
    select(func.count())
    .select_from(deliveries)
    .where(deliveries.c.message == passages.c.message, deliveries.c.carries == Carries.NOTICE.value)
    .correlate(passages)
    .scalar_subquery()
)
_RENDITIONS: Final = select(func.count()).select_from(deliveries).where(_RENDITION).correlate(passages).scalar_subquery()
_NOTICES: Final = (
    select(func.count())
    .select_from(deliveries)
    .where(_OF_PASSAGE, deliveries.c.carries == Carries.NOTICE.value)
    .correlate(passages)
    .scalar_subquery()
)
_SENT: Final = (
    select(deliveries.c.id)
    .where(_RENDITION, deliveries.c.state.not_in([State.HELD.value, State.DROPPED.value]))
    .correlate(passages)
    .exists()
)
_FAILED_UNTOLD: Final = (
    select(deliveries.c.id)
    .where(
        _RENDITION,
        deliveries.c.state == State.FAILED.value,
        deliveries.c.untold == "",
        deliveries.c.failure_notice.is_(None),
    )
    .correlate(passages)
    .exists()
)
_TOLD: Final = deliveries.alias("told")
_TOLD_OTHERWISE: Final = (
    select(deliveries.c.id)
    .join(_TOLD, _TOLD.c.id == deliveries.c.failure_notice)
    .where(_OF_PASSAGE, or_(_TOLD.c.message != deliveries.c.message, _TOLD.c.carries != Carries.NOTICE.value))
    .correlate(passages)
    .exists()
)
_OF_OTHERS: Final = (
    select(deliveries.c.id).where(_OF_PASSAGE, deliveries.c.conversation != passages.c.conversation).correlate(passages).exists()
)
_OTHER_CONTENT: Final = (
    select(deliveries.c.id).where(_RENDITION, deliveries.c.content != passages.c.rendition).correlate(passages).exists()
)
_ITS_READER: Final = or_(
    and_(deliveries.c.carries == Carries.RENDITION.value, parties.c.role != passages.c.writer),
    and_(deliveries.c.carries.in_([one.value for one in Carries if one.is_to_writer]), parties.c.role == passages.c.writer),
)
_KNOWN_READER: Final = (
    select(party_addresses.c.party)
    .join(parties, parties.c.id == party_addresses.c.party)
    .where(
        parties.c.conversation == passages.c.conversation,
        _ITS_READER,
        party_addresses.c.address == deliveries.c.recipient,
        party_addresses.c.tie != Tie.DENIED.value,
    )
    .correlate(passages, deliveries)
    .exists()
)
_TO_OTHERS: Final = (
    select(deliveries.c.id)
    .where(_OF_PASSAGE, deliveries.c.state.in_([State.DUE.value, State.HELD.value]), ~_KNOWN_READER)
    .correlate(passages)
    .exists()
)
_SHARE: Final = select(passages.c.message, passages.c.ordinal).order_by(passages.c.message, passages.c.ordinal)

_QUESTIONS: Final = (
    (
        # Mail to the house itself names no alias, and its end is the archive: a report that came back to a return path, an
        # answer to a notice, a letter to the postmaster where no operators are named.
        "nothing became of it",
        select(messages.c.id.label("message"), null().label("ordinal")).where(
            messages.c.aliases != "",
            ~select(passages.c.message).where(passages.c.message == messages.c.id).exists(),
            ~select(deliveries.c.id).where(deliveries.c.message == messages.c.id).exists(),
        ),
    ),
    (
        "no search finds it",
        select(messages.c.id.label("message"), null().label("ordinal")).where(
            ~select(texts.c.message).where(texts.c.message == messages.c.id).exists()
        ),
    ),
    (
        "one recipient has two outcomes",
        select(passages.c.message, func.max(passages.c.ordinal).label("ordinal"))
        .group_by(passages.c.message, passages.c.conversation, passages.c.writer)
        .having(func.count() > 1),
    ),
    ("it passed, and has not exactly one delivery", _SHARE.where(passages.c.fate == Fate.PASSED.value, _RENDITIONS != 1)),
    ("it passed, and no rendition is kept", _SHARE.where(passages.c.fate == Fate.PASSED.value, passages.c.rendition.is_(None))),
    ("its delivery failed, and its writer was not told", _SHARE.where(_FAILED_UNTOLD)),
    ("what told its writer is no notice about it", _SHARE.where(_TOLD_OTHERWISE)),
    (
        "it was refused, and its writer was not told",
        _SHARE.where(passages.c.fate == Fate.REFUSED.value, _NOTICES_OF_MESSAGE == 0),
    ),
    ("it was refused, and its writer was told twice", _SHARE.where(passages.c.fate == Fate.REFUSED.value, _NOTICES > 1)),
    ("it did not pass, and was sent", _SHARE.where(passages.c.fate != Fate.PASSED.value, _SENT)),
    (
        "it went no further, and its writer was told",
        _SHARE.where(passages.c.fate.not_in([Fate.PASSED.value, Fate.REFUSED.value, Fate.TAKEN.value]), _NOTICES != 0),
    ),
    ("its delivery belongs to another conversation", _SHARE.where(_OF_OTHERS)),
    ("its delivery carries something else", _SHARE.where(_OTHER_CONTENT)),
    ("its delivery is on its way to somebody else", _SHARE.where(_TO_OTHERS)),
)
"""What is wrong, and the question that finds it."""


def _pointer(key: ForeignKeyConstraint) -> tuple[str, Select[*tuple[Any, ...]]]:
    """What is wrong with rows whose `key` leads nowhere, and the question that finds them."""
    table, target = key.table, key.referred_table.alias("target")
    pairs = [(table.c[one.parent.name], target.c[one.column.name]) for one in key.elements]
    about = table.c.message if "message" in table.c else table.c.id if table is messages else null()
    number = table.c.passage if table is deliveries else table.c.ordinal if table is passages else null()
    there = select(literal(1)).where(*(ours == theirs for ours, theirs in pairs)).correlate(table).exists()
    question = select(about.label("about"), number.label("number")).where(*(ours.is_not(None) for ours, _ in pairs), ~there)
    problem = f"its {' and '.join(key.column_keys)} in {table.name} is not there in {key.referred_table.name}"
    return problem, question.limit(findings_max)


_POINTERS: Final = tuple(
    _pointer(key)
    for table in metadata.sorted_tables
    for key in sorted(table.foreign_key_constraints, key=lambda key: tuple(key.column_keys))
)
