"""The rows of bookings: made, found, locked, and written by compare-and-swap on their version.

What is asked by stands in columns, made of the booking here and nowhere else. Whoever changes a booking holds its lock: `locked`
on PostgreSQL, the write lock on SQLite. The compare-and-swap holds all the same, for whoever forgot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from relay.booking.booking import Booking, BookingId
from relay.booking.catalogue import Offer, Variant
from relay.booking.erasure import without_words
from relay.booking.ledger import Payment
from relay.booking.lifecycle import Step
from relay.booking.offer import Rules
from relay.booking.selection import waits_for
from relay.booking.situation import Situation
from relay.conversation import reference_characters_max
from relay.errors import Conflict, NotFound
from relay.store import sessions, sign_in_links
from relay.store.booking_tables import booking_customers, bookings
from relay.store.bookings import history, ledger, letters
from relay.store.bookings.catalogue import OFFERS, VARIANTS
from relay.store.bookings.written import read, written
from relay.store.exchange_tables import booking_answers
from relay.store.folding import folded
from relay.store.rows import Found, text
from relay.values import Language, RealAddress


@dataclass(frozen=True, slots=True)
class Customer:
    """Who booked. `address` is None once they are erased; `zone` is where they live, where that is known."""

    name: str = field(repr=False)
    address: RealAddress | None
    language: Language
    zone: ZoneInfo | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A booking with what is kept beside it: the rules by which it was bought, who bought it, and what was bought (SV-12)."""

    booking: Booking
    rules: Rules
    customer: Customer
    payment: Payment
    offer_version: int
    variant_version: int


def add(connection: Connection, step: Step, rules: Rules, customer: Customer, *, shown: str) -> None:
    """A booking that begins by `step`. `shown` is what the other side sees of the customer's name, and finds it by (SL-27).

    The rules, and what was bought, stay with it as they are now. Raises Conflict where its reference is in use.
    """
    booking = step.booking
    taken = select(bookings.c.id).where((bookings.c.id == booking.id) | (bookings.c.reference == booking.reference))
    if connection.execute(taken).first() is not None:
        raise Conflict(f"there is a booking {booking.reference} already")
    if customer.address is None:
        raise ValueError("a customer who cannot be reached books nothing")
    connection.execute(
        insert(bookings).values(
            id=booking.id,
            reference=booking.reference,
            rules=written(rules),
            partner=booking.partner,
            offer=booking.offer,
            variant=booking.variant,
            offer_version=OFFERS.version(connection, booking.offer),
            variant_version=VARIANTS.version(connection, booking.variant),
            created_at=booking.created_at,
            parent=booking.parent,
            composite=booking.composite,
            payment=Payment.UNPAID.value,
            changed_at=step.at,
            **columns(booking),
        )
    )
    connection.execute(
        insert(booking_customers).values(
            booking=booking.id,
            name=customer.name,
            folded=folded(shown),
            address=customer.address.reveal(),
            key=customer.address.key,
            language=customer.language.value,
            zone=customer.zone.key if customer.zone is not None else None,
        )
    )
    ledger.reckon(connection, booking.id)
    history.append(connection, step)


def stepped(connection: Connection, step: Step) -> None:
    """Writes what `step` came to, with the step itself.

    Raises Conflict where somebody else was faster, so that the booking is not the version any more from which it was stepped.
    """
    booking = step.booking
    same = bookings.c.id == booking.id, bookings.c.version == step.before.version
    if connection.execute(update(bookings).where(*same).values(changed_at=step.at, **columns(booking))).rowcount != 1:
        raise Conflict(f"booking {booking.reference} has changed since it was looked at")
    ledger.reckon(connection, booking.id)
    history.append(connection, step)


def by_reference(connection: Connection, reference: str) -> Record:
    """The booking that people know as `reference`. Raises NotFound."""
    row = connection.execute(_WHOLE.where(bookings.c.reference == text(reference, reference_characters_max + 1))).one_or_none()
    if row is None:
        raise NotFound(f"no booking {reference}")
    return _record(row)


