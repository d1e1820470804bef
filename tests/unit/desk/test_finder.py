"""The archive as support searches it: addresses masked, parts as chips, nearly right references suggested (AR-2)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.archive import World
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW

from relay.desk.audit import AuditDesk
from relay.desk.finder import FinderDesk
from relay.errors import NotDone
from relay.store import indexing
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.transit.casework import Looked
from relay.web.site.support.search_ports import Asker, Kept
from relay.web.site.viewer import Account, Office

ASKER = Asker("eva", reveals=False, zone=ZoneInfo("UTC"))
EVA = Account("eva", "Eva", frozenset({Office.SUPPORT}))


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    engine = open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}")
    world = World(engine)
    tour = world.opened()
    for number in range(25):
        body = f"refund {number} to {CUSTOMER_ADDRESS} please"
        world.accepted(world.crossing(tour, body=body, content=body.encode()))
    world.write(indexing.index_some)
    store = Store(engine)
    yield store
    await store.close()


async def test_a_page_has_twenty_and_says_where_the_next_one_begins(store: Store) -> None:
    desk = FinderDesk(store, lambda: NOW, DOMAIN)
    first = await desk.find("refund by:customer", ASKER, None)
    assert len(first.hits) == 20
    assert [one.text for one in first.chips] == ["refund", "by:customer"]
    assert [one.without for one in first.chips] == ["by:customer", "refund"]
    second = await desk.find("refund by:customer", ASKER, first.next)
    assert (len(second.hits), second.next) == (5, None)
    assert not {one.message for one in first.hits} & {one.message for one in second.hits}


async def test_no_address_is_in_what_is_shown(store: Store) -> None:
    found = await FinderDesk(store, lambda: NOW, DOMAIN).find("refund", ASKER, None)
    shown = "".join(piece.text for hit in found.hits for piece in (*hit.subject, *hit.snippet))
    assert "<address>" in shown
    assert CUSTOMER_ADDRESS not in shown
    assert any(piece.hit and piece.text == "refund" for hit in found.hits for piece in hit.snippet)


async def test_a_reference_that_is_nearly_right_is_suggested(store: Store) -> None:
    desk = FinderDesk(store, lambda: NOW, DOMAIN)
    for typed in ("GYG4K7Q2X9ABD", "gyg4k7q2x9abcc", "XYG4K7Q2X9ABC"):
        assert (await desk.find(f"booking:{typed}", ASKER, None)).meant == ("GYG4K7Q2X9ABC",)
    assert (await desk.find("booking:OTHER12345", ASKER, None)).meant == ()


async def test_what_is_counted_leads_to_narrower_searches(store: Store) -> None:
    tally = await FinderDesk(store, lambda: NOW, DOMAIN).tally("refund", ASKER)
    assert (tally.total, tally.is_at_least) == (25, False)
    party = next(one for one in tally.facets if one.name == "party")
    assert [(one.count, one.query) for one in party.counts] == [(25, "refund by:customer")]


async def test_only_who_may_see_addresses_looks_for_one(store: Store) -> None:
    desk = FinderDesk(store, lambda: NOW, DOMAIN)
    with pytest.raises(NotDone, match="office of a senior"):
        await desk.find(f"real:{CUSTOMER_ADDRESS}", ASKER, None)
    senior = Asker("ada", reveals=True, zone=ZoneInfo("UTC"))
    assert (await desk.find(f"real:{CUSTOMER_ADDRESS}", senior, None)).hits


async def test_searches_are_kept_by_account(store: Store) -> None:
    desk = FinderDesk(store, lambda: NOW, DOMAIN)
    await desk.keep("eva", Kept("refunds", "refund*"))
    assert await desk.kept("eva") == [Kept("refunds", "refund*")]
    assert await desk.kept("ada") == []
    await desk.forget("eva", "refunds")
    assert await desk.kept("eva") == []


async def test_no_address_enters_the_trace(store: Store) -> None:
    """It stays for ever, also when its person was erased."""
    desk = AuditDesk(store, lambda: NOW, DOMAIN)
    await desk.note(EVA, Looked.SEARCH, f"real:{CUSTOMER_ADDRESS}")
    await desk.note(EVA, Looked.SEARCH, f"real:{CUSTOMER_ADDRESS}")
    await desk.note(EVA, Looked.REVEAL, "message m1", reason=f"asked by {CUSTOMER_ADDRESS}")
    entries = await desk.page(day=NOW.date())
    assert [(one.what, one.object_, one.reason) for one in entries] == [
        (Looked.REVEAL, "message m1", "asked by <address>"),
        (Looked.SEARCH, "real:<address>", ""),
    ]
    assert await desk.page(account="ada") == ()
