"""What a token of the HTTP API may do."""

from __future__ import annotations

from enum import Enum


class Scope(Enum):
    """One kind of access. A token has any number of them; none implies another."""

    CONVERSATIONS_READ = "conversations:read"
    """See conversations: aliases, windows, names as the other side sees them; no address."""
    CONVERSATIONS_WRITE = "conversations:write"
    """Open, confirm, close, extend and reopen conversations, and add addresses."""
    ARCHIVE_READ = "archive:read"
    """Search the archive and see what became of messages."""
    QUEUE_READ = "queue:read"
    """See what is under way."""
    QUEUE_WRITE = "queue:write"
    """Retry, hold, release and drop deliveries."""
    CATALOGUE_READ = "catalogue:read"
    """See partners, offers, slots and profiles; no address."""
    CATALOGUE_WRITE = "catalogue:write"
    """Add and change them."""
    BOOKINGS_READ = "bookings:read"
    """See bookings: names as the other side sees them, aliases; no address."""
    BOOKINGS_WRITE = "bookings:write"
    """Begin bookings, and act on them for customers and partners."""
    BOOKINGS_OPERATE = "bookings:operate"
    """Act on bookings as support or as an operator: overrule, release, extend, cancel and announce in bulk."""
    WEBHOOKS_READ = "webhooks:read"
    """See where events go, and what became of each."""
    WEBHOOKS_WRITE = "webhooks:write"
    """Say where events go, rotate secrets, send again."""
