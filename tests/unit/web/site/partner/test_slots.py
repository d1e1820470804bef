"""Slots of a variant on pages, in memory: SL-8, SL-B6, SV-B5, ST-4, invariant 10."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from support.bookings import STARTS, TOUR
from support.catalogue import BOAT, MORNING, SLOT
from support.partner_site import PartnerSite

from relay.booking.catalogue import OfferKind, Stock, VariantId
from relay.booking.terms import SlotId

HERE = "/partner/p1/offers/o1/variants/v1/slots"
ONE = {"first": "2026-06-10", "starts": "09:00", "ends": "11:30", "capacity": "8"}
AT = {"at": STARTS.isoformat()}


@pytest.fixture
def site() -> PartnerSite:
    return PartnerSite()


def added(site: PartnerSite) -> list[Stock]:
    new = [one for one in site.catalogue.stocks.values() if one.slot.id != SLOT.id]
    return sorted(new, key=lambda one: one.slot.occasion.starts_at)


async def test_a_slot_is_shown_with_what_is_taken_of_it(site: PartnerSite) -> None:
    """ST-4"""
    page = (await site.team.get(HERE)).text
    assert "2 of 8 taken" in page
    assert "Sunday, 21 June 2026, 11:00" in page


async def test_one_is_added_in_the_zone_of_the_activity(site: PartnerSite) -> None:
    answer = await site.team.send(HERE, ONE)
    assert answer.headers["location"] == f"{HERE}?told=added"
    [one] = added(site)
    assert one.slot.occasion.starts_at == datetime(2026, 6, 10, 7, tzinfo=UTC)
    assert one.slot.occasion.ends_at == datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
    assert one.slot.capacity == 8


async def test_a_series_falls_on_its_days_of_the_week_whatever_the_clocks_do(site: PartnerSite) -> None:
    """The last Sunday of October is an hour longer: what begins at nine begins at nine."""
    series = {**ONE, "first": "2026-10-21", "until": "2026-10-28", "on_2": "yes", "on_6": "yes"}
    assert (await site.team.send(HERE, series)).status_code == HTTPStatus.SEE_OTHER
    hours = [(one.slot.occasion.starts_at.day, one.slot.occasion.starts_at.hour) for one in added(site)]
    assert hours == [(21, 7), (25, 8), (28, 8)]


async def test_what_ends_before_it_begins_ends_on_the_next_day(site: PartnerSite) -> None:
    await site.team.send(HERE, {**ONE, "starts": "22:00", "ends": "01:00"})
    [one] = added(site)
    assert one.slot.occasion.ends_at - one.slot.occasion.starts_at == timedelta(hours=3)


async def test_what_takes_several_days_ends_on_its_last(site: PartnerSite) -> None:
    """SL-8"""
    site.catalogue.offers.kept["o1"] = replace(BOAT, kind=OfferKind.SEVERAL_DAYS)
    assert 'name="days"' in (await site.team.get(HERE)).text
    await site.team.send(HERE, {**ONE, "days": "3"})
    [one] = added(site)
    assert one.slot.occasion.ends_at == datetime(2026, 6, 12, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first": ""}, "This is no date."),
        ({"first": "10 June"}, "This is no date."),
        ({"first": "9999-12-31"}, "This is no date."),
        ({"starts": "nine"}, "A time is needed"),
        ({"capacity": "-1"}, "A number of places is needed."),
        ({"capacity": "99999999"}, "A number of places is needed."),
        ({"first": "2026-05-31"}, "It lies in the past."),
        ({"until": "2027-06-10"}, "A series has at most 100 slots."),
        ({"until": "2026-06-10", "on_0": "yes"}, "No such day lies between"),
        ({"until": "2026-06-09"}, "No such day lies between"),
    ],
)
async def test_what_cannot_be_meant_is_named_and_nothing_is_added(site: PartnerSite, changes: dict[str, str], says: str) -> None:
    answer = await site.team.send(HERE, {**ONE, **changes})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert says in answer.text
    assert added(site) == []


async def test_the_number_of_places_changes_and_never_below_what_is_taken(site: PartnerSite) -> None:
    """Invariant 10"""
    answer = await site.team.send(f"{HERE}/t1", {**AT, "capacity": "12"})
    assert answer.headers["location"] == f"{HERE}?told=capacity#slot-t1"
    assert site.catalogue.stocks["t1"].slot.capacity == 12
    less = await site.team.send(f"{HERE}/t1", {**AT, "capacity": "1"})
    assert less.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "more are taken already" in less.text
    assert site.catalogue.stocks["t1"].slot.capacity == 12


async def test_a_slot_is_closed_and_opened_by_hand(site: PartnerSite) -> None:
    """SL-B6"""
    await site.team.send(f"{HERE}/t1", {**AT, "closed": "yes"})
    assert site.catalogue.stocks["t1"].slot.is_closed
    assert "Closed" in (await site.team.get(HERE)).text
    await site.team.send(f"{HERE}/t1", {**AT, "closed": "no"})
    assert not site.catalogue.stocks["t1"].slot.is_closed


async def test_a_slot_of_somebody_else_is_not_changed_by_whatever_address(site: PartnerSite) -> None:
    site.catalogue.variants.kept["v9"] = replace(MORNING, id=VariantId("v9"))
    foreign = replace(SLOT, id=SlotId("t9"), variant=VariantId("v9"), occasion=TOUR)
    site.catalogue.stocks["t9"] = Stock(foreign, 0)
    for fields in (AT, {}, {"at": "x"}, {"at": "2026-06-21T09:00:00"}):
        answer = await site.team.send(f"{HERE}/t9", {**fields, "closed": "yes"})
        assert answer.status_code == HTTPStatus.NOT_FOUND
    assert not site.catalogue.stocks["t9"].slot.is_closed
    assert (await site.giulia.get(HERE)).status_code == HTTPStatus.NOT_FOUND
    assert (await site.giulia.send(f"{HERE}/t1", {**AT, "closed": "yes"})).status_code == HTTPStatus.NOT_FOUND
