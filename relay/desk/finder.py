"""The archive as support searches it: addresses masked, hits marked (AR-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from relay.errors import NotDone
from relay.message.concealed import concealed
from relay.store import facets, nearly, saved_searches, search
from relay.store.query import parsed
from relay.store.saved_searches import SavedSearch
from relay.store.search import Hit
from relay.store.store import Store
from relay.store.terms import Asking, Query
from relay.values import Clock
from relay.web.ports import FoundShare
from relay.web.site.support.search_ports import (
    Asker,
    Chip,
    Counted,
    Facet,
    Findings,
    Found,
    Kept,
    Piece,
    Tally,
    hits_shown,
)


@dataclass(frozen=True, slots=True)
class FinderDesk:
    """relay.web.site.support.search_ports.Finder over the store. `domain` is ours: what stands there is an alias."""

    store: Store
    clock: Clock
    domain: str

    def chips(self, query: str, asker: Asker) -> Sequence[Chip]:
        try:
            return _chips(parsed(query, self._asking(asker)))
        except NotDone:
            return ()

    async def find(self, query: str, asker: Asker, beyond: int | None) -> Findings:
        wanted = parsed(query, self._asking(asker))

        def work(connection: Connection) -> tuple[tuple[Hit, ...], tuple[str, ...]]:
            hits = search.search_for(connection, wanted, hits_shown + 1, beyond=beyond, shown_as=self._masked)
            meant = nearly.references(connection, wanted.bookings) if not hits and beyond is None else ()
            return hits, meant

        hits, meant = await self.store.read(work)
        shown = tuple(self._found(hit) for hit in hits[:hits_shown])
        return Findings(shown, _chips(wanted), shown[-1].number if len(hits) > hits_shown else None, meant)

    async def tally(self, query: str, asker: Asker) -> Tally:
        wanted = parsed(query, self._asking(asker))
        counts = await self.store.read(lambda connection: facets.counted(connection, wanted))
        return Tally(
            counts.total,
            counts.is_at_least,
            tuple(
                Facet(
                    one.name,
                    tuple(Counted(kind.term, kind.count, f"{query} {kind.term}", kind.is_at_least) for kind in one.counts),
                    one.is_whole,
                )
                for one in counts.facets
            ),
        )

    async def kept(self, account: str) -> Sequence[Kept]:
        found = await self.store.read(lambda connection: saved_searches.of_account(connection, account))
        return [Kept(one.name, one.query) for one in found]

    async def keep(self, account: str, search: Kept) -> None:
        one, now = SavedSearch(search.name, search.query), self.clock()
        await self.store.write(lambda connection: saved_searches.keep(connection, account, one, now))

    async def forget(self, account: str, name: str) -> None:
        await self.store.write(lambda connection: saved_searches.forget(connection, account, name))

    def _asking(self, asker: Asker) -> Asking:
        return Asking(self.clock(), asker.zone, asker.account, asker.reveals)

    def _masked(self, text: str) -> str:
        return concealed(text, self.domain)

    def _found(self, hit: Hit) -> Found:
        return Found(
            number=hit.number,
            message=hit.message,
            received_at=hit.received_at,
            shares=tuple(FoundShare(one.reference, one.writer, one.fate.value, one.reason) for one in hit.shares),
            subject=tuple(Piece(span.text, span.hit) for span in hit.subject),
            snippet=tuple(Piece(span.text, span.hit) for span in hit.snippet),
            files=tuple(self._masked(name) for name in hit.files),
        )


def _chips(query: Query) -> tuple[Chip, ...]:
    return tuple(Chip(one.text, one.without) for one in query.chips)
