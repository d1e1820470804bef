"""The pages as people see them: a browser, a house with bookings in every stage, and what a page must never be.

The house runs as its operators run it: a process with SQLite that is spoken to over sockets, with a sink, a process too, for what
it sends. It is laid out over its HTTP API, by mail and by its commands, once for each worker of the tests; a test that changes
something makes a booking of its own for it (`House.asked` and those after it). A test is `async`, runs in the loop of the
session, and is given a `visitor`, once for each width with and without JavaScript.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, Route
from sqlalchemy import Connection, Engine

from relay.desk.sessions import Doors
from relay.machine import NewIds, clock, secret
from relay.store import accounts
from relay.store.engine import open_engine, writing
from relay.values import Language, RealAddress
from support.gateway import Gateway
from support.mails import a_mail, read, with_files
from support.patience import patience_s
from support.reading import body

CHROMIUM: Final = shutil.which("chromium") or ""
NO_CHROMIUM: Final = "there is no chromium here (Debian: apt install chromium, or `make servers`)"
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PICTURES: Final = os.environ.get("RELAY_PICTURES", "")
"""Where pictures of the pages are put while the tests run, if anywhere."""
patience_ms: Final = 10_000
height: Final = 800
days: Final = 20
"""On so many something can be had."""
SCOPES: Final = (
    *("conversations:read", "conversations:write", "archive:read", "queue:read", "queue:write"),
    *("bookings:read", "bookings:write", "bookings:operate", "catalogue:read", "catalogue:write"),
)
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")

# Who there is

TEAM: Final = "team@alpine-tours.example"
MARCO: Final = "marco.bellini@alpine-tours.example"
"""Sees what is the team's too."""
GIULIA: Final = "giulia.rossi@alpine-tours.example"
"""Sees what is hers."""
RIVAL: Final = "office@other-tours.example"
"""Another partner."""
ZOFIA: Final = "zofia.kowalska@poczta.example"
TOM: Final = "tom.baker@mail.example"
EVA: Final = "eva@house.example"
"""Of support, and may see what is not masked."""
OTTO: Final = "otto@house.example"
"""The operator."""
ANNA: Final = "anna@house.example"
"""Looks at who looked at what."""
OFFICES: Final = {EVA: ("support", "senior", "legal"), OTTO: ("operator",), ANNA: ("auditor",)}
PARTNER: Final = "alpine"
OFFER: Final = "tour"

_PARTNERS: Final = (
    {
        "id": PARTNER,
        "name": "Alpine Tours",
        "languages": ["en", "it"],
        "time_zone": "Europe/Rome",
        "addresses": [TEAM],
        "tier": "gold",
        "account": "active",
        "staff": [
            {"id": "marco", "name": "Marco", "address": MARCO, "sees_team": True},
            {"id": "giulia", "name": "Giulia", "address": GIULIA},
        ],
    },
    {"id": "other", "name": "Other Tours", "languages": ["en"], "time_zone": "Europe/Rome", "addresses": [RIVAL]},
)
MODES: Final = ("instant", "on_request", "custom_request", "reserve", "voucher")
_NAMES: Final = {
    "instant": "Morning ride",
    "on_request": "Sunset ride",
    "custom_request": "Your own tour",
    "reserve": "Harvest evening",
    "voucher": "Gift voucher",
}


def _price(minor: int) -> dict[str, object]:
    return {"key": "adult", "title": {"en": "Adult"}, "unit": {"minor": minor, "currency": "EUR"}, "people": 1}


def _variant(mode: str) -> dict[str, object]:
    switches: dict[str, object] = {"mode": mode}
    if mode == "reserve":
        switches |= {"deadline_policy": "flexible", "term": {"days_after": 5, "days_before": 2}}
    return {"id": mode, "title": {"en": _NAMES[mode]}, "switches": switches, "prices": [_price(4_500)]}


_OFFER: Final = {
    "id": OFFER,
    "partner": PARTNER,
    "title": {"en": "Boat tour on the lake"},
    "kind": "one_day",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "place": "Harbour of Riva",
    "variants": [_variant(mode) for mode in MODES if mode != "voucher"],
}
_WITH_ACTION: Final = {
    "id": "safety",
    "partner": PARTNER,
    "title": {"en": "Sailing lesson"},
    "kind": "one_day",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "switches": {"mode": "instant"},
    "required_action": {"kind": "sign", "instruction": {"en": "Sign the safety form that you get by mail."}},
    "how_to_redeem": {"en": "Show the voucher at the harbour."},
    "variants": [{"id": "lesson", "title": {"en": "Two hours"}, "prices": [_price(9_000)]}],
}
_VOUCHER: Final = {
    "id": "gift",
    "partner": PARTNER,
    "title": {"en": "A gift"},
    "kind": "goods",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
    "variants": [_variant("voucher")],
}


