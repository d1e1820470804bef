"""Who of the house looked at what, as pages write it down and auditors read it (AR-1 access audit)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from relay.masking import masked
from relay.store import access_log
from relay.store.access_log import Look
from relay.store.store import Store
from relay.transit.casework import Access, Looked
from relay.values import Clock
from relay.web.site.viewer import Account


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """relay.web.site.support.audit_ports.Audit over the store. `domain` is ours: what stands there is an alias."""

    store: Store
    clock: Clock
    domain: str

    async def note(self, account: Account, what: Looked, object_: str, *, case: int | None = None, reason: str = "") -> None:
        # The trace stays for ever, so no address enters it: not in a search, and not in a reason.
        look = Look(account.id, account.name, what, masked(object_, self.domain), case, masked(reason, self.domain))
        now = self.clock()
        if not await self.store.read(lambda connection: access_log.is_noted(connection, look, now)):
            await self.store.write(lambda connection: access_log.note(connection, look, now))

    async def page(
        self, *, account: str = "", object_: str = "", day: date | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[Access]:
        since = datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None
        until = since + timedelta(days=1) if since is not None else None
        return await self.store.read(
            lambda connection: access_log.listed(
                connection, account=account, object_=object_, since=since, until=until, before=before, limit=limit
            )
        )
