"""The pages with somebody signed in: sessions in memory, and a client that sends forms as a browser does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from fastapi import FastAPI

from relay.booking.partner import PartnerId, StaffId
from relay.values import Language, RealAddress
from relay.web.site.viewer import Account, Membership, Office, Viewer, form_token_of

COOKIE: Final = "relay-session"


@dataclass
class FakeVisitors:
    """relay.web.site.viewer.Visitors in memory."""

    known: dict[str, Viewer] = field(default_factory=dict)

    async def viewer(self, secret: str) -> Viewer | None:
        return self.known.get(secret)

    def signed_in(self, viewer: Viewer) -> str:
        """The secret of a new session of `viewer`."""
        secret = f"secret-{len(self.known) + 1}"
        self.known[secret] = replace(viewer, session=f"session-{len(self.known) + 1}", form_token=form_token_of(secret))
        return secret


def a_partner(
    partner: str, address: str, *, member: str | None = None, sees_team: bool = True, language: Language = Language.EN
) -> Viewer:
    membership = Membership(PartnerId(partner), "Alpine Tours", StaffId(member) if member is not None else None, sees_team)
    return Viewer("", RealAddress(address), language, "", partners=(membership,))


def a_customer(address: str, language: Language = Language.EN) -> Viewer:
    return Viewer("", RealAddress(address), language, "", is_customer=True)


def of_the_house(*offices: Office, id_: str = "eva", name: str = "Eva") -> Viewer:
    return Viewer("", RealAddress(f"{id_}@house.example"), Language.EN, "", account=Account(id_, name, frozenset(offices)))


@dataclass
class Browser:
    """Asks for pages as a browser without scripts does. `secret` is its session's; empty: nobody has signed in."""

    app: FastAPI
    secret: str = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        async with self._client() as client:
            return await client.get(path, **more)

    async def send(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """A form, with its token. Redirects are not followed."""
        sent = {"form_token": form_token_of(self.secret), **(fields or {})} if self.secret else fields or {}
        async with self._client() as client:
            return await client.post(path, data=sent, headers={"Sec-Fetch-Site": "same-origin"}, **more)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://relay.test",
            cookies={COOKIE: self.secret} if self.secret else {},
        )
