"""The pages of a partner over fakes: whoever looks, and what their bookings, catalogue and conversations are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser

from relay.booking.booking import Booking
from relay.booking.partner import Partner
from relay.conversation import Opening
from relay.correspondence.house import House
from relay.errors import NotFound
from relay.transit.crossing import Fate
from relay.values import Language, RealAddress, Role
from relay.web.site.assembly import SitePorts, routers
from relay.web.site.thread_ports import (
    DownloadedFile,
    LatestMessage,
    LatestMessages,
    Reached,
    Thread,
    ThreadEntry,
    ThreadFile,
)
from support.booking_web import FakeBookings, FakeCatalogue
from support.bookings import NOW
from support.catalogue import GARDA
from support.party_web import FakeParties
from support.site import Browser, FakeVisitors, a_partner
from support.web import FakeArchive, FakeConversations, FakeQueue
from support.world import CUSTOMER_ADDRESS, DOMAIN, PARTNER_ADDRESS

HELP = "https://example.com/guide"


@dataclass
class FakeThreads:
    """relay.web.site.thread_ports.Threads in memory."""

    kept: dict[str, list[ThreadEntry]] = field(default_factory=dict)
    files: dict[tuple[str, str, int], DownloadedFile] = field(default_factory=dict)
    pages: dict[tuple[str, str], bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def thread(self, reference: str, role: Role, limit: int = 20, before: str | None = None) -> Thread:
        every = [one for one in self.kept.get(reference, []) if before is None or one.message < before]
        newest = sorted(every, key=lambda one: one.message, reverse=True)
        return Thread(tuple(newest[:limit]), newest[limit - 1].message if len(newest) > limit else None)

    async def file(self, reference: str, role: Role, message: str, number: int) -> DownloadedFile:
        if (reference, message, number) not in self.files:
            raise NotFound("no such file")
        return self.files[reference, message, number]

    async def page(self, reference: str, role: Role, message: str) -> bytes:
        if (reference, message) not in self.pages:
            raise NotFound("no such message")
        return self.pages[reference, message]

    async def latest(
        self, partner: str, assignee: str | None = None, *, waits: bool = False, limit: int = 50, after: str | None = None
    ) -> LatestMessages:
        self.asked.append((partner, assignee))
        last = [(reference, max(entries, key=lambda one: one.message)) for reference, entries in self.kept.items()]
        items = [
            LatestMessage(reference, one.message, one.at, Role.PARTNER if one.is_mine else Role.CUSTOMER, not one.is_mine)
            for reference, one in sorted(last, key=lambda pair: pair[1].message, reverse=True)
            if not (waits and one.is_mine)
        ]
        return LatestMessages(items[:limit], None)


def an_entry(number: int, text: str, *, is_mine: bool = False, **more: object) -> ThreadEntry:
    plain = ThreadEntry(
        message=f"m{number:03d}",
        at=NOW + timedelta(minutes=number),
        is_mine=is_mine,
        fate=Fate.PASSED,
        reason=None,
        reached=Reached.DELIVERED,
        is_automatic=False,
        is_known=True,
        subject="About the boat",
        text=text,
        whole="",
        files=(),
        has_page=False,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # fields of an entry


A_FILE = ThreadFile(0, "plan.pdf", 1_200, can_be_had=True)


@dataclass
class FakeTeams:
    """relay.web.site.partner.team_ports.Teams over the catalogue in memory; mail is sent to nobody."""

    catalogue: FakeCatalogue

    async def change(self, partner: str, change: Callable[[Partner], Partner], by: str) -> Partner:
        return await self.catalogue.partners.change(partner, change, by)


@dataclass
class PartnerSite:
    """The pages, with Garda Boats' team signed in as `team`, and a member of their staff as `giulia`, who sees her own."""

    now: datetime = NOW
    visitors: FakeVisitors = field(default_factory=FakeVisitors)
    bookings: FakeBookings = field(default_factory=FakeBookings)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    threads: FakeThreads = field(default_factory=FakeThreads)
    conversations: FakeConversations = field(default_factory=FakeConversations)

    def __post_init__(self) -> None:
        self.parties = FakeParties(self.bookings)
        ports = SitePorts(
            house=House("Example Travel", DOMAIN, "https://example.com/support"),
            clock=lambda: self.now,
            visitors=self.visitors,
            conversations=self.conversations,  # type: ignore[arg-type]  # a fake
            archive=FakeArchive(),
            queue=FakeQueue(),
            bookings=self.bookings,
            batches=self.bookings,
            catalogue=self.catalogue,  # type: ignore[arg-type]  # a fake
            parties=self.parties,
            help_url=HELP,
            threads=self.threads,
            teams=FakeTeams(self.catalogue),
        )
        app = FastAPI()
        for routes in routers(ports):
            app.include_router(routes)
        self.app = app
        self.team = self.signed_in()
        self.giulia = self.signed_in(member="s1", sees_team=False)

    def signed_in(
        self, partner: str = GARDA.id, *, member: str | None = None, sees_team: bool = True, language: Language = Language.EN
    ) -> Browser:
        viewer = a_partner(partner, "team@garda.example", member=member, sees_team=sees_team, language=language)
        return Browser(self.app, self.visitors.signed_in(viewer))

    async def conversation_of(self, booking: Booking, *, pending: bool = False) -> None:
        self.conversations.now = self.now
        opening = Opening(
            reference=booking.reference,
            partner_name="Garda Boats",
            partner_addresses=(RealAddress(PARTNER_ADDRESS),),
            customer_name="Zofia Kowalska",
            customer_addresses=(RealAddress(CUSTOMER_ADDRESS),),
            activity_end=self.now + timedelta(days=9),
            pending=pending,
        )
        await self.conversations.open(opening, "test")


def written(text: str, selector: str) -> list[str]:
    """The texts of what `selector` finds on a page, in one line each."""
    return [" ".join(one.text().split()) for one in LexborHTMLParser(text).css(selector)]