class House:
    """One house for all tests of a worker. `bookings`: the references of those that it is laid out with, by what they are."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bookings: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        """Of the confirmed one's parties, by role: to whom the other one writes."""
        self._sink: subprocess.Popen[str] | None = None
        self._gateway: Gateway | None = None
        self._token = ""
        self._database: Engine | None = None
        self._numbers = count(1)
        self._read: set[str] = set()
        self.start = (datetime.now(UTC) + timedelta(days=20)).replace(hour=7, minute=0, second=0, microsecond=0)  # noqa: TID251

    @property
    def gateway(self) -> Gateway:
        assert self._gateway is not None
        return self._gateway

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.web_port}"

    # Its beginning and its end

    def open(self) -> None:
        """Start it and lay it out. Raises AssertionError where it does not start."""
        words = [sys.executable, "-m", "support.sink", "--port", "0", "--save", str(self._kept)]
        path = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._sink = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
        assert self._sink.stdout is not None
        port = int(self._sink.stdout.readline().split()[-1])
        self._gateway = Gateway(self.directory, port)
        self.gateway.start()
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        self._database = open_engine(f"sqlite:///{self.directory}/var/relay.db")
        self._token = self.gateway.json("token", "create", "--name", "tests", *scopes)["token"]
        self._lay_out()

    def close(self) -> None:
        if self._database is not None:
            self._database.dispose()
        if self._gateway is not None and self._gateway.process is not None:
            assert self._gateway.stop() == 0
        if self._sink is not None:
            self._sink.send_signal(signal.SIGTERM)
            self._sink.communicate(timeout=patience_s)

    # What the marketplace does

    def ask(self, method: str, path: str, given: object = None) -> Any:
        """What its API answers to somebody who may do everything."""
        answer = httpx.request(
            method, f"{self.url}/api/v1{path}", json=given, headers={"Authorization": f"Bearer {self._token}"}, timeout=patience_s
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def command(self, *words: str) -> str:
        """What one of its commands prints."""
        return self.gateway.command(*words).stdout

    def begun(self, mode: str, *, customer: str = ZOFIA, offer: str = OFFER, **more: Any) -> str:
        """The reference of a new booking of that variant."""
        wish: dict[str, Any] = {
            "offer": offer,
            "variant": mode,
            "customer": {"name": "Zofia Kowalska" if customer == ZOFIA else "Tom Baker", "address": customer, "language": "en"},
            "choices": [{"price": "adult", "quantity": 2}],
            "participants": 2,
            **more,
        }
        if mode == "custom_request":
            wish["occasion"] = self.occasion(next(self._numbers) % days)
        elif mode != "voucher":
            wish.setdefault("slot", f"{mode}-{next(self._numbers) % days}")
        return str(self.ask("POST", "/bookings", wish)["reference"])

    def occasion(self, days: int = 0) -> dict[str, str]:
        """A morning, so many days after the first one."""
        starts = self.start + timedelta(days=days)
        ends = starts + timedelta(hours=3)
        return {"starts_at": starts.isoformat(), "ends_at": ends.isoformat(), "time_zone": "Europe/Rome"}

    def act(self, reference: str, act: str, actor: str, **more: Any) -> Any:
        return self.ask("POST", f"/bookings/{reference}/acts", {"act": act, "actor": actor, "by": "tests", **more})

    def booking(self, reference: str) -> Any:
        return self.ask("GET", f"/bookings/{reference}")

    def stage(self, reference: str) -> str:
        return str(self.booking(reference)["status"]["stage"])

    def asked(self, **more: Any) -> str:
        """A request that waits for the partner's answer."""
        return self.begun("on_request", **more)

    def asked_for_own(self, **more: Any) -> str:
        """A custom request: the partner may counter."""
        return self.begun("custom_request", note="We would like to see the castle.", **more)

    def countered(self, **more: Any) -> str:
        """A counter-offer that waits for the customer."""
        reference = self.asked_for_own(**more)
        lines = [
            {"text": "Adult", "quantity": 2, "unit": {"minor": 4_500, "currency": "EUR"}, "is_extra": False},
            {"text": "Guide", "quantity": 1, "unit": {"minor": 3_000, "currency": "EUR"}},
        ]
        self.act(reference, "counter", "partner", terms={"lines": lines}, reason="With a guide for the castle.")
        return reference

    def awaiting_payment(self, **more: Any) -> str:
        reference = self.asked(**more)
        self.act(reference, "accept", "partner", terms_version=self.booking(reference)["terms"]["version"])
        return reference

    def paid(self, mode: str = "instant", **more: Any) -> str:
        """A booking that is confirmed."""
        reference = self.begun(mode, **more)
        total = self.booking(reference)["amounts"]["total"]
        amount = {"minor": total["minor"], "currency": total["currency"]}
        self.act(reference, "take_payment", "operator", amount=amount)
        return reference

    def with_action(self, **more: Any) -> str:
        """A confirmed booking for which the customer still has to do something."""
        return self.paid("lesson", offer="safety", **more)

    # People

    def session(self, address: str) -> str:
        """The secret of a new session of whoever reads the mail of `address`, without the mail that would bring them there."""
        doors = Doors(NewIds(), secret)
        with self._connection() as connection:
            return doors.begin(connection, RealAddress(address), now=clock(), agent="Tests")

    def _connection(self) -> AbstractContextManager[Connection]:
        assert self._database is not None
        return writing(self._database)

    # Mail

    def write(self, sender: str, to: str, subject: str, text: str, *files: tuple[str, bytes]) -> None:
        """A mail that somebody writes in their own mail program."""
        name = {TEAM: "Marco Bellini", ZOFIA: "Zofia Kowalska", TOM: "Tom Baker"}.get(sender, "")
        mail = a_mail(
            sender=sender, name=name, to=to, subject=subject, text=text, message_id=f"{time.time_ns()}@{sender.partition('@')[2]}"
        )
        with smtplib.SMTP("127.0.0.1", self.gateway.smtp_port) as server:
            server.sendmail(sender, [to], with_files(mail, *files) if files else mail)

    def mail(self, recipient: str, about: str) -> EmailMessage:
        """The next mail to `recipient` with `about` in its subject that was not asked for yet. Raises AssertionError."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            for envelope in sorted(self._kept.glob("[0-9]*.json")):
                # The message is there before its envelope is.
                if envelope.name not in self._read and recipient in json.loads(envelope.read_text())["recipients"]:
                    message = read(envelope.with_suffix(".eml").read_bytes())
                    assert isinstance(message, EmailMessage)
                    if about in str(message["Subject"]):
                        self._read.add(envelope.name)
                        return message
            time.sleep(0.05)
        raise AssertionError(f"no mail to {recipient} about {about!r}")

    @property
    def _kept(self) -> Path:
        return self.directory / "sent"

    def _lay_out(self) -> None:
        with self._connection() as connection:
            for address, offices in OFFICES.items():
                id_ = address.partition("@")[0]
                whose = RealAddress(address)
                accounts.add(connection, accounts.Account(id_, id_.title(), whose, frozenset(offices), Language.EN, clock()))
        for partner in _PARTNERS:
            self.ask("POST", "/partners", partner)
        for one in (_OFFER, _WITH_ACTION, _VOUCHER):
            self.ask("POST", "/offers", one)
        for offer, variant in ((OFFER, "instant"), (OFFER, "on_request"), (OFFER, "reserve"), ("safety", "lesson")):
            slots = [{"id": f"{variant}-{day}", "occasion": self.occasion(day), "capacity": 50} for day in range(days)]
            self.ask("POST", f"/offers/{offer}/variants/{variant}/slots", {"slots": slots})
        slot = {"slot": "instant-0"}
        self.bookings = {
            "asked": self.asked(),
            "asked by Tom": self.asked(customer=TOM),
            "custom": self.asked_for_own(),
            "countered": self.countered(),
            "awaiting": self.awaiting_payment(),
            "reserved": self.begun("reserve", slot="reserve-1"),
            "confirmed": self.paid(**slot),
            "confirmed of Tom": self.paid(customer=TOM, **slot),
            "with action": self.with_action(),
            "voucher": self.paid("voucher", offer="gift"),
            "declined": self.asked(),
            "withdrawn": self.asked(),
            "cancelled": self.paid(**slot),
        }
        self.act(self.bookings["declined"], "decline", "partner", reason="The boat is in the dock that week.")
        self.act(self.bookings["withdrawn"], "withdraw", "customer", reason="We found another day.")
        self.act(self.bookings["cancelled"], "cancel", "customer", reason="We are ill.")
        self._converse()

    def _converse(self) -> None:
        """Mail in both directions about the confirmed booking, a message that was refused, and one that is held."""
        booking = self.booking(self.bookings["confirmed"])
        to_partner, to_customer = booking["partner"]["alias"], booking["customer"]["alias"]
        self.aliases = {"partner": to_partner, "customer": to_customer}
        self.write(ZOFIA, to_partner, "Meeting point", f"Hello, where do we meet?\nMy mail is {ZOFIA}\n")
        self.mail(TEAM, "Meeting point")
        self.write(TEAM, to_customer, "Re: Meeting point", "At the fountain, at nine.\n", ("map.txt", b"Turn left.\n"))
        self.mail(ZOFIA, "Meeting point")
        self.write(TEAM, to_customer, "Film of the tour", "Have a look.\n", ("film.bin", os.urandom(11 * 1024 * 1024)))
        self.write(TEAM, to_customer, "Measurements", "Here they are.\n", ("sizes.bin", b"\x00\x01" + TEAM.encode() + b"\xff"))


# A look at a page


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at pages. `width` in CSS pixels."""

    width: int
    scripts: bool

    @property
    def name(self) -> str:
        return f"{self.width}{'' if self.scripts else '-no-script'}"


VIEWS: Final = tuple(View(width, scripts=scripts) for width in (360, 1280) for scripts in (True, False))


@dataclass
class Visitor:
    """Somebody with a browser of their own. What goes wrong on the way is in `troubles`, and fails the test in the end."""

    url: str
    view: View
    browser: Browser
    context: BrowserContext
    page: Page
    at: House | None = None
    troubles: list[str] = field(default_factory=list)

    @property
    def house(self) -> House:
        assert self.at is not None
        return self.at

    def watch(self) -> None:
        """From now on, errors of scripts and requests to anybody else are troubles."""
        self.context.set_default_timeout(patience_ms)
        self.page.on("pageerror", lambda error: self.troubles.append(f"a script broke: {error}"))
        self.page.on("console", self._heard)
        self.context.on("request", self._fetched)

    def _heard(self, message: ConsoleMessage) -> None:
        # That a page itself is answered with 4xx is the test's to judge; the console says so in the same words as of a file.
        is_page = message.text.startswith("Failed to load resource") and message.location.get("url") == self.page.url
        if message.type == "error" and not is_page:
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

    def _fetched(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "about:", "blob:")):
            self.troubles.append(f"a request to another host: {request.url}")

    async def signed_in_as(self, address: str) -> None:
        """From now on as whoever reads the mail of `address`."""
        value = await asyncio.to_thread(self.house.session, address)
        await self.context.add_cookies([{"name": "relay-session", "value": value, "url": self.url}])

    async def goes(self, path: str, *, expect: int = 200) -> Response:
        """To a page of the house's."""
        answer = await self.page.goto(path if path.startswith("http") else self.url + path)
        assert answer is not None
        assert answer.status == expect, f"{path}: {answer.status}"
        return answer

    async def presses(self, name: str, *, exact: bool = False, nth: int = 0) -> None:
        """A button, by what stands on it; what it leads to is loaded when this returns."""
        await self.page.get_by_role("button", name=name, exact=exact).nth(nth).click()
        await self.page.wait_for_load_state("load")

    async def follows(self, name: str, *, exact: bool = False, nth: int = 0) -> None:
        """A link, by its text."""
        await self.page.get_by_role("link", name=name, exact=exact).nth(nth).click()
        await self.page.wait_for_load_state("load")

    async def fills(self, label: str, text: str) -> None:
        """A field, by its label."""
        await self.page.get_by_label(label).and_(self.page.locator("input, textarea")).first.fill(text)

    async def sees(self, *texts: str) -> None:
        """Each of these stands on the page."""
        shown = " ".join((await self.page.locator("body").inner_text()).split())
        missing = [text for text in texts if text not in shown]
        assert not missing, f"{missing} not on {self.page.url}: {shown[:1500]}"

    async def does_not_see(self, *texts: str) -> None:
        """None of these stands on the page."""
        shown = " ".join((await self.page.locator("body").inner_text()).split())
        found = [text for text in texts if text in shown]
        assert not found, f"{found} on {self.page.url}: {shown[:1500]}"

    async def sees_none_of(self, *texts: str) -> None:
        """None of these stands anywhere in the page's source."""
        source = await self.page.content()
        found = [text for text in texts if text in source]
        assert found == [], found

    async def looks_right(self, name: str) -> None:
        """The page is usable as it stands: nobody has to scroll sideways, and axe has nothing serious to say, in either theme.

        Pictures of it are taken where they are wanted.
        """
        await self.page.wait_for_load_state("load")
        await self._pictured(name)
        found = await overflows(self.page)
        assert found == [], f"{name} scrolls sideways at {self.view.width} px: {found}"
        found = await seriously_wrong(self.page, scripts=self.view.scripts, browser=self.browser)
        assert found == [], (name, found)
        if self.view.scripts:
            await self.page.emulate_media(color_scheme="dark")
            found = await seriously_wrong(self.page, only=("color-contrast",))
            assert found == [], (name, "dark", found)
            await self.page.emulate_media(color_scheme="light")

    async def _pictured(self, name: str) -> None:
        if not PICTURES:
            return
        for theme in ("dark", "light") if self.view.scripts else ("light",):
            await self.page.emulate_media(color_scheme=theme)
            file = Path(PICTURES) / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{self.view.name}-{theme}.png"
            await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
            await self.page.screenshot(path=file, full_page=True)


