"""The pages of search, cases and the access audit, with everything in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI

from relay.correspondence.house import House
from relay.errors import NotDone
from relay.values import Role
from relay.web import pages
from relay.web.ports import FoundShare
from relay.web.site.layout import Site
from relay.web.site.support.assembly import routers
from relay.web.site.support.search_ports import Asker, Chip, Counted, Facet, Findings, Found, Kept, Piece, Tally
from relay.web.site.viewer import Office
from support.casework import FakeAudit, FakeCases
from support.site import Browser, FakeVisitors, of_the_house
from support.world import DOMAIN, NOW

REFERENCE = "GYG4K7Q2X9ABC"


def a_hit(number: int = 7, reference: str = REFERENCE, writer: Role = Role.CUSTOMER, fate: str = "passed") -> Found:
    return Found(
        number=number,
        message=f"m{number}",
        received_at=NOW,
        shares=(FoundShare(reference, writer, fate, None),),
        subject=(Piece("About a "), Piece("refund", hit=True)),
        snippet=(Piece("please <b>"), Piece("refund", hit=True), Piece(" me")),
        files=("voucher.pdf",),
    )


@dataclass
class FakeFinder:
    """relay.web.site.support.search_ports.Finder in memory: it finds `hits` whatever is asked, and knows no operator "bad:"."""

    hits: tuple[Found, ...] = ()
    meant: tuple[str, ...] = ()
    next: int | None = None
    searches: dict[str, list[Kept]] = field(default_factory=dict)
    asked: list[tuple[str, Asker, int | None]] = field(default_factory=list)

    def chips(self, query: str, asker: Asker) -> Sequence[Chip]:
        return [Chip(one, " ".join(other for other in query.split() if other != one)) for one in query.split()]

    async def find(self, query: str, asker: Asker, beyond: int | None) -> Findings:
        self.asked.append((query, asker, beyond))
        if "bad:" in query:
            raise NotDone("unknown operator bad: (did you mean by:? To look for these words, put them between quotes)")
        return Findings(self.hits, tuple(self.chips(query, asker)), self.next, self.meant)

    async def tally(self, query: str, asker: Asker) -> Tally:
        party = Facet("party", (Counted("by:customer", 30, f"{query} by:customer"),), is_whole=True)
        month = Facet("month", (Counted("date:2026-06", 30, f"{query} date:2026-06"),), is_whole=False)
        return Tally(30, is_at_least=True, facets=(party, month))

    async def kept(self, account: str) -> Sequence[Kept]:
        return self.searches.get(account, [])

    async def keep(self, account: str, search: Kept) -> None:
        self.searches.setdefault(account, []).append(search)

    async def forget(self, account: str, name: str) -> None:
        self.searches[account] = [one for one in self.searches.get(account, []) if one.name != name]


@dataclass
class SupportSide:
    """The pages with somebody signed in."""

    finder: FakeFinder = field(default_factory=FakeFinder)
    cases: FakeCases = field(default_factory=lambda: FakeCases({REFERENCE}))
    audit: FakeAudit = field(default_factory=FakeAudit)
    visitors: FakeVisitors = field(default_factory=FakeVisitors)

    def browser(self, *offices: Office, id_: str = "eva") -> Browser:
        app = FastAPI()
        house = House("Example Travel", DOMAIN, "https://example.com/support")
        app.include_router(pages.router())
        for routes in routers(Site(house, self.visitors, lambda: NOW), self.finder, self.cases, self.audit):
            app.include_router(routes)
        return Browser(app, self.visitors.signed_in(of_the_house(*offices, id_=id_)))
