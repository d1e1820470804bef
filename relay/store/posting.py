"""Mail about bookings, from the row that a step wrote to the delivery that carries it: each once, whoever takes it (invariant 9).

A row waits until it is posted. What cannot be written is parked in front of an operator, like a message over which something
breaks (invariant 4, docs/decisions/0007).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Update, bindparam, or_, select, text, update

from relay.booking.booking import BookingId
from relay.booking.notification import Notification, To
from relay.errors import Conflict, NotFound
from relay.store import alerts, rows, timeline
from relay.store.accepting import add_deliveries
from relay.store.alerts import Came
from relay.store.booking_tables import bookings
from relay.store.exchange_tables import IS_NOT_POSTED, IS_PARKED, notifications, why_characters_max
from relay.store.rows import Found
from relay.store.stepping import Step
from relay.store.tables import conversations
from relay.store.timeline import Draft, Fact, Kind
from relay.transit.alarm import Alarm
from relay.transit.delivery import Delivery
from relay.values import ConversationId, DeliveryId, NotificationId, Role

listed_max: Final = 1_000
_ROLES: Final = {To.PARTNER: Role.PARTNER, To.CUSTOMER: Role.CUSTOMER}


@dataclass(frozen=True, slots=True)
class BookingMail:
    """One mail about a booking, as the step that causes it wrote it down. `at`, when that was, in UTC.

    `version` is the booking's after the step. `conversation` is the booking's, None where it has none. `why` is said of one that
    is parked, or was to reach nobody.
    """

    id: NotificationId
    booking: BookingId
    reference: str
    version: int
    says: Notification
    to: To
    at: datetime
    detail: str = field(repr=False)
    conversation: ConversationId | None
    why: str = ""
    is_parked: bool = False
    delivery: DeliveryId | None = None

    @property
    def party(self) -> Role | None:
        """Whom it is for; None for the operators."""
        return _ROLES.get(self.to)


def waiting(connection: Connection, now: datetime, limit: int, after: str = "") -> tuple[BookingMail, ...]:
    """At most `limit` that are to be posted now, the oldest first, those behind the id `after`."""
    chosen = _WHOLE.where(text(IS_NOT_POSTED), notifications.c.at <= now, notifications.c.id > after)
    return tuple(_mail(row) for row in connection.execute(chosen.order_by(notifications.c.id).limit(min(limit, listed_max))))


def all_waiting(connection: Connection, now: datetime) -> tuple[BookingMail, ...]:
    """All that is to be posted now, however much; for somebody who decides about it alone."""
    chosen = _WHOLE.where(text(IS_NOT_POSTED), notifications.c.at <= now).order_by(notifications.c.id)
    return tuple(_mail(row) for row in connection.execute(chosen))


def parked(connection: Connection, limit: int, after: str = "") -> tuple[BookingMail, ...]:
    """At most `limit` that wait for a person, the oldest first, those behind the id `after`."""
    chosen = _WHOLE.where(text(IS_PARKED), notifications.c.id > after)
    return tuple(_mail(row) for row in connection.execute(chosen.order_by(notifications.c.id).limit(min(limit, listed_max))))


def one(connection: Connection, id_: NotificationId) -> BookingMail:
    """That mail, wherever it stands. Raises NotFound."""
    row = connection.execute(_WHOLE.where(notifications.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound(f"no mail {id_}")
    return _mail(row)


def posted_as(connection: Connection, delivery: DeliveryId) -> BookingMail | None:
    """The mail that `delivery` carries."""
    row = connection.execute(_WHOLE.where(notifications.c.delivery == delivery)).one_or_none()
    return _mail(row) if row is not None else None


def named(connection: Connection, name: str) -> BookingMail | None:
    """The mail of which `name` is the id, its delivery's, or the Message-ID that its reader saw."""
    ids = {name, name.partition("@")[0]}
    chosen = _WHOLE.where(or_(notifications.c.id.in_(ids), notifications.c.delivery == name))
    row = connection.execute(chosen).first()
    return _mail(row) if row is not None else None


def post(connection: Connection, mail: BookingMail, delivery: Delivery, now: datetime) -> bool:
    """`mail` goes out as `delivery`, due at once. False, and nothing changes, where somebody was quicker or it was parked."""
    if not _is_waiting(connection, mail.id):
        return False
    add_deliveries(connection, [delivery], None, now)
    connection.execute(_THE_MAIL.values(posted_at=now, delivery=delivery.id), {"of": mail.id})
    _tell(connection, mail, Kind.NOTIFICATION, {"delivery": delivery.id, **_said(mail)}, now)
    return True


