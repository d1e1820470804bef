"""What stands where of the operators' own: which destinations are left alone, and when somebody audited.

Written as relay.store.tables is.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from relay.store.columns import at_most, growing, metadata
from relay.store.rows import Instant

because_characters_max: Final = 500
person_characters_max: Final = 100

suspended_destinations: Final = Table(
    # Domains to which nothing is sent until somebody resumes them. What is due there is put off, and nothing is lost.
    "suspended_destinations",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    # Who did it, a word, and why, for the other operators.
    Column("person", Text, nullable=False),
    Column("because", Text, nullable=False),
    CheckConstraint("domain = lower(domain)", name="domain_lower"),
    at_most("domain", 255, 1),
    at_most("person", person_characters_max, 1),
    at_most("because", because_characters_max),
)

audits: Final = Table(
    # When every accepted message was last counted, and how many things were not accounted for.
    "audits",
    metadata,
    Column("seq", growing, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("findings", Integer, nullable=False),
    CheckConstraint("findings >= 0", name="findings_range"),
    sqlite_autoincrement=True,
)
