"""What stands where of people who sign in: those of the house, who acts for which partner, and where somebody is signed in.

Written as relay.store.tables is. Of secrets there is a digest alone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text

from relay.conversation import name_characters_max
from relay.store.catalogue_tables import id_characters_max
from relay.store.columns import at_most, metadata, partial, sha256
from relay.store.rows import Instant
from relay.values import address_octets_max

agent_characters_max: Final = 100
"""Of the words for a browser."""
offices_characters_max: Final = 200
network_characters_max: Final = 50
next_characters_max: Final = 500
"""Of where a link for signing in leads afterwards."""

IS_NOT_WRITTEN: Final = "written_at IS NULL"

accounts: Final = Table(
    # Somebody of the house. Never deleted: histories name them by their id.
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    # Separated by spaces.
    Column("offices", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    at_most("id", id_characters_max, 1),
    at_most("name", name_characters_max, 1),
    at_most("address", address_octets_max, 3),
    at_most("offices", offices_characters_max, 1),
)

memberships: Final = Table(
    # Who acts for a partner, by the keys of their addresses: made of the partner whenever that changes, so that nobody has to
    # look through all partners for one address.
    "memberships",
    metadata,
    Column("partner", Text, ForeignKey("partners.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("address", Text, nullable=False),
    # One of the staff; nothing where it is the team's mailbox alone.
    Column("member", Text),
    Column("sees_team", Boolean, nullable=False),
    # The partner's.
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Index("memberships_by_key", "key"),
    at_most("address", address_octets_max, 3),
    at_most("member", id_characters_max, 1),
)

sessions: Final = Table(
    # Where somebody is signed in. What has ended is deleted.
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False),
    # As whom of the house; nothing for others.
    Column("account", Text, ForeignKey("accounts.id")),
    Column("language", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("sessions_by_key", "key", "last_seen_at"),
    Index("sessions_by_account", "account"),
    Index("sessions_by_end", "ends_at"),
    sha256("digest"),
    CheckConstraint("created_at < ends_at", name="ends_later"),
    at_most("address", address_octets_max, 3),
    at_most("agent", agent_characters_max),
)

sign_in_links: Final = Table(
    # Somebody wants to sign in with an address, known or not: both are written down alike, and decided afterwards.
    "sign_in_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("language", Text, nullable=False),
    # Where it leads afterwards: a path of ours, or nothing.
    Column("next", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # When it was decided; there is a link from then on, if we know the address.
    Column("written_at", Instant),
    Column("digest", LargeBinary, unique=True),
    Column("ends_at", Instant),
    Column("used_at", Instant),
    Index("sign_in_links_by_key", "key", "created_at"),
    Index("sign_in_links_by_network", "network", "created_at"),
    Index("sign_in_links_by_time", "created_at"),
    partial("sign_in_links_waiting", "id", where=IS_NOT_WRITTEN),
    sha256("digest"),
    CheckConstraint("digest IS NULL OR written_at IS NOT NULL", name="written_when_linked"),
    CheckConstraint("(digest IS NULL) = (ends_at IS NULL)", name="linked_until"),
    at_most("address", address_octets_max, 3),
    at_most("network", network_characters_max),
    at_most("next", next_characters_max),
)
