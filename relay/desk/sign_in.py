"""Signing in and out, as the pages ask for it.

A link is asked for here and written by relay.app.inviting: whoever asks waits for the same short write, known or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from relay.desk.sessions import Doors
from relay.desk.visitors import VisitorDesk
from relay.store import sessions, sign_in_links
from relay.store.sign_in_links import Rates
from relay.store.store import Store
from relay.values import Clock, Language, NewId, RealAddress
from relay.web.site.sign_in.ports import Entered, SignedIn, Wish
from relay.web.site.viewer import Viewer

log = structlog.get_logger("relay.sign_in")


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """relay.web.site.sign_in.ports.SignIn over the store. `asked` is called when a link may wait to be written; `as_account`:
    whether people of the house come in by a link, too."""

    store: Store
    doors: Doors
    visitors: VisitorDesk
    rates: Rates
    new_id: NewId
    clock: Clock
    asked: Callable[[], None] = field(repr=False)
    as_account: bool = True

    async def ask(self, wish: Wish) -> bool:
        noted = sign_in_links.Wish(self.new_id(), wish.address, wish.network, wish.language, wish.next, self.clock())
        taken = await self.store.write(lambda connection: sign_in_links.ask(connection, noted, self.rates))
        if taken:
            self.asked()
        else:
            log.warning("sign_in.too_often")
        return taken

    async def invited(self, secret: str) -> RealAddress | None:
        return await self.store.read(lambda connection: sign_in_links.invited(connection, secret, self.clock()))

    async def enter(self, secret: str, agent: str) -> Entered | None:
        now = self.clock()

        def work(connection: Connection) -> tuple[str, str] | None:
            wish = sign_in_links.use(connection, secret, now)
            if wish is None:
                return None
            begun = self.doors.begin(
                connection, wish.address, now=now, asked=wish.language, agent=agent, as_account=self.as_account
            )
            return begun, wish.next

        begun = await self.store.write(work)
        return await self.entered(*begun, way="link") if begun is not None else None

    async def entered(self, secret: str, next_: str, *, way: str) -> Entered | None:
        """What came of a session that has just begun, in whatever `way`."""
        viewer = await self.visitors.viewer(secret)
        if viewer is None:
            return None
        account = viewer.account.id if viewer.account is not None else None
        log.info("session.begun", session=viewer.session, way=way, account=account)
        return Entered(secret, viewer, next_)

    async def leave(self, secret: str) -> None:
        now = self.clock()

        def work(connection: Connection) -> None:
            found = sessions.known(connection, secret, now)
            if found is not None:
                sessions.end(connection, found.id)

        await self.store.write(work)

    async def places(self, viewer: Viewer) -> Sequence[SignedIn]:
        now, key = self.clock(), viewer.address.key
        found = await self.store.read(lambda connection: sessions.of_mailbox(connection, key, now))
        return tuple(
            SignedIn(
                one.id,
                one.agent,
                one.created_at,
                one.last_seen_at,
                one.ends_at,
                is_of_house=one.account is not None,
                is_here=one.id == viewer.session,
            )
            for one in found
        )

    async def end(self, viewer: Viewer, session: str) -> None:
        await self.store.write(lambda connection: sessions.end(connection, session, key=viewer.address.key))

    async def end_others(self, viewer: Viewer) -> None:
        await self.store.write(lambda connection: sessions.end_all(connection, viewer.address.key, but=viewer.session))

    async def speak(self, viewer: Viewer, language: Language) -> None:
        await self.store.write(lambda connection: sessions.speaks(connection, viewer.session, language))
