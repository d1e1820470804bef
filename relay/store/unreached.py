"""Which party of a booking no mail reaches: what the booking's lifecycle has to hear of (GW-54).

An alert is written with what caused it: an address that is dead, whatever mail found that out, and mail about a booking that did
not arrive, or could not be written. Each waits until the history of its booking knows, whoever sees to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, func, or_, select, text, update

from relay.booking.notification import Notification
from relay.booking.partner import Partner
from relay.errors import NotFound
from relay.store.booking_tables import booking_customers, bookings
from relay.store.bookings.catalogue import PARTNERS
from relay.store.bookings.records import Record
from relay.store.exchange_tables import notifications
from relay.store.mailboxes import dead_among, first_alive
from relay.store.tables import IS_NOT_ENTERED, alerts, conversations, mailboxes, parties, party_addresses
from relay.transit.alarm import Alarm
from relay.values import RealAddress, Role

read_max: Final = 1_000


@dataclass(frozen=True, slots=True)
class Unreached:
    """Mail did not get to `party` of the booking of `reference`, as `alarm` says. `says` is what it was, None for a message.

    `reference` is None where there is no booking of ours, `party` where it was for the operators. `number` is the alert's.
    """

    number: int
    reference: str | None
    party: Role | None
    alarm: Alarm
    says: Notification | None


def waiting(connection: Connection, limit: int = 100) -> tuple[Unreached, ...]:
    """At most `limit` of those of which no history knows yet, the oldest first."""
    rows = connection.execute(_WAITING, {"limit": min(limit, read_max)})
    return tuple(
        Unreached(
            number=row.seq,
            reference=row.reference,
            party=Role(row.party) if row.party is not None else None,
            alarm=Alarm(row.kind),
            says=Notification(row.says) if row.says is not None else None,
        )
        for row in rows
    )


def enter(connection: Connection, one: Unreached, now: datetime) -> bool:
    """It is being seen to in this transaction. False, and nothing changes, where another node was quicker."""
    return connection.execute(_ENTERED, {"number": one.number, "now": now}).rowcount == 1


def parties_of(connection: Connection, record: Record) -> tuple[Role, ...]:
    """The parties whom mail about that booking does not reach now, as each address that it could go to is dead.

    Of a partner those are the handlers and their stand-ins; the reservation system that writes for them reads nothing (GY-B5).
    """
    return parties_of_each(connection, [record])[0]


def parties_of_each(connection: Connection, records: Sequence[Record]) -> tuple[tuple[Role, ...], ...]:
    """`parties_of` for each of several bookings, in two questions. Raises NotFound for a partner who is not there."""
    partners = PARTNERS.several(connection, {one.booking.partner for one in records})
    if len(partners) < len({one.booking.partner for one in records}):
        raise NotFound("a partner of these bookings is not there")
    of_each = [_addresses(partners[one.booking.partner], one) for one in records]
    dead = dead_among(connection, (one for addresses in of_each for those in addresses.values() for one in those))
    return tuple(
        tuple(role for role, those in addresses.items() if those and all(one.key in dead for one in those))
        for addresses in of_each
    )


def _addresses(partner: Partner, record: Record) -> dict[Role, tuple[RealAddress, ...]]:
    assignee, customer = record.booking.assignee, record.customer.address
    return {
        Role.PARTNER: (*partner.handlers(assignee), *partner.stand_ins(assignee)),
        Role.CUSTOMER: (customer,) if customer is not None else (),
    }


def is_unreached(connection: Connection) -> ColumnElement[bool]:
    """Whether `parties_of` has any of a row of `bookings`, as a condition; a test holds the two together."""
    customers = select(booking_customers.c.booking).where(booking_customers.c.key.in_(_DEAD))
    return or_(bookings.c.id.in_(customers), *_unreached_partners(connection))


def _unreached_partners(connection: Connection) -> Iterator[ColumnElement[bool]]:
    """Of each partner whose whole team is dead, the bookings that are not assigned to somebody who is not."""
    for id_ in connection.execute(_SUSPECTS).scalars().all():
        partner = PARTNERS.one(connection, id_)
        if first_alive(connection, (*partner.handlers(None), *partner.stand_ins(None))) is not None:
            continue
        alive = [one.id for one in partner.staff if first_alive(connection, (one.address,)) is not None]
        is_alone = or_(bookings.c.assignee.is_(None), bookings.c.assignee.not_in(alive))
        yield and_(bookings.c.partner == id_, is_alone)


_DEAD: Final = select(mailboxes.c.key).where(mailboxes.c.dead_since.is_not(None))
_SUSPECTS: Final = (
    select(bookings.c.partner)
    .distinct()
    .join_from(party_addresses, parties, parties.c.id == party_addresses.c.party)
    .join(conversations, conversations.c.id == parties.c.conversation)
    .join(bookings, bookings.c.reference == conversations.c.reference)
    .where(party_addresses.c.key.in_(_DEAD), parties.c.role == Role.PARTNER.value)
)
"""Partners of whom an address is dead."""
_CHOSEN: Final = (
    select(alerts.c.seq, alerts.c.kind, alerts.c.party, alerts.c.notification, alerts.c.conversation)
    .where(text(IS_NOT_ENTERED))
    .order_by(alerts.c.seq)
    .limit(bindparam("limit"))
    .subquery("chosen")
)
_OF_CONVERSATION: Final = bookings.alias("of_conversation")
_WAITING: Final = (
    select(
        _CHOSEN.c.seq,
        _CHOSEN.c.kind,
        _CHOSEN.c.party,
        func.coalesce(bookings.c.reference, _OF_CONVERSATION.c.reference).label("reference"),
        notifications.c.number.label("says"),
    )
    .select_from(_CHOSEN)
    .outerjoin(notifications, notifications.c.id == _CHOSEN.c.notification)
    .outerjoin(bookings, bookings.c.id == notifications.c.booking)
    .outerjoin(conversations, conversations.c.id == _CHOSEN.c.conversation)
    .outerjoin(_OF_CONVERSATION, _OF_CONVERSATION.c.reference == conversations.c.reference)
    .order_by(_CHOSEN.c.seq)
)
_ENTERED: Final[Update] = (
    update(alerts).where(alerts.c.seq == bindparam("number"), alerts.c.entered_at.is_(None)).values(entered_at=bindparam("now"))
)
