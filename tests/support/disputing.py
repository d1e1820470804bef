"""The pages of a dispute over a real database: a house with a conversation, who looks, and what they may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser

from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.desk.anew import Anew
from relay.desk.conversations import ConversationDesk
from relay.desk.disputes import DisputeDesk
from relay.desk.queue import QueueDesk
from relay.machine import NewIds
from relay.store.store import Store
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Carries, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import MsgId, NameShown, Role
from relay.web.bounds import BoundedBody, SecurityHeaders
from relay.web.pages import router as pages
from relay.web.site.assembly import SitePorts, larger_bodies, routers
from relay.web.site.viewer import Office
from support.archive import WINDOW_AFTER, World
from support.booking_web import FakeBookings
from support.casework import FakeAudit, FakeCases
from support.site import Browser, FakeVisitors, of_the_house
from support.web import FakeArchive
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW

HOUSE = House("Example Travel", DOMAIN, "https://example.com/support", NameShown.FIRST)

RAW = (
    f"From: Zofia <{CUSTOMER_ADDRESS}>\r\nTo: local-partner-1@{DOMAIN}\r\nMessage-ID: <mine@poczta.example>\r\n"
    f"Subject: Meeting point\r\n\r\nWhere do we meet? Write to {CUSTOMER_ADDRESS}\r\n"
).encode()
RENDITION = (
    f"From: Zofia <customer-1@{DOMAIN}>\r\nTo: marco@tours.example\r\nMessage-ID: <ours@{DOMAIN}>\r\nSubject: Meeting point\r\n"
    f"DKIM-Signature: v=1; a=rsa-sha256; h=From:To:Subject:Message-ID; d={DOMAIN}; b=abc\r\n"
    "\r\nWhere do we meet? Write to [address]\r\n\r\nOn Monday Marco wrote:\r\n> At the bridge.\r\n"
).encode()


def a_share(
    world: World,
    conversation: Conversation,
    *,
    writer: Role = Role.CUSTOMER,
    fate: Fate = Fate.PASSED,
    raw: bytes = RAW,
    rendition: bytes = RENDITION,
    reason: str | None = None,
    at: datetime = NOW,
) -> Crossing:
    """A message to the other party, with those octets as received and as delivered."""
    made = world.crossing(conversation, writer=writer, fate=fate, content=raw, at=at, original_id="mine@poczta.example")
    share = made.passages[0]
    if share.rendition is not None:
        sent = tuple(replace(one, content=rendition) if one.carries is Carries.RENDITION else one for one in share.deliveries)
        kept = replace(share.rendition, content=rendition, message_id=MsgId(f"ours@{DOMAIN}"))
        share = replace(share, rendition=kept, deliveries=sent)
    if reason is not None:
        share = replace(share, reason=reason)
    return replace(made, passages=(share,))


@dataclass
class DisputeHouse:
    """`support`, `senior` and `operator` look. `came` lets a message come; bookings and cases are in memory."""

    store: Store
    bookings: FakeBookings = field(default_factory=FakeBookings)
    audit: FakeAudit = field(default_factory=FakeAudit)
    cases: FakeCases = field(default_factory=FakeCases)
    message_octets_max: int = 300_000

    def __post_init__(self) -> None:
        self.world = World(self.store.engine)
        self.visitors = FakeVisitors()
        self.now = NOW + timedelta(hours=1)
        paths = ReturnPaths(b"k" * 32, DOMAIN)
        self.ports = SitePorts(
            house=HOUSE,
            clock=lambda: self.now,
            visitors=self.visitors,
            conversations=ConversationDesk(self.store, self.world.mint, WINDOW_AFTER, lambda: self.now),
            archive=FakeArchive(),
            queue=QueueDesk(self.store, paths, NewIds(), lambda: self.now, _nothing_anew),
            bookings=self.bookings,
            disputes=DisputeDesk(self.store, DOMAIN, NameShown.FIRST, lambda: self.now),
            audit=self.audit,
            cases=self.cases,
            message_octets_max=self.message_octets_max,
        )
        self.app = FastAPI()
        self.app.include_router(pages())
        for routes in routers(self.ports):
            self.app.include_router(routes)
        self.app.add_middleware(BoundedBody, larger=larger_bodies(self.ports))
        self.app.add_middleware(SecurityHeaders)
        self.support = self.browser(Office.SUPPORT)
        self.senior = self.browser(Office.SUPPORT, Office.SENIOR)
        self.operator = self.browser(Office.OPERATOR)

    def browser(self, *offices: Office) -> Browser:
        return Browser(self.app, self.visitors.signed_in(of_the_house(*offices)))

    def opened(self, reference: str = "GYG4K7Q2X9ABC") -> Conversation:
        return self.world.opened(reference)

    def came(self, conversation: Conversation, **more: object) -> tuple[str, tuple[Delivery, ...]]:
        made = a_share(self.world, conversation, **more)  # type: ignore[arg-type]  # the same names
        return made.envelope.id, self.world.accepted(made, now=made.envelope.received_at)


def fields_of(page: str, action: str = "") -> dict[str, str]:
    """What the form of a page that goes to `action` holds; the last form, where none is named."""
    forms = [one for one in LexborHTMLParser(page).css("main form") if not action or one.attributes.get("action") == action]
    found: dict[str, str] = {}
    for one in forms[-1].css("input, textarea"):
        if one.attributes.get("name"):
            found[str(one.attributes["name"])] = str(one.attributes.get("value") or one.text(strip=True) or "")
    return found


def words_of(page: str) -> str:
    """The words of a page, one space between any two."""
    body = LexborHTMLParser(page).body
    return " ".join((body.text(separator=" ") if body is not None else "").split())


def _nothing_anew() -> Anew:
    raise AssertionError("nothing is decided anew here")


Form = Mapping[str, str]
