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
