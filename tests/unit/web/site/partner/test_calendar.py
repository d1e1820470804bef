"""The calendar of a partner, in memory: OR-3, OR-26 to OR-33, SL-8, ST-4."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest
from support.bookings import NOW, ROME, STARTS, paid, terms
from support.catalogue import MORNING, SLOT
from support.partner_site import PartnerSite

from relay.booking.booking import Stage
from relay.booking.catalogue import Stock, VariantId
from relay.booking.partner import StaffId
from relay.booking.terms import Occasion
from relay.web.site.partner.week import hue, hues, week_named

S1 = StaffId("s1")
WEEK = "/partner/p1/calendar?week=2026-W25&"
"""The one in which the boat tour is: Sunday, 21 June 2026, eleven o'clock in Rome."""


@pytest.fixture
def site() -> PartnerSite:
    site = PartnerSite()
    site.catalogue.stocks = {}
    return site


async def shown(site: PartnerSite, query: str = "", **more: str) -> str:
    answer = await site.team.get(WEEK + query)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return answer.text


async def test_a_request_is_there_if_both_somebody_and_a_date_were_asked_for(site: PartnerSite) -> None:
    """OR-26, OR-27: all others stand in the list alone, and the page says so."""
    both = site.bookings.put(assignee=S1)
    nobody, undated = site.bookings.put(), site.bookings.put(assignee=S1, terms=terms(occasion=None))
    page = await shown(site)
    assert both.reference in page
    assert nobody.reference not in page
    assert undated.reference not in page
    assert "1 request of this week names nobody of your staff" in page


async def test_a_raised_hand_says_that_it_is_not_booked_yet_whatever_its_colour(site: PartnerSite) -> None:
    """OR-28, OR-29: colour by the service, icon by the stage; it stays until it is booked."""
    for stage in (Stage.REQUESTED, Stage.AWAITING_PAYMENT, Stage.CONFIRMED):
        site.bookings.put(stage, assignee=S1)
    page = await shown(site)
    assert page.count('<svg class="hand"') == 3  # and among the signs that the page explains
    assert 'role="img" aria-label="Request, not booked yet"' in page
    assert 'aria-label="Accepted, not booked before it is paid"' in page
    assert f'class="block hue{hue(MORNING.id)} ' in page


@pytest.mark.parametrize(("entries", "says", "colour"), [((), "Unpaid", "bad"), ((paid(),), "Paid", "good")])
async def test_once_booked_a_dot_says_whether_it_is_paid(
    site: PartnerSite, entries: tuple[object, ...], says: str, colour: str
) -> None:
    """OR-30: it follows the ledger, in a word and not in colour alone."""
    site.bookings.put(Stage.CONFIRMED, *entries)  # type: ignore[arg-type]  # entries of the ledger
    page = await shown(site)
    assert f'<span class="dot {colour}" role="img" aria-label="{says}"' in page


async def test_expired_requests_are_there_by_a_filter_alone_lighter_and_named(site: PartnerSite) -> None:
    """OR-31, OR-32"""
    gone = site.bookings.put(Stage.EXPIRED, assignee=S1)
    assert gone.reference not in await shown(site)
    page = await shown(site, "expired=yes")
    assert gone.reference in page
    assert "<small>Expired</small>" in page
    assert re.search(r'class="block hue\d t\d+ s\d+ faded"', page)
    assert 'name="expired" value="yes" checked' in page


async def test_slots_say_how_many_places_are_taken_and_who_comes(site: PartnerSite) -> None:
    """ST-4: one block for a slot, with all of its bookings in it."""
    site.catalogue.stocks = {SLOT.id: Stock(SLOT, 8)}
    for _ in range(2):
        site.bookings.put(Stage.CONFIRMED)
    page = await shown(site)
    assert page.count('class="block ') == 1
    assert "8 of 8 taken</a>, full" in page or "8 of 8 taken, full" in page
    site.catalogue.stocks = {SLOT.id: Stock(replace(SLOT, is_closed=True), 2)}
    assert "2 of 8 taken, closed" in await shown(site)


async def test_what_lasts_several_days_is_on_each_of_them(site: PartnerSite) -> None:
    """SL-8: whenever it began."""
    trek = Occasion(STARTS - timedelta(days=9), STARTS - timedelta(days=3), ROME)
    site.bookings.put(Stage.CONFIRMED, terms=terms(occasion=trek))
    page = await shown(site)
    assert page.count("/partner/p1/bookings/BOAT1") == 4  # Monday to Thursday
    assert site.bookings.wanted[-1].ends_after == datetime(2026, 6, 14, 22, tzinfo=UTC)


