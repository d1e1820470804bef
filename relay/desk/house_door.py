"""The house's own door: people of the house come in by what its provider says of them, and only where they have an account."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from relay.desk.sign_in import SignInDesk
from relay.outbound.oidc import Oidc, Refused
from relay.store import accounts
from relay.values import RealAddress
from relay.web.site.sign_in.ports import Entered

log = structlog.get_logger("relay.sign_in")


@dataclass(frozen=True, slots=True)
class HouseDoorDesk:
    """relay.web.site.sign_in.ports.HouseDoor over the store and a provider."""

    provider: Oidc
    sign_in: SignInDesk

    async def begin(self, secret: str) -> str:
        return await self.provider.begin(secret)

    async def enter(self, secret: str, state: str, code: str, agent: str) -> Entered | None:
        try:
            address = await self.provider.finish(secret, state, code)
        except Refused as why:
            log.warning("sign_in.refused", why=str(why))
            return None
        now, desk = self.sign_in.clock(), self.sign_in

        def work(connection: Connection) -> str | None:
            account = accounts.of_mailbox(connection, address.key)
            # Spelled alike, not merely of one mailbox: with the provider `eva+x@` may be somebody else.
            if account is None or _spelled(account.address) != _spelled(address):
                return None
            return desk.doors.begin(connection, account.address, now=now, agent=agent)

        begun = await desk.store.write(work)
        if begun is None:
            log.warning("sign_in.refused", why="nobody of the house has that address")
            return None
        return await desk.entered(begun, "", way="oidc")


def _spelled(address: RealAddress) -> tuple[str, str]:
    return address.reveal().rpartition("@")[0].lower(), address.domain
