"""What pages need of the access audit: whoever of the house looks at what people wrote leaves a trace (AR-1 access audit)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from relay.transit.casework import Access, Looked
from relay.web.site.viewer import Account

__all__ = ["Access", "Audit", "Looked"]


class Audit(Protocol):
    """The trace. It can only grow."""

    async def note(self, account: Account, what: Looked, object_: str, *, case: int | None = None, reason: str = "") -> None:
        """`account` looks. On return it is stored: note it before showing anything.

        The same account, object and kind within five minutes is noted once, but a reveal, a download and an export each time.
        """
        ...

    async def page(
        self, *, account: str = "", object_: str = "", day: date | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[Access]:
        """At most `limit`, the newest first, those numbered below `before`; of that account, of what is called exactly so,
        of that day in UTC."""
        ...
