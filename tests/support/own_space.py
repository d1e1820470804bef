"""The pages of customers over a real database: the house of `booking_house`, and whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser

from relay.correspondence.house import House
from relay.desk.orders import OrderDesk
from relay.desk.showcase import ShowcaseDesk
from relay.machine import NewIds, clock
from relay.store.kept_orders import Rates
from relay.store.store import Store
from relay.values import Language, NameShown, Rate
from relay.web.site.assembly import SitePorts, routers
from support.archive import World
from support.booking_house import AT, Side, opened, stocked
from support.mails import text_of as text_of_mail
from support.partner_site import FakeThreads
from support.sending import claimed
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
    threads: FakeThreads = field(default_factory=FakeThreads)
    pays_online: bool = True
    how_to_pay: str = ""
    needs_sign_in: bool = False

    def __post_init__(self) -> None:
        self.house = House("Example Travel", DOMAIN, "https://example.com/support")
        numbers = count(1)
        self.orders = OrderDesk(
            store=self.store,
            core=self.side.bookings,
            checkouts=self.till if self.pays_online else None,
            repeats=self.side.repeats,
            house=self.house,
            pages="https://pages.example/",
            rates=Rates(Rate(3, timedelta(hours=1)), Rate(5, timedelta(hours=1))),
            lasts=timedelta(hours=24),
            needs_sign_in=self.needs_sign_in,
            sign=lambda octets, _: octets,
            new_id=NewIds(),
            new_secret=lambda: f"{next(numbers):043d}",
            clock=clock,
            sent=lambda: None,
        )
        ports = SitePorts(
            house=self.house,
            clock=clock,
            visitors=self.visitors,
            conversations=FakeConversations(),  # type: ignore[arg-type]  # a fake
            archive=FakeArchive(),
            queue=FakeQueue(),
            catalogue=self.side.catalogue,
            own=replace(
                self.side.own,
                checkouts=self.till if self.pays_online else None,
                guide=replace(self.side.own.guide, pays_online=self.pays_online, how_to_pay=self.how_to_pay),
            ),
            threads=self.threads,
            showcase=ShowcaseDesk(self.store, self.side.bookings.house, NameShown.FIRST),
            orders=self.orders,
        )
        self.app = FastAPI()
        for routes in routers(ports):
            self.app.include_router(routes)
        self.zofia = self.signed_in(CUSTOMER_ADDRESS)

    @property
    def anybody(self) -> Browser:
        """Somebody who has not signed in."""
        return Browser(self.app)

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

    def links(self) -> list[tuple[str, str]]:
        """To whom a link to confirm an order went out since this was asked last, and the mail's text."""
        return [(one.recipient.reveal(), text_of_mail(one.content)) for one in claimed(World(self.store.engine), at=clock())]

    async def confirmed(self, mode: str = "reserve", **more: Any) -> str:
        """The reference of a booking that is paid."""
        reference = await self.begun(mode, **more)
        await self.acted(reference, "take_payment", amount={"minor": 4500, "currency": "EUR"})
        return reference


async def a_space(migrated: Path | None, directory: Path, **more: Any) -> tuple[OwnSpace, httpx.AsyncClient]:
    """The client is to be closed in the end, and then the store. `more`: how the house sells."""
    web, store = opened(migrated, directory)
    client = web.client()
    await stocked(client)
    return OwnSpace(web.booking, store, client, **more), client  # type: ignore[arg-type]  # the real desks


def text_of(answer: httpx.Response) -> str:
    """What a page says, in one line."""
    body = LexborHTMLParser(answer.text).css_first("main")
    return " ".join(body.text(separator=" ").split()) if body is not None else ""


def hidden(answer: httpx.Response, form: str = "form") -> dict[str, str]:
    """What the form that the selector finds carries by itself."""
    page = LexborHTMLParser(answer.text)
    found = [one for one in page.css(f"main {form} input[type=hidden]") if one.attributes.get("name") != "form_token"]
    return {str(one.attributes["name"]): str(one.attributes.get("value") or "") for one in found}
