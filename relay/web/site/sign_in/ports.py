"""What the pages for signing in ask, of whoever keeps sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from relay.values import Language, RealAddress
from relay.web.site.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to sign in with `address`. `next`: a path of ours at which they want to look then, or nothing. `network`:
    from where they ask, as far as it counts; `language`: their browser's."""

    address: RealAddress = field(repr=False)
    next: str
    network: str = field(repr=False)
    language: Language


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is signed in: `secret` is for their browser alone."""

    secret: str = field(repr=False)
    viewer: Viewer
    next: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One place where somebody is signed in. Times are in UTC."""

    id: str
    agent: str
    began_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    is_of_house: bool
    is_here: bool


class HouseDoor(Protocol):
    """Lets people of the house in by what their own provider says of them."""

    async def begin(self, secret: str) -> str:
        """The provider's page, for the browser that holds `secret`. Raises Unavailable."""
        ...

    async def enter(self, secret: str, state: str, code: str, agent: str) -> Entered | None:
        """Signs in whoever came back with `state` and `code` to that browser. None for whoever has no account, or is not proven.
        Raises Unavailable."""
        ...


class SignIn(Protocol):
    """Lets people in and out."""

    async def ask(self, wish: Wish) -> bool:
        """Have a link sent, if the address is known; nobody learns from the answer, or from how long it takes, whether it is.
        False where too many were asked for."""
        ...

    async def invited(self, secret: str) -> RealAddress | None:
        """To whom the link of that secret was sent, while somebody can sign in by it."""
        ...

    async def enter(self, secret: str, agent: str) -> Entered | None:
        """Signs in whoever has the link of that secret, once; `agent`: words for their browser. None for a dead link."""
        ...

    async def leave(self, secret: str) -> None:
        """The session of that secret ends, if there is one."""
        ...

    async def places(self, viewer: Viewer) -> Sequence[SignedIn]:
        """Where `viewer` is signed in, the place used last first."""
        ...

    async def end(self, viewer: Viewer, session: str) -> None:
        """Ends one of theirs. Raises NotFound for others."""
        ...

    async def end_others(self, viewer: Viewer) -> None:
        """Ends all of theirs but this one."""
        ...

    async def speak(self, viewer: Viewer, language: Language) -> None:
        """Pages are in `language` for this session from now on."""
        ...
