"""What stands where of the catalogue: what can be booked, of whom, by whom and when.

Written as relay.store.tables is: what is asked by stands in columns, the whole value as JSON in `state`
(relay.store.bookings.written). Each change is kept in `catalogue_changes`, without any address.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, false, text

from relay.booking.catalogue import capacity_max
from relay.store.columns import at_most, growing, metadata, one_of
from relay.store.rows import Instant

state_characters_max: Final = 1_000_000
"""Of one value as JSON: terms of a hundred lines are some 60 thousand."""
id_characters_max: Final = 100
"""Of an id, ours or one that a marketplace gave."""
person_characters_max: Final = 200
"""Of the word for who did something: never an address."""


class Catalogued(Enum):
    """What the catalogue consists of."""

    PARTNER = "partner"
    OFFER = "offer"
    VARIANT = "variant"
    PROFILE = "profile"
    SLOT = "slot"


partners: Final = Table(
    "partners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    # JSON: the addresses that `state` speaks of, by their place in this list.
    Column("addresses", Text, nullable=False),
    at_most("id", id_characters_max, 1),
    at_most("state", state_characters_max, 2),
)

offers: Final = Table(
    "offers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner", Text, ForeignKey("partners.id"), nullable=False),
    # The house's number of it (SV-7), and its titles as they are searched (relay.store.folding).
    Column("promotion", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Index("offers_by_partner", "partner"),
    Index("offers_by_promotion", "promotion"),
    at_most("id", id_characters_max, 1),
    at_most("state", state_characters_max, 2),
)

variants: Final = Table(
    "variants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("offer", Text, ForeignKey("offers.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Index("variants_by_offer", "offer"),
    at_most("id", id_characters_max, 1),
    at_most("state", state_characters_max, 2),
)

profiles: Final = Table(
    # Who may book what through which channel, and when (ST-5..8).
    "profiles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    at_most("id", id_characters_max, 1),
    at_most("state", state_characters_max, 2),
)

profile_variants: Final = Table(
    # Of which variants a profile speaks.
    "profile_variants",
    metadata,
    Column("profile", Text, ForeignKey("profiles.id"), primary_key=True),
    Column("variant", Text, ForeignKey("variants.id"), primary_key=True),
    Index("profile_variants_by_variant", "variant"),
)

slots: Final = Table(
    # A time at which there is room for so many of a variant.
    "slots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("variant", Text, ForeignKey("variants.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("capacity", Integer, nullable=False),
    # By the places of bookings that count; never more than there are (invariant 10).
    Column("taken", Integer, nullable=False, server_default=text("0")),
    # By hand: nothing more is sold (SL-B6).
    Column("closed", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Index("slots_by_variant", "variant", "starts_at"),
    CheckConstraint(f"capacity BETWEEN 0 AND {capacity_max}", name="capacity_range"),
    CheckConstraint("taken BETWEEN 0 AND capacity", name="never_oversold"),
    CheckConstraint("starts_at < ends_at", name="ends_later"),
    at_most("id", id_characters_max, 1),
)

catalogue_changes: Final = Table(
    # Append-only: the database refuses to change one.
    "catalogue_changes",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("person", Text, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("kind", "id", "version"),
    one_of("kind", Catalogued),
    at_most("person", person_characters_max, 1),
)
