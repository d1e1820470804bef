"""Who may do what: bearer tokens with scopes (RFC 6750)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from relay.errors import Unavailable
from relay.web.ports import Access, Bearer
from relay.web.scopes import Scope

secret_characters_max: Final = 200
"""Longer ones are nobody's, and are not looked up."""

_scheme: Final = HTTPBearer(auto_error=False, scheme_name="token", description="`relay token create --scope …` prints one.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests in by their token."""

    access: Access

    def needs(self, scope: Scope) -> Callable[[HTTPAuthorizationCredentials | None], Awaitable[Bearer]]:
        """A dependency: whoever sent the request and has `scope`. Without a token that counts 401, without the scope 403."""

        async def bearer(credentials: Credentials) -> Bearer:
            if credentials is None:
                raise HTTPException(
                    HTTPStatus.UNAUTHORIZED, "A bearer token is needed.", {"WWW-Authenticate": 'Bearer realm="relay"'}
                )
            secret = credentials.credentials
            known = await self.access.bearer(secret) if 0 < len(secret) <= secret_characters_max else None
            if known is None:
                challenge = 'Bearer realm="relay", error="invalid_token"'
                raise HTTPException(HTTPStatus.UNAUTHORIZED, "This token does not count.", {"WWW-Authenticate": challenge})
            insist(known, scope)
            return known

        return bearer

    def knows(self, scope: Scope) -> Callable[[HTTPAuthorizationCredentials | None], Awaitable[bool]]:
        """A dependency: whether whoever sent the request has `scope`. Nobody is turned away, also while that cannot be told."""

        async def known(credentials: Credentials) -> bool:
            if credentials is None or not 0 < len(credentials.credentials) <= secret_characters_max:
                return False
            try:
                bearer = await self.access.bearer(credentials.credentials)
            except Unavailable:
                return False
            return bearer is not None and scope in bearer.scopes

        return known


def insist(bearer: Bearer, scope: Scope) -> None:
    """Turn away whoever has not `scope`, with 403: where what the request says decides about it."""
    if scope not in bearer.scopes:
        challenge = f'Bearer realm="relay", error="insufficient_scope", scope="{scope.value}"'
        raise HTTPException(HTTPStatus.FORBIDDEN, f"This token lacks the scope {scope.value}.", {"WWW-Authenticate": challenge})


def by(bearer: Bearer) -> str:
    """How the timeline names whoever sent the request. Not by the token's name, in which there may be an address."""
    return f"token {bearer.id}"
