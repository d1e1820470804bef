"""Requests that come again because their answer was lost: `Idempotency-Key` on those that begin or change something.

The same request under the same key is carried out once and answered the same each time, for a day at least; another request under
that key is a 422. What was refused changed nothing and is not kept: the same request may succeed later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Request, Response

from relay.web.guard import Guard
from relay.web.once import Once, Repeated, Repeats
from relay.web.ports import Bearer
from relay.web.scopes import Scope

key_characters_max: Final = 255
REPLAYED: Final = "Idempotency-Replayed"

T = TypeVar("T")

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=key_characters_max,
        pattern="^[!-~]+$",
        description="Any text that is new with each request that is meant anew.",
    ),
]


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come again, and who sent it."""

    bearer: Bearer
    repeats: Repeats
    key: str | None
    digest: bytes

    async def answered(
        self,
        carry_out: Callable[[Once[T] | None], Awaitable[T]],
        render: Callable[[T], str],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        """What `carry_out` comes to, as `render` writes it; from before where it was carried out before. Raises KeyReused."""
        if self.key is None:
            return _as_json(render(await carry_out(None)), status)
        once = Once(self.bearer.id, self.key, self.digest, render)
        if (known := await self.repeats.of(once)) is None:
            try:
                return _as_json(render(await carry_out(once)), status)
            except Repeated:
                known = await self.repeats.of(once)
                if known is None:
                    raise
        return _as_json(known, status, replayed=True)


def repeatable(guard: Guard, scope: Scope, repeats: Repeats) -> Callable[..., Awaitable[Repeatable]]:
    """A dependency: whoever sent the request and has `scope`, and whether the request came before."""
    allowed = Depends(guard.needs(scope))

    async def request_of(request: Request, bearer: Bearer = allowed, key: Key = None) -> Repeatable:
        whole = sha256(f"{request.method} {request.url.path}\n".encode())
        whole.update(await request.body())
        return Repeatable(bearer, repeats, key, whole.digest())

    return request_of


def _as_json(text: str, status: HTTPStatus, *, replayed: bool = False) -> Response:
    headers = {REPLAYED: "true"} if replayed else None
    return Response(text, status_code=status.value, media_type="application/json", headers=headers)