async def test_the_line_of_the_present_stands_between_what_was_and_what_comes(site: PartnerSite) -> None:
    """OR-33: at the half hour and its third without a script, which has the span of the day to move it by."""
    early = Occasion(STARTS - timedelta(hours=2), STARTS - timedelta(hours=1), ROME)
    site.bookings.put(Stage.CONFIRMED, terms=terms(occasion=early))
    site.bookings.put(Stage.CONFIRMED)
    site.now = STARTS - timedelta(minutes=15)  # a quarter to eleven in Rome
    page = await shown(site)
    assert page.index("BOAT1") < page.index('class="now t5 m1"') < page.index("BOAT2")
    assert 'data-from="2026-06-21T08:00:00+02:00" data-until="2026-06-21T18:00:00+02:00"' in page
    assert page.count('data-now="Europe/Rome" ') == 7
    assert page.count("hidden><span>Now") == 6


async def test_somebody_of_the_staff_sees_their_own_and_the_team_chooses_whose(site: PartnerSite) -> None:
    """OR-3"""
    mine, other = site.bookings.put(assignee=S1), site.bookings.put(assignee=StaffId("s2"))
    page = (await site.giulia.get(WEEK)).text
    assert mine.reference in page
    assert other.reference not in page
    assert 'name="staff"' not in page
    assert site.bookings.wanted[-1].staff == "s1"
    assert '<option value="s1" selected>Giulia Rossi</option>' in await shown(site, "staff=s1")
    assert site.bookings.wanted[-1].assignee == "s1"


async def test_weeks_follow_one_another_and_keep_what_was_chosen(site: PartnerSite) -> None:
    page = await shown(site, "staff=s1&expired=yes")
    assert 'rel="prev" href="?week=2026-W24&amp;staff=s1&amp;expired=yes"' in page
    assert 'rel="next" href="?week=2026-W26&amp;staff=s1&amp;expired=yes"' in page
    assert 'href="?week=2026-W23&amp;staff=s1&amp;expired=yes" data-key="t"' in page


@pytest.mark.parametrize("written", ["", "2026-W99", "x", "-W", "99999-W01", "2026-W1-1", "0001-W01", "2026-W٣"])
def test_what_is_no_week_is_the_present_one(written: str) -> None:
    week = week_named(written, ROME, NOW)
    assert week.name in {"2026-W23", "2026-W03"}


def test_a_week_begins_with_its_monday_whatever_the_clocks_do() -> None:
    """The last Sunday of October has 25 hours."""
    week = week_named("2026-W43", ROME, NOW)
    assert week.ends - week.begins == timedelta(days=7)
    assert week.ends.astimezone(UTC) - week.begins.astimezone(UTC) == timedelta(days=7, hours=1)


async def test_times_can_be_shown_in_the_viewers_own_zone(site: PartnerSite) -> None:
    """OR-33: a script offers the one of the device; what is no zone is passed over."""
    site.bookings.put(Stage.CONFIRMED)
    page = await shown(site, "zone=America/New_York")
    assert ">05:00</time>" in page
    assert "Times are those of America/New_York." in page
    for wrong in ("../../etc/passwd", "x" * 200, "Nowhere/Place"):
        assert "Times are those of Europe/Rome." in await shown(site, f"zone={wrong}")


async def test_what_ends_after_midnight_ends_there_on_the_page(site: PartnerSite) -> None:
    late = Occasion(STARTS + timedelta(hours=10), STARTS + timedelta(hours=18), ROME)
    site.bookings.put(Stage.CONFIRMED, terms=terms(occasion=late))
    page = await shown(site)
    assert "t26 s6" in page  # from nine in the evening to midnight, of a day that begins at eight
    assert 'data-until="2026-06-22T00:00:00+02:00"' in page


def test_a_service_has_always_the_same_colour() -> None:
    """OR-29"""
    assert hue("v1") == hue("v1")
    assert {hue(VariantId(f"v{number}")) for number in range(100)} == set(range(1, hues + 1))


async def test_another_partners_calendar_is_not_there(site: PartnerSite) -> None:
    assert (await site.team.get("/partner/p9/calendar")).status_code == HTTPStatus.NOT_FOUND
    assert (await site.team.get("/partner/p1/calendar")).status_code == HTTPStatus.OK
    assert ZoneInfo("Europe/Rome") == ROME