@asynccontextmanager
async def visiting(browser: Browser, url: str, view: View, house: House | None = None) -> AsyncIterator[Visitor]:
    """Somebody who has not signed in; what went wrong on their way is an AssertionError in the end."""
    # Without motion: a colour that is on its way to another one is none that anybody reads.
    context = await browser.new_context(
        viewport={"width": view.width, "height": height}, java_script_enabled=view.scripts, reduced_motion="reduce"
    )
    try:
        one = Visitor(url, view, browser, context, await context.new_page(), house)
        one.watch()
        yield one
        assert one.troubles == [], one.troubles
    finally:
        await context.close()


async def overflows(page: Page) -> list[str]:
    """What stands out of the page on the right: the widest elements; empty where nobody has to scroll sideways."""
    found = await page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > room + 1);
          return ["the page", ...out.slice(-5).map((one) => one.outerHTML.slice(0, 120))];
        }"""
    )
    return list(found)


async def seriously_wrong(
    page: Page, *, scripts: bool = True, browser: Browser | None = None, only: Iterable[str] = ()
) -> list[str]:
    """What axe finds serious or critical on `page`, each with where it is.

    axe is a script that waits for timers: where the page has no scripts, its source is laid before axe in another context of
    `browser`, at the same address and width, without our script having run in it.
    """
    options: dict[str, object] = {"resultTypes": ["violations"], "iframes": False}
    if rules := list(only):
        options["runOnly"] = {"type": "rule", "values": rules}
    if scripts:
        return _findings(await Axe().run(page, options=options))
    assert browser is not None
    assert page.viewport_size is not None
    source, address = await page.content(), page.url
    context = await browser.new_context(viewport=page.viewport_size, reduced_motion="reduce")
    try:
        await context.add_cookies([_as_given(one) for one in await page.context.cookies()])
        await context.route("**/*.js", lambda route: route.abort())

        async def as_it_was(route: Route) -> None:
            await route.fulfill(body=source, content_type="text/html; charset=utf-8")

        same = await context.new_page()
        await same.route(address, as_it_was)
        await same.goto(address)
        return _findings(await Axe().run(same, options=options))
    finally:
        await context.close()


def _as_given(cookie: Any) -> Any:
    return {key: cookie[key] for key in ("name", "value", "domain", "path") if key in cookie}


def _findings(results: Any) -> list[str]:
    return [
        f"{one['impact']} {one['id']}: {one['help']} at {node['target']}: {node['html'][:200]}"
        for one in results.response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


def links_of(mail: EmailMessage, within: str = "") -> list[str]:
    """The addresses in the text of a mail, those with `within` in their path, in their order."""
    return [link for link in _LINK.findall(body(mail, "plain")) if within in urlsplit(link).path]
