"""Who of the house may sign in, as operators ask for it and decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from relay.store import accounts
from relay.store.store import Store
from relay.values import Clock
from relay.web.operator_ports import ShownAccount

log = structlog.get_logger("relay.accounts")


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """relay.web.operator_ports.Accounts over the store."""

    store: Store
    clock: Clock

    async def all(self) -> Sequence[ShownAccount]:
        return [
            ShownAccount(one.id, one.name, tuple(sorted(one.offices)), one.created_at, one.disabled_at)
            for one in await self.store.read(accounts.listed)
        ]

    async def disable(self, id_: str, by: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: accounts.disable(connection, id_, now))
        log.info("account.disabled", account=id_, by=by)

    async def enable(self, id_: str, by: str) -> None:
        await self.store.write(lambda connection: accounts.enable(connection, id_))
        log.info("account.enabled", account=id_, by=by)
