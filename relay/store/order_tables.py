"""What stands where of orders that wait until whoever sent them has said so (SL-B1). Written as relay.store.tables is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, Text

from relay.conversation import reference_characters_max
from relay.store.columns import at_most, metadata, sha256
from relay.store.people_tables import network_characters_max
from relay.store.rows import Instant

order_characters_max: Final = 60_000
"""Of one order as JSON; a form has 64 KiB at most."""

kept_orders: Final = Table(
    # An order of somebody who had not signed in. Once it counts, or its time is over, what they wrote is taken out of it; the row
    # stays for a while, so that what comes from a network, or for an address, can be counted.
    "kept_orders",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("key", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("way", Text, nullable=False),
    # The order without its addresses, and these; both empty once they are not needed any more.
    Column("state", Text, nullable=False),
    Column("addresses", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    # Of the booking that came of it.
    Column("reference", Text),
    Index("kept_orders_by_key", "key", "created_at"),
    Index("kept_orders_by_network", "network", "created_at"),
    Index("kept_orders_by_time", "created_at"),
    sha256("digest"),
    CheckConstraint("created_at < ends_at", name="ends_later"),
    at_most("network", network_characters_max),
    at_most("state", order_characters_max),
    at_most("reference", reference_characters_max, 1),
)
