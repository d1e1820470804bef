"""Signing in without a store: links and sessions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from relay.errors import NotFound
from relay.values import Language, RealAddress
from relay.web.site.sign_in.ports import Entered, SignedIn, Wish
from relay.web.site.viewer import Viewer
from support.site import FakeVisitors, a_customer
from support.world import NOW


@dataclass
class FakeSignIn:
    """relay.web.site.sign_in.ports.SignIn in memory: `links` lead to addresses, each once."""

    visitors: FakeVisitors
    links: dict[str, Wish] = field(default_factory=dict)
    asked: list[Wish] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    takes: bool = True

    async def ask(self, wish: Wish) -> bool:
        self.asked.append(wish)
        return self.takes

    async def invited(self, secret: str) -> RealAddress | None:
        return self.links[secret].address if secret in self.links else None

    async def enter(self, secret: str, agent: str) -> Entered | None:
        wish = self.links.pop(secret, None)
        if wish is None:
            return None
        self.agents.append(agent)
        begun = self.visitors.signed_in(a_customer(wish.address.reveal()))
        return Entered(begun, self.visitors.known[begun], wish.next)

    async def leave(self, secret: str) -> None:
        self.visitors.known.pop(secret, None)

    async def places(self, viewer: Viewer) -> Sequence[SignedIn]:
        return tuple(
            SignedIn(
                one.session,
                "Firefox on Linux",
                NOW,
                NOW,
                NOW + timedelta(days=30),
                is_of_house=one.account is not None,
                is_here=one.session == viewer.session,
            )
            for one in self.visitors.known.values()
            if one.address == viewer.address
        )

    async def end(self, viewer: Viewer, session: str) -> None:
        theirs = [key for key, one in self.visitors.known.items() if (one.session, one.address) == (session, viewer.address)]
        if not theirs:
            raise NotFound(session)
        del self.visitors.known[theirs[0]]

    async def end_others(self, viewer: Viewer) -> None:
        for key, one in list(self.visitors.known.items()):
            if one.address == viewer.address and one.session != viewer.session:
                del self.visitors.known[key]

    async def speak(self, viewer: Viewer, language: Language) -> None:
        for key, one in self.visitors.known.items():
            if one.session == viewer.session:
                self.visitors.known[key] = replace(one, language=language)
