"""What stands where of the booking core: the bookings with their history and ledger, and what waits to be done.

Written as relay.store.tables is. A row holds what is asked by, sorted by or counted in columns, and the whole value as JSON in
`state` (relay.store.bookings.written). Whom it is about, by name and address, stands apart from it, to be erased (T26).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from relay.booking.booking import Actor, HoldKind, Keeping, RequiredAction, Stage
from relay.booking.catalogue import capacity_max
from relay.booking.ledger import Kind, Payment
from relay.booking.money import minor_max
from relay.conversation import name_characters_max, reference_characters_max
from relay.store.catalogue_tables import id_characters_max, person_characters_max, state_characters_max
from relay.store.columns import at_most, growing, metadata, one_of, partial, sha256
from relay.store.rows import Instant
from relay.values import address_octets_max

event_characters_max: Final = 255
"""Of what a payment provider calls a payment, a refund or an event."""
attempts_max: Final = 10_000


IS_OF_SEVERAL: Final = "composite <> ''"
IS_TO_BE_PAID: Final = f"stage = '{Stage.AWAITING_PAYMENT.value}'"

bookings: Final = Table(
    "bookings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False),
    # JSON: the rules by which it was bought; what becomes of the offer later changes nothing (SV-12).
    Column("rules", Text, nullable=False),
    Column("partner", Text, ForeignKey("partners.id"), nullable=False),
    Column("offer", Text, ForeignKey("offers.id"), nullable=False),
    Column("variant", Text, ForeignKey("variants.id"), nullable=False),
    # Those of `catalogue_changes` that were bought.
    Column("offer_version", Integer, nullable=False),
    Column("variant_version", Integer, nullable=False),
    # One of the partner's staff; nothing where it is the team's.
    Column("assignee", Text),
    # Whose move it is (relay.booking.selection.waits_for).
    Column("waits_for", Text),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("deadline", Instant),
    Column("hold", Text),
    Column("keeping", Text),
    Column("action", Text, nullable=False),
    # What the ledger comes to beside the terms (relay.booking.ledger.Account.payment).
    Column("payment", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("contacted_at", Instant),
    Column("release_blocked", Boolean, nullable=False),
    # When somebody at the partner's first looked at it (OR-20).
    Column("seen_at", Instant),
    Column("parent", Text, ForeignKey("bookings.id")),
    # Names those that are held and released together; empty where it stands alone.
    Column("composite", Text, nullable=False),
    Index("bookings_by_stage", "stage", "id"),
    Index("bookings_by_partner", "partner", "stage", "id"),
    Index("bookings_by_assignee", "assignee", "stage", "id"),
    Index("bookings_by_offer", "offer", "variant", "id"),
    Index("bookings_by_start", "starts_at"),
    Index("bookings_by_parent", "parent"),
    partial("bookings_by_composite", "composite", where=IS_OF_SEVERAL),
    partial("bookings_by_deadline", "deadline", "id", where=IS_TO_BE_PAID),
    one_of("stage", Stage),
    one_of("waits_for", Actor),
    one_of("hold", HoldKind),
    one_of("keeping", Keeping),
    one_of("action", RequiredAction),
    one_of("payment", Payment),
    CheckConstraint("version >= 1", name="version_range"),
    CheckConstraint("(hold IS NULL) = (keeping IS NULL)", name="hold_kept"),
    at_most("id", id_characters_max, 1),
    at_most("reference", reference_characters_max, 1),
    at_most("state", state_characters_max, 2),
    at_most("rules", state_characters_max, 2),
    at_most("currency", 3, 3),
    at_most("assignee", id_characters_max, 1),
    at_most("composite", id_characters_max),
)

booking_customers: Final = Table(
    # Who they are: nowhere else in the tables of bookings, so that one can be erased (T26).
    "booking_customers",
    metadata,
    Column("booking", Text, ForeignKey("bookings.id"), primary_key=True),
    Column("name", Text, nullable=False),
    # What the other side sees of it, as it is searched (relay.store.folding).
    Column("folded", Text, nullable=False),
    Column("address", Text),
    Column("key", Text),
    Column("language", Text, nullable=False),
    Column("zone", Text),
    Column("erased_at", Instant),
    Index("booking_customers_by_key", "key"),
    CheckConstraint("(address IS NULL) = (key IS NULL)", name="key_of_address"),
    CheckConstraint("(address IS NULL) = (erased_at IS NOT NULL)", name="erased_or_known"),
    at_most("name", name_characters_max),
    at_most("address", address_octets_max, 3),
    at_most("zone", 64, 1),
)

booking_steps: Final = Table(
    # What happened to a booking: append-only, each step chained to the one before. It names nobody, and outlives erasure.
    "booking_steps",
    metadata,
    Column("booking", Text, ForeignKey("bookings.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("transition", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("stage", Text, nullable=False),
    # Salted, of the state: it proves that one, and is not to be guessed once the salt is erased.
    Column("commitment", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    one_of("actor", Actor),
    one_of("stage", Stage),
    CheckConstraint("version >= 1", name="version_range"),
    sha256("commitment"),
    sha256("previous"),
    sha256("hash"),
    at_most("person", person_characters_max, 1),
    at_most("transition", 10, 1),
    at_most("act", 50, 1),
)

booking_states: Final = Table(
    # The booking as it was after each step, so that any version can be had again; what people wrote in it can be erased.
    "booking_states",
    metadata,
    Column("booking", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    ForeignKeyConstraint(["booking", "version"], ["booking_steps.booking", "booking_steps.version"]),
    at_most("state", state_characters_max, 2),
)

ledger: Final = Table(
    # Append-only: the database refuses to change an entry (invariant 10).
    "ledger",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("booking", Text, ForeignKey("bookings.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # Entered once, for ever (T12).
    Column("event", Text, nullable=False, unique=True),
    Column("about", Text, nullable=False),
    Column("person", Text, nullable=False),
    Index("ledger_by_booking", "booking", "seq"),
    Index("ledger_by_about", "about"),
    one_of("kind", Kind),
    CheckConstraint(f"amount BETWEEN 1 AND {minor_max}", name="amount_range"),
    at_most("currency", 3, 3),
    at_most("event", event_characters_max, 1),
    at_most("about", event_characters_max, 1),
    at_most("person", person_characters_max, 1),
)

places: Final = Table(
    # How much of which slot a booking has, or had.
    "places",
    metadata,
    Column("booking", Text, ForeignKey("bookings.id"), primary_key=True),
    Column("slot", Text, ForeignKey("slots.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("counts", Boolean, nullable=False),
    partial("places_that_count", "slot", "booking", where="counts"),
    CheckConstraint(f"number BETWEEN 1 AND {capacity_max}", name="number_range"),
)

timers: Final = Table(
    # What the clock does to a booking, and when; written anew with each of its steps.
    "timers",
    metadata,
    Column("booking", Text, ForeignKey("bookings.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index("timers_by_due_at", "due_at", "booking"),
    CheckConstraint(f"attempts BETWEEN 0 AND {attempts_max}", name="attempts_range"),
    at_most("key", id_characters_max, 1),
)
