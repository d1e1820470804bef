"""Who may do what: each role at each route, with objects that are theirs and objects that are not (AR-1, OR-3, invariant 1).

The routes are the application's own. A page whose address begins with none of `AREAS` fails here until it says whose it is,
and so does a page of the house that does not stand in `HOUSE`, and a part of an address of which there is no example.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import Connection
from support.booking_house import AT, OFFER, PARTNER
from support.site import COOKIE

from relay.app.gateway import Gateway, built
from relay.app.web import web_server
from relay.desk.sessions import Doors
from relay.machine import NewIds, clock, secret
from relay.settings import Settings
from relay.store import accounts, tokens
from relay.values import Language, RealAddress
from relay.web.scopes import Scope
from relay.web.site.route import PageRoute
from relay.web.site.viewer import Office, form_token_of


class Area(Enum):
    """Whose pages those are."""

    PUBLIC = "everybody's"
    SIGNED_IN = "whoever has signed in"
    CUSTOMER = "customers', each their own bookings"
    PARTNER = "partners', each their own"
    HOUSE = "those of the house who hold an office"


AREAS: Final[tuple[tuple[str, Area], ...]] = (
    ("/sign-in", Area.PUBLIC),
    ("/sign-out", Area.PUBLIC),
    ("/offers", Area.PUBLIC),
    ("/orders/{secret}", Area.PUBLIC),
    ("/sessions", Area.SIGNED_IN),
    ("/my", Area.CUSTOMER),
    ("/partner/{partner}", Area.PARTNER),
    ("/support", Area.HOUSE),
    ("/operator", Area.HOUSE),
)
"""By what an address begins with."""
EXACTLY: Final = {"/": Area.SIGNED_IN}
ROOT: Final = Path(__file__).resolve().parents[4]
ADDRESS: Final = re.compile(r"`(?:POST )?(/[^` ?]*)`")
OIDC: Final = {"/sign-in/house", "/sign-in/house/back"}
"""There where the house has a provider of its own, which this gateway has not."""

S, SENIOR, LEGAL, OPERATOR, AUDITOR = (
    frozenset({office}) for office in (Office.SUPPORT, Office.SENIOR, Office.LEGAL, Office.OPERATOR, Office.AUDITOR)
)
READERS: Final = S | SENIOR | LEGAL
HOUSE: Final[tuple[tuple[str, frozenset[Office]], ...]] = (
    ("/operator", OPERATOR),
    ("/support/audit", AUDITOR),
    ("/support/cases", READERS),
    ("/support/saved", READERS),
    ("/support/tally", READERS),
    ("/support/bookings/{reference}/act", S),
    ("/support/bookings/{reference}/address", SENIOR),
    ("/support/bookings", S | SENIOR),
    ("/support/conversations", S | SENIOR),
    ("/support/messages/{message}/original", SENIOR),
    ("/support/messages", S | SENIOR),
    ("/support/queue", S),
    ("/support/genuine", S | SENIOR),
)
"""Which offices open a page of the house, by what its address begins with; the first that fits counts."""
HOUSE_EXACTLY: Final = {"/support": READERS | AUDITOR}

OURS: Final = {"partner": "p1", "reference": "{ours}", "offer": "o1", "variant": "v-on_request", "slot": "t1"}
THEIRS: Final = {"partner": "p2", "reference": "{theirs}", "offer": "o2", "variant": "v-other", "slot": "t2"}
"""Parts of addresses: of the partner p1 and its customer Zofia, and of the partner p2 and its customer Tom."""
ANY: Final = frozenset({"message", "number", "word", "act", "kind", "member", "staff", "sender"})
"""Parts of pages of partners and customers which are below one of those: nobody gets there who is not theirs."""
NOTHING: Final = "0" * 26
"""Stands for any other part: whoever may look there finds nothing."""
TEAM, GIULIA, RIVAL = "team@garda.example", "giulia@garda.example", "office@rival.example"
ZOFIA, TOM = "zofia.kowalska@poczta.example", "tom.baker@mail.example"
NAMES: Final = {ZOFIA: "Zofia Kowalska", TOM: "Tom Baker"}
OF_OFFICE: Final = {office: f"{office.value}@house.example" for office in Office}
HIDDEN: Final = (ZOFIA, TOM, "Kowalska", "Baker", TEAM, GIULIA, RIVAL)
"""What no page may show to the other side, and to the house only where somebody says why."""


@dataclass(frozen=True)
class Route:
    method: str
    path: str

    @property
    def area(self) -> Area | None:
        if self.path in EXACTLY:
            return EXACTLY[self.path]
        return next((area for begins, area in AREAS if is_below(self.path, begins)), None)

    @property
    def offices(self) -> frozenset[Office] | None:
        if self.path in HOUSE_EXACTLY:
            return HOUSE_EXACTLY[self.path]
        return next((offices for begins, offices in HOUSE if is_below(self.path, begins)), None)

    @property
    def parts(self) -> list[str]:
        return re.findall(r"\{(\w+?)_?(?::\w+)?\}", self.path)

    def of(self, parts: Mapping[str, str]) -> str:
        return re.sub(r"\{(\w+?)_?(?::\w+)?\}", lambda found: parts.get(found[1], NOTHING), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def is_below(path: str, begins: str) -> bool:
    return path == begins or path.startswith((f"{begins}/", f"{begins}."))


@dataclass
class Scene:
    """A whole gateway in this process: two partners, a booking of each, and somebody with each office."""

    gateway: Gateway
    app: FastAPI
    token: str
    bookings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def routes(self) -> list[Route]:
        found = {Route(method, one.path) for one in pages(self.app.routes) for method in one.methods - {"HEAD"}}
        return sorted(found, key=str)

    def parts(self, example: Mapping[str, str]) -> dict[str, str]:
        return {name: text.format(**self.bookings) for name, text in example.items()}

    async def asked(self, route: Route, address: str, parts: Mapping[str, str]) -> httpx.Response:
        """What somebody gets who is signed in with `address`, or not at all where that is empty."""
        given = self.secrets.get(address, "")
        cookies, fields = ({COOKIE: given}, {"form_token": form_token_of(given)}) if given else ({}, {})
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://relay.test", cookies=cookies
        ) as client:
            if route.method == "GET":
                return await client.get(route.of(parts))
            return await client.post(route.of(parts), data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    async def did(self, path: str, body: Mapping[str, Any]) -> Any:
        """What the API says to the marketplace."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://relay.test") as client:
            answer = await client.post(f"/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.is_success, answer.text
        return answer.json()

    async def lay_out(self) -> None:
        rival = {**PARTNER, "id": "p2", "name": "Rival Boats", "addresses": [RIVAL], "staff": []}
        price = {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": 4500, "currency": "EUR"}, "people": 1}
        variant = {"id": "v-other", "title": {"en": "Other"}, "switches": {"mode": "on_request"}, "prices": [price]}
        for path, body in (
            ("partners", PARTNER),
            ("partners", rival),
            ("offers", OFFER),
            ("offers", {**OFFER, "id": "o2", "partner": "p2", "variants": [variant]}),
            ("offers/o1/variants/v-on_request/slots", {"slots": [{"id": "t1", "occasion": AT, "capacity": 3}]}),
            ("offers/o2/variants/v-other/slots", {"slots": [{"id": "t2", "occasion": AT, "capacity": 3}]}),
        ):
            await self.did(path, body)
        for whose, offer, chosen, slot, address in (
            ("ours", "o1", "v-on_request", "t1", ZOFIA),
            ("theirs", "o2", "v-other", "t2", TOM),
        ):
            wish = {
                "offer": offer,
                "variant": chosen,
                "customer": {"name": NAMES[address], "address": address, "language": "en"},
                "choices": [{"price": "adult", "quantity": 1}],
                "participants": 1,
                "slot": slot,
            }
            self.bookings[whose] = (await self.did("bookings", wish))["reference"]

        def signed_in(connection: Connection) -> None:
            doors, now = Doors(NewIds(), secret), clock()
            for office, address in OF_OFFICE.items():
                whose = RealAddress(address)
                account = accounts.Account(office.value, office.value, whose, frozenset({office.value}), Language.EN, now)
                accounts.add(connection, account)
            for address in (TEAM, GIULIA, RIVAL, ZOFIA, TOM, *OF_OFFICE.values()):
                self.secrets[address] = doors.begin(connection, RealAddress(address), now=now)

        await self.gateway.store.write(signed_in)


def pages(routes: Any) -> Iterator[PageRoute]:
    """The pages among `routes`, also of routers that are included: FastAPI resolves those late."""
    for one in routes:
        included = getattr(one, "original_router", None)
        if included is not None:
            yield from pages(included.routes)
        elif isinstance(one, PageRoute):
            yield one


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One for all: whoever may not act changes nothing, and here nobody acts who may."""
    tmp_path = tmp_path_factory.mktemp("permissions")
    shutil.copy(migrated, tmp_path / "relay.db")
    settings = Settings.model_validate(
        {
            "relay": {"state_dir": tmp_path, "domain": "reply.example.com", "support_url": "https://help.example.net/"},
            "dkim": {"key_file": tmp_path / "dkim.pem"},
            "database": {"url": f"sqlite:///{tmp_path}/relay.db"},
            "authentication": {"mode": "off"},
            "antivirus": {"mode": "off"},
            "outbound": {"route": "smarthost:127.0.0.1:9"},
        }
    )
    gateway = built(settings, "test")
    app = web_server(gateway).config.app
    assert isinstance(app, FastAPI)

    def allowed(connection: Connection) -> str:
        scopes = [one.value for one in Scope]
        return tokens.create(connection, "t", scopes, now=clock(), new_id=NewIds(), random=lambda octets: b"k" * octets)[1]

    try:
        scene = Scene(gateway, app, await gateway.store.write(allowed))
        await scene.lay_out()
        yield scene
    finally:
        await gateway.core.providers.close()
        await gateway.store.close()


async def test_each_page_says_whose_it_is(scene: Scene) -> None:
    assert len(scene.routes) > 30
    assert [str(one) for one in scene.routes if one.area is None] == [], "say in AREAS whose these pages are"
    of_house = [one for one in scene.routes if one.area is Area.HOUSE]
    assert [str(one) for one in of_house if one.offices is None] == [], "say in HOUSE which offices open these pages"
    owned = [one for one in scene.routes if one.area in {Area.PARTNER, Area.CUSTOMER}]
    parts = {part for one in owned for part in one.parts}
    assert parts <= {*OURS, *ANY}, "give an example of these in OURS and THEIRS, unless they are below one of those"


async def test_the_page_about_pages_names_each_address_and_no_other(scene: Scene) -> None:
    """docs/pages.md. What is only sent by a form need not stand there; the demonstration's are its own."""
    said = set(ADDRESS.findall((ROOT / "docs" / "pages.md").read_text(encoding="utf-8")))
    there = {(one.method, re.sub(r"_?(?::\w+)?\}", "}", one.path)) for one in scene.routes}
    assert {one for one in said if not one.startswith("/demo/")} - {path for _, path in there} == OIDC
    assert {path for method, path in there if method == "GET"} - said == set()


async def test_whoever_has_not_signed_in_is_led_there(scene: Scene) -> None:
    wrong = []
    for route in scene.routes:
        if route.area is Area.PUBLIC:
            continue
        answer = await scene.asked(route, "", scene.parts(OURS))
        if answer.status_code != HTTPStatus.SEE_OTHER or not answer.headers["location"].startswith("/sign-in"):
            wrong.append((str(route), answer.status_code))
    assert wrong == []


async def not_there(scene: Scene, area: Area, who: tuple[str, ...], parts: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Where somebody of `who` gets anything but 404 in that area."""
    wrong = []
    for route in scene.routes:
        if route.area is area and (area is not Area.CUSTOMER or "reference" in route.parts):
            for address in who:
                answer = await scene.asked(route, address, parts)
                if answer.status_code != HTTPStatus.NOT_FOUND:
                    wrong.append((str(route), address, answer.status_code))
    return wrong


async def test_nobody_but_the_partner_sees_the_partners_pages(scene: Scene) -> None:
    others = (RIVAL, ZOFIA, TOM, *OF_OFFICE.values())
    assert await not_there(scene, Area.PARTNER, others, scene.parts(OURS)) == []


async def test_a_partner_does_not_see_what_is_another_partners(scene: Scene) -> None:
    """Nor does one of the staff who sees what is theirs alone see what is the team's (OR-3)."""
    of_others = {**scene.parts(THEIRS), "partner": "p1"}
    wrong = []
    for route in scene.routes:
        foreign = set(route.parts) & {*THEIRS} - {"partner"}
        if route.area is Area.PARTNER and foreign:
            answer = await scene.asked(route, TEAM, of_others)
            if answer.status_code != HTTPStatus.NOT_FOUND:
                wrong.append((str(route), TEAM, answer.status_code))
        if route.area is Area.PARTNER and "reference" in route.parts:
            answer = await scene.asked(route, GIULIA, scene.parts(OURS))
            if answer.status_code != HTTPStatus.NOT_FOUND:
                wrong.append((str(route), GIULIA, answer.status_code))
    assert wrong == []


async def test_a_customer_sees_their_own_bookings_alone(scene: Scene) -> None:
    others = (TOM, TEAM, GIULIA, RIVAL, *OF_OFFICE.values())
    assert await not_there(scene, Area.CUSTOMER, others, scene.parts(OURS)) == []


async def test_an_office_opens_its_own_pages_alone(scene: Scene) -> None:
    wrong = []
    for route in (one for one in scene.routes if one.area is Area.HOUSE):
        opened = {OF_OFFICE[office] for office in route.offices or ()}
        for address in (TEAM, ZOFIA, *OF_OFFICE.values()):
            if address not in opened:
                answer = await scene.asked(route, address, scene.parts(OURS))
                if answer.status_code != HTTPStatus.NOT_FOUND:
                    wrong.append((str(route), address, answer.status_code))
    assert wrong == []


def visits(scene: Scene) -> Iterator[tuple[Route, str]]:
    """The pages that are somebody's own."""
    for route in scene.routes:
        if route.method != "GET" or set(route.parts) - set(OURS) or route.path.startswith(("/sign-in", "/sign-out")):
            continue
        if route.area in {Area.PARTNER, Area.PUBLIC}:
            yield route, TEAM
        if route.area in {Area.CUSTOMER, Area.PUBLIC}:
            yield route, ZOFIA
        if route.area is Area.HOUSE:
            for office in route.offices or ():
                yield route, OF_OFFICE[office]


NOT_YET: Final = ("/voucher", "/again", "/cancel", "/terms")
"""What a booking has only when it has come further, or cannot have any more."""


async def test_everybody_sees_what_is_theirs(scene: Scene) -> None:
    """Otherwise the 404 of all others would say nothing."""
    wrong, seen = [], 0
    for route, address in visits(scene):
        answer = await scene.asked(route, address, scene.parts(OURS))
        seen += answer.status_code == HTTPStatus.OK
        expected = {HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT}
        later = any(word in route.path for word in NOT_YET)
        if answer.status_code not in (expected | {HTTPStatus.NOT_FOUND} if later else expected):
            wrong.append((str(route), address, answer.status_code))
    assert wrong == []
    assert seen > 5


async def test_no_page_shows_anybody_who_the_other_side_is(scene: Scene) -> None:
    """Invariant 1: what is theirs may be shown to them; to the house, nobody's."""
    own = {TEAM: {TEAM, GIULIA}, ZOFIA: {ZOFIA, "Kowalska"}}
    wrong = []
    for route, address in visits(scene):
        text = (await scene.asked(route, address, scene.parts(OURS))).text
        wrong += [(str(route), address, one) for one in HIDDEN if one in text and one not in own.get(address, set())]
    assert wrong == []
