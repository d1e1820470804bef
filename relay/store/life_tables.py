"""What stands where of the archive's life: what must not be erased, and what was (AR-1).

Written as relay.store.tables is. Conversations stand here by their ids alone, without a foreign key, as in the record.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text

from relay.conversation import reference_characters_max
from relay.store.catalogue_tables import id_characters_max, person_characters_max
from relay.store.columns import at_most, growing, metadata, one_of
from relay.store.rows import Instant
from relay.values import address_octets_max

reason_characters_max: Final = 500
objects_characters_max: Final = 10_000_000
"""Of the keys of the objects that are still to be removed: a hundred thousand large messages."""
certified_characters_max: Final = 1_000_000
"""Of what a certificate says, as JSON."""


class Held(Enum):
    """What a legal hold lies on."""

    BOOKING = "booking"
    PARTY = "party"
    """Whoever writes from an address: all of their conversations, also those that come."""
    CASE = "case"


class Scope(Enum):
    """What somebody wanted erased."""

    CONVERSATION = "conversation"
    PERSON = "person"
    RETENTION = "retention"
    """Its time was over."""


legal_holds: Final = Table(
    "legal_holds",
    metadata,
    Column("number", growing, primary_key=True),
    Column("kind", Text, nullable=False),
    # Of the booking, or that the case is about; the key of the address, until the hold has ended.
    Column("reference", Text),
    Column("key", Text),
    Column("case_number", BigInteger, ForeignKey("cases.number")),
    Column("reason", Text, nullable=False),
    # Who answers for it, and when somebody looks whether it is needed still.
    Column("owner", Text, nullable=False),
    Column("review_at", Instant, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
    # Who wants it to end; another one ends it.
    Column("asked_by", Text),
    Column("asked_at", Instant),
    Column("released_by", Text),
    Column("released_at", Instant),
    Index("legal_holds_by_reference", "reference"),
    Index("legal_holds_by_key", "key"),
    one_of("kind", Held),
    CheckConstraint("kind = 'party' OR reference IS NOT NULL", name="is_about"),
    CheckConstraint("kind <> 'party' OR key IS NOT NULL OR released_at IS NOT NULL", name="whose"),
    CheckConstraint("(kind = 'case') = (case_number IS NOT NULL)", name="case_named"),
    CheckConstraint("(asked_by IS NULL) = (asked_at IS NULL)", name="asked_whole"),
    CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="released_whole"),
    CheckConstraint("released_by IS NULL OR (asked_by IS NOT NULL AND asked_by <> released_by)", name="released_by_two"),
    at_most("reference", reference_characters_max, 1),
    at_most("key", address_octets_max, 3),
    at_most("reason", reason_characters_max, 1),
    at_most("owner", person_characters_max, 1),
    at_most("placed_by", person_characters_max, 1),
    at_most("asked_by", person_characters_max, 1),
    at_most("released_by", person_characters_max, 1),
)

erasures: Final = Table(
    # What was erased, when and why. It names conversations and bookings, nobody.
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("scope", Text, nullable=False),
    # JSON: what went and what remains, for the certificate.
    Column("certified", Text, nullable=False),
    # JSON: keys of objects that are still to be removed.
    Column("objects", Text, nullable=False),
    # When no key, object or trace in a file was left; nothing while that is still to be done.
    Column("finished_at", Instant),
    one_of("scope", Scope),
    at_most("id", id_characters_max, 1),
    at_most("account", person_characters_max, 1),
    at_most("reason", reason_characters_max, 1),
    at_most("certified", certified_characters_max, 2),
    at_most("objects", objects_characters_max, 2),
)

erased_conversations: Final = Table(
    "erased_conversations",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("erasure", Text, ForeignKey("erasures.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("erased_conversations_by_erasure", "erasure"),
)