def spare(connection: Connection, mail: BookingMail, why: str, now: datetime) -> bool:
    """`mail` is to reach nobody, as `why` says: who it was for was erased, say. False where it does not wait any more."""
    if not _is_waiting(connection, mail.id):
        return False
    connection.execute(_THE_MAIL.values(posted_at=now, why=rows.text(why, why_characters_max)), {"of": mail.id})
    return True


def park(connection: Connection, mail: BookingMail, why: str, now: datetime) -> bool:
    """`mail` waits for a person, who hears of it; `why` holds no address. False where it does not wait any more."""
    if not _is_waiting(connection, mail.id):
        return False
    connection.execute(_THE_MAIL.values(parked_at=now, why=rows.text(why, why_characters_max)), {"of": mail.id})
    _tell(connection, mail, Kind.HELD, {"by": "system", **_said(mail)}, now)
    came = Came(mail.conversation, mail.party, None, mail.id)
    alerts.raised(connection, Alarm.NOTIFICATION_PARKED, came, now, mail.says.value)
    return True


def retry(connection: Connection, id_: NotificationId, step: Step) -> None:
    """What is parked is to be posted after all, at once. Raises NotFound, and Conflict unless it is parked."""
    mail = _parked(connection, id_)
    connection.execute(_THE_MAIL.values(parked_at=None, why=""), {"of": id_})
    _tell(connection, mail, Kind.RETRIED, {**step.facts(), **_said(mail)}, step.at)


def drop(connection: Connection, id_: NotificationId, step: Step) -> None:
    """What is parked is given up, and nobody is told. Raises NotFound, and Conflict unless it is parked."""
    mail = _parked(connection, id_)
    why = rows.text(f"dropped by {step.by}: {mail.why}", why_characters_max)
    connection.execute(_THE_MAIL.values(posted_at=step.at, parked_at=None, why=why), {"of": id_})
    _tell(connection, mail, Kind.DROPPED, {**step.facts(), **_said(mail)}, step.at)


_WHOLE: Final = (
    select(notifications, bookings.c.reference, conversations.c.id.label("conversation"))
    .join_from(notifications, bookings, bookings.c.id == notifications.c.booking)
    .outerjoin(conversations, conversations.c.reference == bookings.c.reference)
)
# FOR NO KEY UPDATE: an alert that points to the row shares its key (see timeline.lock).
_STANDING: Final = (
    select(notifications.c.posted_at, notifications.c.parked_at)
    .where(notifications.c.id == bindparam("of"))
    .with_for_update(key_share=True)
)
_THE_MAIL: Final[Update] = update(notifications).where(notifications.c.id == bindparam("of"))


def _is_waiting(connection: Connection, id_: NotificationId) -> bool:
    """Whether it is still to be posted; nobody else changes that before this transaction ends."""
    row = connection.execute(_STANDING, {"of": id_}).one_or_none()
    return row is not None and row.posted_at is None and row.parked_at is None


def _parked(connection: Connection, id_: NotificationId) -> BookingMail:
    row = connection.execute(_STANDING, {"of": id_}).one_or_none()
    if row is None:
        raise NotFound(f"no mail {id_}")
    if row.posted_at is not None or row.parked_at is None:
        raise Conflict(f"mail {id_} does not wait for anybody's decision")
    return one(connection, id_)


def _said(mail: BookingMail) -> dict[str, Fact]:
    return {"notification": mail.id, "says": mail.says.value, "party": mail.party.value if mail.party is not None else None}


def _tell(connection: Connection, mail: BookingMail, kind: Kind, facts: dict[str, Fact], now: datetime) -> None:
    if mail.conversation is not None:
        timeline.append(connection, [Draft(mail.conversation, kind, facts)], now)


def _mail(row: Found) -> BookingMail:
    return BookingMail(
        id=NotificationId(row.id),
        booking=BookingId(row.booking),
        reference=row.reference,
        version=row.version,
        says=Notification(row.number),
        to=To(row.addressee),
        at=row.at,
        detail=row.detail,
        conversation=ConversationId(row.conversation) if row.conversation is not None else None,
        why=row.why,
        delivery=DeliveryId(row.delivery) if row.delivery is not None else None,
        is_parked=row.posted_at is None and row.parked_at is not None,
    )
