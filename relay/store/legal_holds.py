"""Legal holds: one on a booking, a party or a case keeps all that it is about from being erased, and from nothing else (AR-1).

Placing one, asking for its end, and ending it, which another person does, are entries of the timelines concerned, so leaves of
the record. Reasons stand here alone: a timeline outlives the people of whom they may speak.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from relay.errors import Conflict, NotFound
from relay.store import rows
from relay.store.booking_tables import booking_customers, bookings
from relay.store.life_tables import Held, legal_holds, reason_characters_max
from relay.store.rows import Found
from relay.store.support_tables import cases
from relay.store.tables import conversations, parties, party_addresses
from relay.store.timeline import Draft, Kind, append
from relay.values import ConversationId, RealAddress

listed_max: Final = 500
conversations_max: Final = 10_000
"""Of one party: more are not told of a hold in their timelines, and held all the same."""


@dataclass(frozen=True, slots=True)
class LegalHold:
    """One hold. Times are in UTC. `reference` is None where it lies on a party, whose address is not told."""

    number: int
    kind: Held
    reference: str | None
    case: int | None
    reason: str = field(repr=False)
    owner: str
    review_at: datetime
    placed_by: str
    placed_at: datetime
    asked_by: str | None
    asked_at: datetime | None
    released_by: str | None
    released_at: datetime | None

    @property
    def is_in_force(self) -> bool:
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class Placing:
    """A hold that is to be placed, on one of the three."""

    reason: str = field(repr=False)
    owner: str
    review_at: datetime
    reference: str | None = None
    address: RealAddress | None = None
    case: int | None = None


def place(connection: Connection, wanted: Placing, *, by: str, now: datetime) -> LegalHold:
    """From now on what it lies on is not erased. Raises NotFound, and Conflict without a reason or with a review in the past."""
    if sum(one is not None for one in (wanted.reference, wanted.address, wanted.case)) != 1:
        raise Conflict("a hold lies on one booking, one party or one case")
    if not wanted.reason.strip() or len(wanted.reason) > reason_characters_max:
        raise Conflict(f"a hold needs a reason of at most {reason_characters_max} characters")
    if not wanted.owner or not by:
        raise Conflict("a hold needs an owner, and somebody who places it")
    if wanted.review_at <= now:
        raise Conflict("its review must lie in the future")
    _refuse_address(by, wanted.owner)
    kind, reference = _what(connection, wanted)
    values = {
        "kind": kind.value,
        "reference": reference,
        "key": wanted.address.key if wanted.address is not None else None,
        "case_number": wanted.case,
        "reason": rows.text(wanted.reason, reason_characters_max),
        "owner": wanted.owner,
        "review_at": wanted.review_at,
        "placed_by": by,
        "placed_at": now,
    }
    number = connection.execute(insert(legal_holds).values(values).returning(legal_holds.c.number)).scalar_one()
    _tell(connection, _row(connection, number), Kind.LEGAL_HOLD, by, now)
    return one(connection, number)


def release(connection: Connection, number: int, *, by: str, now: datetime) -> LegalHold:
    """The first person asks for its end, and a second one ends it. Raises NotFound, and Conflict where it has ended, or where the
    same person comes twice."""
    _refuse_address(by)
    row = connection.execute(select(legal_holds).where(legal_holds.c.number == number).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"no hold {number}")
    if row.released_at is not None:
        raise Conflict(f"hold {number} has ended already")
    if row.asked_by is None:
        changed: dict[str, object] = {"asked_by": by, "asked_at": now}
        kind = Kind.LEGAL_HOLD_END_ASKED
    elif row.asked_by == by:
        raise Conflict(f"hold {number}: {by} asked for its end; a second person has to agree")
    else:
        changed = {"released_by": by, "released_at": now}
        kind = Kind.LEGAL_HOLD_RELEASED
    _tell(connection, row, kind, by, now)
    if row.kind == Held.PARTY.value and kind is Kind.LEGAL_HOLD_RELEASED:
        changed["key"] = None  # it is needed no more
    connection.execute(update(legal_holds).where(legal_holds.c.number == number).values(changed))
    return one(connection, number)


def one(connection: Connection, number: int) -> LegalHold:
    """Raises NotFound."""
    return _hold(_row(connection, number))


def listed(connection: Connection, *, reference: str = "", is_in_force: bool = True, limit: int = 100) -> tuple[LegalHold, ...]:
    """The holds, those first that are to be reviewed first; with a `reference`, those alone that keep that booking."""
    chosen = select(legal_holds).order_by(legal_holds.c.review_at, legal_holds.c.number).limit(min(limit, listed_max))
    if is_in_force:
        chosen = chosen.where(legal_holds.c.released_at.is_(None))
    if reference:
        chosen = chosen.where(_keeps(reference))
    return tuple(_hold(row) for row in connection.execute(chosen))


def of_booking(connection: Connection, reference: str) -> tuple[LegalHold, ...]:
    """Those in force that keep that booking and its conversation."""
    return listed(connection, reference=reference, limit=listed_max)


def is_held(connection: Connection, reference: str) -> bool:
    """Whether a hold keeps that booking and its conversation."""
    chosen = select(legal_holds.c.number).where(legal_holds.c.released_at.is_(None), _keeps(reference)).limit(1)
    return connection.execute(chosen).first() is not None


def kept_conversations() -> ColumnElement[bool]:
    """Of a row of `conversations`: that a hold keeps it. For questions about many."""
    in_force = legal_holds.c.released_at.is_(None)
    of_booking = select(legal_holds.c.number).where(in_force, legal_holds.c.reference == conversations.c.reference)
    of_party = (
        select(legal_holds.c.number)
        .join_from(legal_holds, party_addresses, party_addresses.c.key == legal_holds.c.key)
        .join(parties, parties.c.id == party_addresses.c.party)
        .where(in_force, parties.c.conversation == conversations.c.id)
    )
    return or_(of_booking.correlate(conversations).exists(), of_party.correlate(conversations).exists())


def held_conversations(connection: Connection, references: Collection[str]) -> Mapping[str, tuple[LegalHold, ...]]:
    """Those of `references` that are held, each with its holds."""
    return {one: holds for one in sorted(set(references)) if (holds := of_booking(connection, one))}


def refuse_held(connection: Connection, reference: str) -> None:
    """Raises Conflict where a hold keeps that booking and its conversation."""
    if holds := of_booking(connection, reference):
        numbers = ", ".join(str(one.number) for one in holds)
        raise Conflict(f"booking {reference} is under legal hold ({numbers}): nothing of it is erased")


def _what(connection: Connection, wanted: Placing) -> tuple[Held, str | None]:
    if wanted.reference is not None:
        known = select(conversations.c.reference).where(conversations.c.reference == wanted.reference)
        booked = select(bookings.c.reference).where(bookings.c.reference == wanted.reference)
        if connection.execute(known.union(booked)).first() is None:
            raise NotFound(f"no conversation and no booking {wanted.reference}")
        return Held.BOOKING, wanted.reference
    if wanted.case is not None:
        about = connection.execute(select(cases.c.reference).where(cases.c.number == wanted.case)).scalar_one_or_none()
        if about is None:
            raise NotFound(f"no case {wanted.case}")
        return Held.CASE, about
    return Held.PARTY, None


def _keeps(reference: str) -> ColumnElement[bool]:
    """Of a row of `legal_holds`: that it keeps the booking of that reference."""
    writes = (
        select(party_addresses.c.key)
        .join_from(party_addresses, parties)
        .join(conversations, conversations.c.id == parties.c.conversation)
        .where(conversations.c.reference == reference)
    )
    booked = select(booking_customers.c.key).join_from(booking_customers, bookings).where(bookings.c.reference == reference)
    return or_(
        legal_holds.c.reference == reference,
        legal_holds.c.key.in_(writes),
        legal_holds.c.key.in_(booked.where(booking_customers.c.key.is_not(None))),
    )


def _concerned(connection: Connection, row: Found) -> Iterable[str]:
    if row.reference is not None:
        chosen = select(conversations.c.id).where(conversations.c.reference == row.reference)
    else:
        chosen = (
            select(parties.c.conversation)
            .join_from(party_addresses, parties)
            .where(party_addresses.c.key == row.key)
            .distinct()
            .order_by(parties.c.conversation)
            .limit(conversations_max)
        )
    return connection.execute(chosen).scalars().all()


def _tell(connection: Connection, row: Found, kind: Kind, by: str, now: datetime) -> None:
    facts = {"hold": row.number, "on": row.kind, "by": by, "review_at": row.review_at.isoformat()}
    append(connection, [Draft(ConversationId(id_), kind, facts) for id_ in _concerned(connection, row)], now)


def _refuse_address(*words: str) -> None:
    if any("@" in one for one in words):
        raise Conflict("say who it is by a name or a number, not by a mail address: the timeline outlives it")


def _row(connection: Connection, number: int) -> Found:
    row = connection.execute(select(legal_holds).where(legal_holds.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"no hold {number}")
    return row


def _hold(row: Found) -> LegalHold:
    return LegalHold(
        number=row.number,
        kind=Held(row.kind),
        reference=row.reference,
        case=row.case_number,
        reason=row.reason,
        owner=row.owner,
        review_at=row.review_at,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        released_by=row.released_by,
        released_at=row.released_at,
    )
