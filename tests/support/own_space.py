"""The pages of customers over a real database: the house of `booking_house`, and whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser

from relay.correspondence.house import House
from relay.machine import clock
from relay.store.store import Store
from relay.values import Language
from relay.web.site.assembly import SitePorts, routers
from support.booking_house import AT, Side, opened, stocked
from support.site import Browser, FakeVisitors, a_customer
from support.web import FakeArchive, FakeConversations, FakeQueue
from support.world import CUSTOMER_ADDRESS, DOMAIN

BOOKINGS = "/api/v1/bookings"


@dataclass
class Till:
    """relay.desk.links.Checkouts."""

    begun: list[str] = field(default_factory=list)

    async def checkout(self, reference: str) -> str:
        self.begun.append(reference)
        return f"https://till.example/{reference}"


@dataclass
class OwnSpace:
    """A house that sells the boat tour in every mode, with customers who look at its pages."""

    side: Side
    store: Store
    client: httpx.AsyncClient
    till: Till = field(default_factory=Till)
    visitors: FakeVisitors = field(default_factory=FakeVisitors)

    def __post_init__(self) -> None:
        ports = SitePorts(
            house=House("Example Travel", DOMAIN, "https://example.com/support"),
            clock=clock,
            visitors=self.visitors,
            conversations=FakeConversations(),  # type: ignore[arg-type]  # a fake
            archive=FakeArchive(),
            queue=FakeQueue(),
            catalogue=self.side.catalogue,
            own=replace(self.side.own, checkouts=self.till),
        )
        self.app = FastAPI()
        for routes in routers(ports):
            self.app.include_router(routes)
        self.zofia = self.signed_in(CUSTOMER_ADDRESS)

    def signed_in(self, address: str, language: Language = Language.EN) -> Browser:
        return Browser(self.app, self.visitors.signed_in(a_customer(address, language)))

    async def begun(self, mode: str, address: str = CUSTOMER_ADDRESS, **more: Any) -> str:
        """The reference of a booking of the variant of that mode."""
        customer = {"name": "Zofia Kowalska", "address": address, "language": "pl"}
        body = {"offer": "o1", "variant": f"v-{mode}", "slot": f"t-{mode}", "customer": customer, "choices": [{"price": "adult"}]}
        answer = await self.client.post(BOOKINGS, json={**body, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["reference"])

    async def acted(self, reference: str, act: str, actor: str = "partner", **more: Any) -> None:
        body = {"act": act, "actor": actor, "by": "s1", **more}
        answer = await self.client.post(f"{BOOKINGS}/{reference}/acts", json=body)
        assert answer.status_code == 200, answer.text

    async def one(self, reference: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{BOOKINGS}/{reference}")).json()
        return found

    async def offered(self, reference: str, minor: int = 4000, note: str = "", actor: str = "partner") -> None:
        """Somebody offers other terms."""
        terms = {"lines": [{"text": "Adult", "unit": {"minor": minor, "currency": "EUR"}}], "note": note, "occasion": AT}
        await self.acted(reference, "counter", actor, terms=terms)

    async def confirmed(self, mode: str = "reserve", **more: Any) -> str:
        """The reference of a booking that is paid."""
        reference = await self.begun(mode, **more)
        await self.acted(reference, "take_payment", amount={"minor": 4500, "currency": "EUR"})
        return reference


async def a_space(migrated: Path, directory: Path) -> tuple[OwnSpace, httpx.AsyncClient]:
    """The client is to be closed in the end, and then the store."""
    web, store = opened(migrated, directory)
    client = web.client()
    await stocked(client)
    return OwnSpace(web.booking, store, client), client  # type: ignore[arg-type]  # the real desks


def text_of(answer: httpx.Response) -> str:
    """What a page says, in one line."""
    body = LexborHTMLParser(answer.text).css_first("main")
    return " ".join(body.text(separator=" ").split()) if body is not None else ""


def hidden(answer: httpx.Response, form: str = "form") -> dict[str, str]:
    """What the form that the selector finds carries by itself."""
    page = LexborHTMLParser(answer.text)
    found = [one for one in page.css(f"main {form} input[type=hidden]") if one.attributes.get("name") != "form_token"]
    return {str(one.attributes["name"]): str(one.attributes.get("value") or "") for one in found}
