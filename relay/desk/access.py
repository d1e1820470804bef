"""The tokens, as the HTTP side asks about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.store import tokens
from relay.store.store import Store
from relay.values import Clock
from relay.web.ports import Bearer
from relay.web.scopes import Scope

_KNOWN_SCOPES: Final = {scope.value: scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """relay.web.ports.Access over the store."""

    store: Store
    clock: Clock

    async def bearer(self, secret: str) -> Bearer | None:
        token = await self.store.read(lambda connection: tokens.known(connection, secret))
        if token is None:
            return None
        now = self.clock()
        if tokens.is_stale(token, now):
            await self.store.write(lambda connection: tokens.used(connection, token, now))
        # A scope that this version does not know permits nothing here.
        scopes = frozenset(_KNOWN_SCOPES[scope] for scope in token.scopes if scope in _KNOWN_SCOPES)
        return Bearer(token.id, token.name, scopes)