def by_id(connection: Connection, id_: BookingId) -> Record:
    """Raises NotFound."""
    row = connection.execute(_WHOLE.where(bookings.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound(f"no booking {id_}")
    return _record(row)


def locked(connection: Connection, id_: BookingId) -> Record:
    """The booking, which nobody else steps or pays before this transaction ends. Raises NotFound."""
    # SQLite, one writer, ignores the lock.
    connection.execute(select(bookings.c.id).where(bookings.c.id == id_).with_for_update(key_share=True))
    return by_id(connection, id_)


def locked_by_reference(connection: Connection, reference: str) -> Record:
    """The same, by what people know. Raises NotFound."""
    return locked(connection, by_reference(connection, reference).booking.id)


def composite(connection: Connection, name: str) -> tuple[Record, ...]:
    """Those that are held and released together, locked in the order of their ids, so that nobody waits in a circle."""
    chosen = select(bookings.c.id).where(bookings.c.composite == name, bookings.c.composite != "").order_by(bookings.c.id)
    return tuple(locked(connection, BookingId(id_)) for id_ in connection.execute(chosen).scalars().all())


def beside(connection: Connection, booking: Booking, now: datetime) -> tuple[Situation, ...]:
    """The others that are held and released together with `booking`, to be looked at: their locks are not taken (T16)."""
    together = bookings.c.composite == booking.composite, bookings.c.composite != "", bookings.c.id != booking.id
    rows = connection.execute(_WHOLE.where(*together).order_by(bookings.c.id)).all()
    others = [_record(row) for row in rows]
    money = ledger.accounts(connection, [(one.booking.id, one.booking.terms.currency) for one in others])
    return tuple(Situation(one.booking, one.rules, money[one.booking.id], now) for one in others)


def of_ids(connection: Connection, ids: Sequence[BookingId]) -> tuple[Record, ...]:
    """Those that there are, in the order of `ids`."""
    found: Mapping[str, Record] = {row.id: _record(row) for row in connection.execute(_WHOLE.where(bookings.c.id.in_(ids)))}
    return tuple(found[id_] for id_ in ids if id_ in found)


def bought(connection: Connection, record: Record) -> tuple[Offer, Variant]:
    """The offer and its variant as they were when they were bought (SV-12)."""
    offer = OFFERS.as_it_was(connection, record.booking.offer, record.offer_version)
    return offer, VARIANTS.as_it_was(connection, record.booking.variant, record.variant_version)


def bought_by_each(connection: Connection, records: Sequence[Record]) -> tuple[tuple[Offer, Variant], ...]:
    """`bought` for each of several bookings, in two questions. Raises NotFound."""
    offers = OFFERS.as_they_were(connection, [(one.booking.offer, one.offer_version) for one in records])
    variants = VARIANTS.as_they_were(connection, [(one.booking.variant, one.variant_version) for one in records])
    try:
        return tuple(
            (offers[one.booking.offer, one.offer_version], variants[one.booking.variant, one.variant_version]) for one in records
        )
    except KeyError:
        raise NotFound("what was bought is not in the catalogue in that version") from None


def erase(connection: Connection, id_: BookingId, now: datetime) -> None:
    """Who the customer is, and what people wrote, go; ledger, steps and their hashes stay (T26). The caller holds the lock.

    Whoever is signed in with their address is signed out: a session holds it. Raises Conflict while mail about it is under way.
    """
    _sign_out(connection, id_)
    gone = {"name": "", "folded": "", "address": None, "key": None, "zone": None, "erased_at": now}
    connection.execute(update(booking_customers).where(booking_customers.c.booking == id_).values(gone))
    state = written(without_words(by_id(connection, id_).booking))
    connection.execute(update(bookings).where(bookings.c.id == id_).values(state=state))
    connection.execute(update(booking_answers).where(booking_answers.c.booking == id_).values(words=""))
    history.erase(connection, id_)
    letters.erase(connection, id_)


def _sign_out(connection: Connection, id_: BookingId) -> None:
    key = connection.execute(select(booking_customers.c.key).where(booking_customers.c.booking == id_)).scalar_one_or_none()
    if key is not None:
        sessions.end_all(connection, key)
        sign_in_links.forget_mailbox(connection, key)


_WHOLE = select(
    bookings.c.id,
    bookings.c.state,
    bookings.c.rules,
    bookings.c.payment,
    bookings.c.offer_version,
    bookings.c.variant_version,
    booking_customers.c.name,
    booking_customers.c.address,
    booking_customers.c.language,
    booking_customers.c.zone,
    booking_customers.c.erased_at,
).join_from(bookings, booking_customers)


def _record(row: Found) -> Record:
    customer = Customer(
        row.name,
        RealAddress(row.address) if row.address is not None else None,
        Language(row.language),
        ZoneInfo(row.zone) if row.zone is not None else None,
        row.erased_at,
    )
    rules, payment = read(Rules, row.rules), Payment(row.payment)
    return Record(read(Booking, row.state), rules, customer, payment, row.offer_version, row.variant_version)


def columns(booking: Booking) -> dict[str, object]:
    """What changes with a step, as the row has it, but for when that was."""
    occasion, waited_for = booking.terms.occasion, waits_for(booking)
    return {
        "version": booking.version,
        "stage": booking.stage.value,
        "state": written(booking),
        "assignee": booking.assignee,
        "waits_for": waited_for.value if waited_for is not None else None,
        "starts_at": occasion.starts_at if occasion is not None else None,
        "ends_at": occasion.ends_at if occasion is not None else None,
        "deadline": booking.deadline,
        "hold": booking.hold.kind.value if booking.hold is not None else None,
        "keeping": booking.hold.keeping.value if booking.hold is not None else None,
        "action": booking.action.value,
        "total": booking.terms.total.minor,
        "currency": booking.terms.currency,
        "contacted_at": booking.contacted_at,
        "release_blocked": booking.release_blocked,
        "seen_at": booking.seen_at,
    }
