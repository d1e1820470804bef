"""What stands where of the record: leaves, the nodes above them, its signed heads.

Written as relay.store.tables is. Leaves, nodes and heads are only ever added.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from relay.store.columns import at_most, metadata, sha256
from relay.store.rows import Instant

leaf_characters_max: Final = 1_000

record_due: Final = Table(
    # Entries of timelines that have no leaf yet: they are written together with the entry, and go when it has one.
    "record_due",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

record_leaves: Final = Table(
    "record_leaves",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    # As it is hashed (relay.record.leaf).
    Column("octets", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    UniqueConstraint("conversation", "entry"),
    CheckConstraint("number >= 0", name="number_range"),
    sha256("hash"),
    at_most("octets", leaf_characters_max, 2),
    sqlite_with_rowid=False,
)

record_nodes: Final = Table(
    # The complete subtrees of two leaves and more.
    "record_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("level BETWEEN 1 AND 62 AND number >= 0", name="place_range"),
    sha256("hash"),
    sqlite_with_rowid=False,
)

record_heads: Final = Table(
    "record_heads",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    # As it is signed (relay.record.head).
    Column("octets", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    # By whose fingerprint it is verified.
    Column("key", Text, nullable=False),
    CheckConstraint("size >= 1", name="size_range"),
    CheckConstraint("length(signature) = 64", name="signature_length"),
    at_most("octets", leaf_characters_max, 1),
    at_most("key", 64, 64),
)
