"""The HTTP side with fakes: everything that its ports ask for, in memory, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from relay.conversation import Conversation, KnownDomain, Opening, Party, Standing
from relay.errors import Conflict, NotDone, NotFound
from relay.message.removal import Removal
from relay.transit.alarm import Alert
from relay.transit.question import Response
from relay.values import Alias, ConversationId, Language, PartyId, RealAddress, Role, Window
from relay.web.application import BookingPorts, Ports, web_app
from relay.web.batch_ports import Batches
from relay.web.booking_ports import Bookings
from relay.web.catalogue_ports import Catalogue
from relay.web.once import Repeats
from relay.web.ports import (
    EVERYTHING,
    Access,
    Alerts,
    Archive,
    Bearer,
    Check,
    Conversations,
    FoundMessage,
    FoundShare,
    Narrowed,
    Opened,
    OpenQuestion,
    QuestionIs,
    Questions,
    Queue,
    Queued,
    QueuePage,
    ShownAttempt,
    ShownDelivery,
    ShownFinding,
    ShownMessage,
    ShownShare,
)
from relay.web.scopes import Scope
from relay.web.webhook_ports import Webhooks
from support.booking_web import FakeBookingSide
from support.world import DOMAIN, NOW, PARTNER_ALIAS

WINDOW_AFTER = timedelta(days=7)
ALL = frozenset(Scope)


@dataclass
class FakeAccess:
    tokens: dict[str, frozenset[Scope]] = field(default_factory=dict)

    async def bearer(self, secret: str) -> Bearer | None:
        scopes = self.tokens.get(secret)
        return Bearer(f"id-{secret}", "a shop", scopes) if scopes is not None else None


@dataclass
class FakeConversations:
    """relay.web.ports.Conversations in memory."""

    now: datetime = NOW
    kept: dict[str, Conversation] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    by: list[str] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def open(self, opening: Opening, by: str) -> Opened:
        self.by.append(by)
        if opening.reference in self.kept:
            if self.openings[opening.reference] != opening:
                raise Conflict(f"booking {opening.reference} has a conversation already, with other data")
            return Opened(self.kept[opening.reference], new=False)
        number = next(self.numbers)
        conversation = Conversation(
            id=ConversationId(f"{number:026d}"),
            reference=opening.reference,
            partner=_party(number, Role.PARTNER, opening.partner_name, opening.partner_addresses, opening.partner_language),
            customer=_party(number, Role.CUSTOMER, opening.customer_name, opening.customer_addresses, opening.customer_language),
            activity_end=opening.activity_end,
            window=Window(None if opening.pending else self.now, opening.activity_end + WINDOW_AFTER),
        )
        self.kept[opening.reference], self.openings[opening.reference] = conversation, opening
        return Opened(conversation, new=True)

    async def one(self, reference: str) -> Conversation:
        if reference not in self.kept:
            raise NotFound(f"no conversation for booking {reference}")
        return self.kept[reference]

    async def page(self, standing: Standing | None, limit: int, after: ConversationId | None) -> Sequence[Conversation]:
        newest = sorted(self.kept.values(), key=lambda one: one.id, reverse=True)
        wanted = [one for one in newest if standing is None or one.standing(self.now) is standing]
        return [one for one in wanted if after is None or one.id < after][:limit]

    async def confirm(self, reference: str, by: str) -> Conversation:
        before = await self._not_closed(reference)
        if before.window.opens_at is not None:
            raise Conflict("it is confirmed already")
        return self._keep(replace(before, window=Window(self.now, before.window.closes_at)), by)

    async def close(self, reference: str, by: str) -> Conversation:
        return self._keep(replace(await self._not_closed(reference), closed_at=self.now), by)

    async def extend(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        before = await self._not_closed(reference)
        if closes_at <= max(self.now, before.window.closes_at):
            raise Conflict("the new end must be later")
        return self._keep(replace(before, window=replace(before.window, closes_at=closes_at)), by)

    async def move(self, reference: str, activity_end: datetime, by: str) -> Conversation:
        window = replace((before := await self.one(reference)).window, closes_at=activity_end + WINDOW_AFTER)
        return self._keep(replace(before, window=window, activity_end=activity_end), by)

    async def reopen(self, reference: str, closes_at: datetime, by: str) -> Conversation:
        before = await self.one(reference)
        if before.standing(self.now) not in {Standing.CLOSED, Standing.OVER} or closes_at <= self.now:
            raise Conflict("it is neither closed nor over")
        return self._keep(replace(before, window=replace(before.window, closes_at=closes_at), closed_at=None), by)

    async def resume(self, reference: str, role: Role, by: str) -> Conversation:
        raise Conflict(f"mail to the {role.value} of booking {(await self.one(reference)).reference} is not stopped")

    async def add_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        before = await self.one(reference)
        party = before.party(role)
        if before.party(role.other).knows(address):
            raise Conflict("that address is the other party's")
        if party.knows(address):
            return before
        return self._with(before, replace(party, addresses=(*party.addresses, address)), by)

    async def remove_address(self, reference: str, role: Role, address: RealAddress, by: str) -> Conversation:
        before = await self.one(reference)
        party = before.party(role)
        left = tuple(one for one in party.addresses if one.key != address.key)
        if not left or left == party.addresses:
            raise Conflict("it is not known, or the only one")
        return self._with(before, replace(party, addresses=left), by)

    async def add_domain(self, reference: str, role: Role, domain: KnownDomain, by: str) -> Conversation:
        before = await self.one(reference)
        if any(domain.holds(one) for one in before.party(role.other).addresses):
            raise Conflict("the other party has an address there")
        party = before.party(role)
        return self._with(before, replace(party, domains=(*party.domains, domain)), by)

    async def remove_domain(self, reference: str, role: Role, name: str, by: str) -> Conversation:
        before = await self.one(reference)
        party = before.party(role)
        left = tuple(one for one in party.domains if one.name != name)
        if left == party.domains:
            raise Conflict("it is not known")
        return self._with(before, replace(party, domains=left), by)

    def _with(self, before: Conversation, party: Party, by: str) -> Conversation:
        whole = replace(before, partner=party) if party.role is Role.PARTNER else replace(before, customer=party)
        return self._keep(whole, by)

    async def _not_closed(self, reference: str) -> Conversation:
        before = await self.one(reference)
        if before.standing(self.now) is Standing.CLOSED:
            raise Conflict("it is closed")
        return before

    def _keep(self, conversation: Conversation, by: str) -> Conversation:
        self.by.append(by)
        self.kept[conversation.reference] = conversation
        return conversation


@dataclass
class FakeArchive:
    """One message."""

    async def search(self, query: str, limit: int) -> Sequence[FoundMessage]:
        if "bukin:" in query:
            raise NotDone("unknown operator bukin: (did you mean booking:?)")
        share = FoundShare("GYG4K7Q2X9ABC", Role.CUSTOMER, "passed", None)
        found = FoundMessage("m1", NOW, (share,), "Where do we meet?", "Where is the meeting point?", ("map.pdf",))
        return [found][:limit] if "meet" in query else []

    async def message(self, message: str) -> ShownMessage:
        if message != "m1":
            raise NotFound(f"no message {message}")
        attempt = ShownAttempt(NOW, "deferred", "mailbox_full", 452)
        return ShownMessage(
            message="m1",
            received_at=NOW,
            size=512,
            aliases=(PARTNER_ALIAS,),
            shares=(ShownShare(0, Role.CUSTOMER, "passed", None, (), ((Removal("address", "text/plain"), 1),)),),
            deliveries=(ShownDelivery("d1", "rendition", "due", (attempt,)),),
        )


DUE = Queued(
    "d1", "m1", "rendition", "due", NOW, 1, NOW + timedelta(minutes=5), None, "", (), can_be_released=False, last_code=452
)
FOUND = ShownFinding("address", "part 2 file", "base64")
HELD = Queued("m2-0", "m2", "nothing", "held", NOW, 0, None, "leak", "", (FOUND,), can_be_released=True, last_code=None)


@dataclass
class FakeQueue:
    """One delivery; remembers the steps."""

    steps: list[tuple[str, ...]] = field(default_factory=list)
    holds: bool = False
    narrowed: Narrowed = EVERYTHING

    async def page(self, limit: int, after: str | None, narrowed: Narrowed = EVERYTHING) -> QueuePage:
        self.narrowed = narrowed
        shown = [one for one in (HELD, DUE) if not narrowed.state or one.state == narrowed.state] if self.holds else [DUE]
        return QueuePage(tuple(shown) if after is None else (), None)

    async def one(self, id_: str) -> Queued:
        if id_ in {"delivered", "failed", "dropped"}:  # named by what became of it
            return replace(DUE, id=id_, state=id_, next_at=None)
        if id_ != HELD.id:
            raise NotFound(f"no delivery {id_}")
        return HELD

    async def retry(self, id_: str, by: str, *, confirmed: bool = False) -> None:
        self._step("retry", id_, by, *(["confirmed"] if confirmed else []))

    async def hold(self, id_: str, by: str) -> None:
        self._step("hold", id_, by)

    async def release(self, id_: str, by: str, *, without_attachments: bool = False) -> None:
        if id_ != HELD.id:
            raise Conflict(f"delivery {id_} is due; only a held one can be released")
        self.steps.append(("release", id_, by, *(["without attachments"] if without_attachments else [])))

    async def return_(self, id_: str, by: str, because: str = "") -> None:
        if id_ != HELD.id:
            raise Conflict("only a held message can be returned")
        self.steps.append(("return", id_, by, because))

    async def drop(self, id_: str, by: str, because: str) -> None:
        self._step("drop", id_, by, because)

    def _step(self, step: str, id_: str, *more: str) -> None:
        if id_ != "d1":
            raise NotFound(f"no delivery {id_}")
        self.steps.append((step, id_, *more))


class Switch:
    """Stands where a port is, and passes everything on to the fake of the test that runs."""

    to: object = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.to, name)


@cache
def _shared() -> tuple[FastAPI, tuple[Switch, ...]]:
    switches = tuple(Switch() for _ in range(11))
    return web_app(Web()._ports(*switches)), switches  # type: ignore[arg-type]  # as they are


_REGISTRY = CollectorRegistry()


class FakeQuestions:
    """Questions in memory, by their secrets; remembers what was answered."""

    def __init__(self, **asked: OpenQuestion) -> None:
        self.kept = dict(asked)
        self.answers: list[tuple[str, Response, bool]] = []
        self.refuses = False

    async def asked(self, secret: str) -> OpenQuestion:
        if secret not in self.kept:
            raise NotFound("there is no such question")
        return self.kept[secret]

    async def answer(self, secret: str, response: Response, *, stop_asking: bool) -> OpenQuestion:
        question = await self.asked(secret)
        if self.refuses:
            raise Conflict("that address is the other party's")
        if question.is_ is QuestionIs.OPEN:
            self.answers.append((secret, response, stop_asking))
            is_ = QuestionIs.CONFIRMED if response is Response.YES else QuestionIs.DENIED
            self.kept[secret] = replace(question, is_=is_)
        return self.kept[secret]


class FakeAlerts:
    """Alerts in memory."""

    def __init__(self) -> None:
        self.raised: list[Alert] = []

    async def page(self, limit: int, after: int) -> list[Alert]:
        return [one for one in self.raised if one.number > after][:limit]


@dataclass
class Web:
    """The application with its fakes, and a client that speaks to it without a socket."""

    access: FakeAccess = field(default_factory=lambda: FakeAccess({"all": ALL}))
    conversations: FakeConversations = field(default_factory=FakeConversations)
    archive: FakeArchive = field(default_factory=FakeArchive)
    queue: FakeQueue = field(default_factory=FakeQueue)
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    mta_sts: str | None = None
    registry: CollectorRegistry = _REGISTRY
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    questions: FakeQuestions = field(default_factory=lambda: FakeQuestions())
    booking: FakeBookingSide = field(default_factory=FakeBookingSide)

    def app(self) -> FastAPI:
        """The application. Where nothing but the fakes differs it is one for all tests: making it takes longer than asking it."""
        if self.checks or self.warnings or self.mta_sts or self.registry is not _REGISTRY:
            # What differs lies outside of the booking core, which is most of what there is to make.
            return web_app(replace(self._ports(*self._fakes()), booking=None))
        app, switches = _shared()
        for switch, fake in zip(switches, self._fakes(), strict=True):
            switch.to = fake
        return app

    def _fakes(self) -> tuple[Any, ...]:
        """In the order in which `_ports` takes them."""
        core = self.booking
        return (
            *(self.access, self.conversations, self.archive, self.queue, self.alerts, self.questions),
            *(core.bookings, core.batches, core.catalogue, core.webhooks, core.repeats),
        )

    def _ports(
        self,
        access: Access,
        conversations: Conversations,
        archive: Archive,
        queue: Queue,
        alerts: Alerts,
        questions: Questions,
        bookings: Bookings,
        batches: Batches,
        catalogue: Catalogue,
        webhooks: Webhooks,
        repeats: Repeats,
    ) -> Ports:
        numbers = count(1)
        return Ports(
            access=access,
            conversations=conversations,
            archive=archive,
            queue=queue,
            alerts=alerts,
            questions=questions,
            brand="Example Travel",
            support_url="https://example.com/support",
            registry=self.registry,
            clock=lambda: NOW,
            checks=self.checks,
            warnings=lambda: self.warnings,
            mta_sts=self.mta_sts,
            booking=BookingPorts(bookings, batches, catalogue, webhooks, repeats, lambda: f"new{next(numbers)}"),
        )

    def client(self, token: str | None = "all") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        # What the application raises becomes a 500, as it does for real clients.
        transport = httpx.ASGITransport(self.app(), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://relay.test", headers=headers)


def _party(number: int, role: Role, name: str, addresses: tuple[RealAddress, ...], language: Language) -> Party:
    prefix = "local-partner-" if role is Role.PARTNER else "customer-"
    alias = Alias(f"{prefix}{number:012x}", DOMAIN)
    return Party(PartyId(f"{role.value}-{number}"), role, alias, name, language, addresses)
