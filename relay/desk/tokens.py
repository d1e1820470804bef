"""Who may use the API, as operators ask for it and decide about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from relay.store import tokens
from relay.store.store import Store
from relay.store.tokens import Token
from relay.values import Clock, NewId
from relay.web.operator_ports import ShownToken

log = structlog.get_logger("relay.tokens")


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """relay.web.operator_ports.Tokens over the store. `random` draws octets from a secure source."""

    store: Store
    new_id: NewId
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)

    async def all(self) -> Sequence[ShownToken]:
        return [_shown(one) for one in reversed(await self.store.read(tokens.listed))]

    async def create(self, name: str, scopes: Sequence[str], by: str) -> tuple[ShownToken, str]:
        now = self.clock()
        token, secret = await self.store.write(
            lambda connection: tokens.create(connection, name, scopes, now=now, new_id=self.new_id, random=self.random)
        )
        log.info("token.created", token=token.id, by=by)
        return _shown(token), secret

    async def revoke(self, id_: str, by: str) -> None:
        now = self.clock()
        await self.store.write(lambda connection: tokens.revoke(connection, id_, now))
        log.info("token.revoked", token=id_, by=by)


def _shown(one: Token) -> ShownToken:
    return ShownToken(one.id, one.name, tuple(sorted(one.scopes)), one.created_at, one.last_used_at, one.revoked_at)
