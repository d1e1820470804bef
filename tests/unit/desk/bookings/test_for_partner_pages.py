"""What the calendar and the list of offers ask for, over a real database: OR-26, OR-9, SL-8, ST-4."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.booking_house import AT, MODES, OFFER, PRICE, opened, stocked

from relay.booking.offer import Mode
from relay.booking.selection import Filter, Order
from relay.errors import NotFound
from relay.web.booking_ports import Bookings
from relay.web.catalogue_ports import Catalogue

STARTS = datetime(2099, 6, 10, 7, tzinfo=UTC)
WEEK = (datetime(2099, 6, 15, tzinfo=UTC), datetime(2099, 6, 8, tzinfo=UTC))
"""Its end and its beginning."""


@pytest.fixture
async def house(migrated: Path, tmp_path: Path) -> AsyncIterator[tuple[Catalogue, Bookings]]:
    web, store = opened(migrated, tmp_path)
    async with web.client() as client:
        await stocked(client)
        customer = {"name": "Zofia Kowalska", "address": "zofia@poczta.example", "language": "pl"}
        trek = {"id": "v-trek", "title": {"en": "Trek"}, "switches": {"mode": "on_request"}, "prices": [PRICE]}
        offer = {**OFFER, "id": "o2", "kind": "several_days", "variants": [trek]}
        slots = {"slots": [{"id": "t-trek", "occasion": {**AT, "ends_at": "2099-06-20T10:00:00Z"}, "capacity": 5}]}
        body = {"offer": "o2", "variant": "v-trek", "slot": "t-trek", "customer": customer, "choices": [{"price": "adult"}]}
        for path, sent in (("offers", offer), ("offers/o2/variants/v-trek/slots", slots), ("bookings", body)):
            answer = await client.post(f"/api/v1/{path}", json=sent)
            assert answer.status_code == 201, answer.text
    assert web.booking is not None
    yield web.booking.catalogue, web.booking.bookings
    await store.close()


async def test_a_week_has_the_slots_that_lie_in_it_at_least_in_part(house: tuple[Catalogue, Bookings]) -> None:
    catalogue, _bookings = house
    found = await catalogue.slots_of("p1", *WEEK, 100)
    assert {one.stock.slot.id for one in found} == {"t-trek", *(f"t-{mode}" for mode in MODES)}
    assert {one.variant.id for one in found} == {"v-trek", *(f"v-{mode}" for mode in MODES)}
    assert {one.offer.id for one in found} == {"o1", "o2"}
    later = await catalogue.slots_of("p1", WEEK[0] + timedelta(days=7), WEEK[0], 100)
    assert [one.stock.slot.id for one in later] == ["t-trek"]
    assert await catalogue.slots_of("p1", STARTS, STARTS - timedelta(days=7), 100) == []
    assert await catalogue.slots_of("nobody", *WEEK, 100) == []
    assert len(await catalogue.slots_of("p1", *WEEK, 2)) == 2


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        (STARTS + timedelta(days=40), STARTS - timedelta(days=40), 1),
        (STARTS + timedelta(days=7), STARTS + timedelta(days=3), 1),  # under way
        (STARTS, STARTS - timedelta(days=7), 0),
        (STARTS + timedelta(days=40), STARTS + timedelta(days=10, hours=3), 0),  # it is over just then
    ],
)
async def test_a_week_has_the_bookings_that_lie_in_it_at_least_in_part(
    house: tuple[Catalogue, Bookings], before: datetime, after: datetime, number: int
) -> None:
    """SL-8: whatever takes several days is there on each of them."""
    _catalogue, bookings = house
    wanted = Filter(partner="p1", starts_before=before, ends_after=after)
    assert len((await bookings.page(wanted, Order.START, 10, None)).items) == number


async def test_offers_are_listed_with_their_variants_and_the_rules_of_each(house: tuple[Catalogue, Bookings]) -> None:
    """OR-9, OR-10"""
    catalogue, _bookings = house
    one, trek = await catalogue.offered("p1", 10, None)
    assert (one.offer.id, [listing.variant.id for listing in trek.listings]) == ("o1", ["v-trek"])
    assert {listing.rules.mode for listing in one.listings} == set(Mode)
    assert await catalogue.offered("p1", 10, "o1") == [trek]
    with pytest.raises(NotFound):
        await catalogue.offered("nobody", 10, None)
    assert catalogue.house.mode in Mode
