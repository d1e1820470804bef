"""When something is, as mails tell it: by name, with the zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from relay.booking.terms import Occasion
from relay.correspondence.notifications.times import beginning, duration, ending, instant, is_told_in, length, waited
from relay.values import Language

EN = Language.EN
ROME = ZoneInfo("Europe/Rome")


def occasion(starts: str, ends: str, zone: str = "Europe/Rome") -> Occasion:
    there = ZoneInfo(zone)
    return Occasion(*(datetime.fromisoformat(one).replace(tzinfo=there) for one in (starts, ends)), there)


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-06-21T16:00Z", "Europe/Rome", "Sunday, 21 June 2026, 18:00 (Europe/Rome, UTC+2)"),
        ("2026-12-31T23:30Z", "Europe/Rome", "Friday, 1 January 2027, 00:30 (Europe/Rome, UTC+1)"),
        ("2026-06-21T16:00Z", "America/New_York", "Sunday, 21 June 2026, 12:00 (America/New_York, UTC−4)"),
        ("2026-06-21T16:00Z", "Asia/Kolkata", "Sunday, 21 June 2026, 21:30 (Asia/Kolkata, UTC+5:30)"),
        ("2026-06-21T16:00Z", "America/St_Johns", "Sunday, 21 June 2026, 13:30 (America/St_Johns, UTC−2:30)"),
        ("2026-01-21T16:00Z", "Europe/London", "Wednesday, 21 January 2026, 16:00 (Europe/London, UTC)"),
        ("2026-06-21T16:00Z", "UTC", "Sunday, 21 June 2026, 16:00 (UTC)"),
    ],
)
def test_an_instant_names_its_day_and_its_zone(at: str, zone: str, expected: str) -> None:
    assert instant(datetime.fromisoformat(at), ZoneInfo(zone), EN) == expected


@pytest.mark.parametrize(
    ("starts", "ends", "begins", "to", "takes"),
    [
        ("2026-06-21T18:00", "2026-06-21T20:30", "Sunday, 21 June 2026, 18:00–20:30", "", "2 hours 30 minutes"),
        ("2026-06-21T23:00", "2026-06-22T01:00", "Sunday, 21 June 2026, 23:00–01:00", "", "2 hours"),
        ("2026-06-21T10:00", "2026-06-23T16:00", "Sunday, 21 June 2026, 10:00", "Tuesday, 23 June 2026, 16:00", "3 days"),
        ("2026-06-21T10:00", "2026-06-22T10:00", "Sunday, 21 June 2026, 10:00", "Monday, 22 June 2026, 10:00", "2 days"),
        ("2026-06-21T00:00", "2026-06-22T00:00", "Sunday, 21 June 2026, 00:00–00:00", "", "1 day"),
    ],
)
def test_what_lasts_several_days_has_an_end_of_its_own(starts: str, ends: str, begins: str, to: str, takes: str) -> None:
    """SL-8"""
    one = occasion(starts, ends)
    assert beginning(one, ROME, EN) == f"{begins} (Europe/Rome, UTC+2)"
    assert ending(one, ROME, EN) == (f"{to} (Europe/Rome, UTC+2)" if to else "")
    assert duration(one, EN) == takes


@pytest.mark.parametrize(
    ("of", "language", "expected"),
    [
        (timedelta(minutes=45), Language.EN, "45 minutes"),
        (timedelta(hours=1), Language.EN, "1 hour"),
        (timedelta(days=1, hours=2), Language.DE, "1 Tag 2 Stunden"),
        (timedelta(hours=3, minutes=22), Language.PL, "3 godziny 22 minuty"),
        (timedelta(hours=5, minutes=1), Language.PL, "5 godzin 1 minuta"),
        (timedelta(), Language.FR, "0 minute"),
    ],
)
def test_a_length_of_time_counts_as_the_language_does(of: timedelta, language: Language, expected: str) -> None:
    assert length(of, language) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=5), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=2, minutes=30), "2 hours"),
        (timedelta(days=1, hours=23), "1 day"),
        (timedelta(hours=-1), "1 minute"),
    ],
)
def test_how_long_somebody_waits_is_told_in_the_largest_unit(age: timedelta, expected: str) -> None:
    """SL-11"""
    since = datetime(2026, 6, 1, tzinfo=UTC)
    assert waited(since, since + age, EN) == expected


def test_a_zone_with_the_same_clocks_is_not_told_twice() -> None:
    one = occasion("2026-06-21T18:00", "2026-06-21T20:30")
    assert not is_told_in(None, one)
    assert not is_told_in(ZoneInfo("Europe/Berlin"), one)
    assert is_told_in(ZoneInfo("Europe/London"), one)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-10-25T00:30Z", "2026-10-25T01:10Z", "25 October 2026, 02:30 (Europe/Rome, UTC+2) – 02:10 (UTC+1)"),
        ("2026-03-29T00:30Z", "2026-03-29T01:30Z", "29 March 2026, 01:30 (Europe/Rome, UTC+1) – 03:30 (UTC+2)"),
    ],
)
def test_where_the_clocks_turn_in_between_both_offsets_are_told(starts: str, ends: str, expected: str) -> None:
    one = Occasion(datetime.fromisoformat(starts), datetime.fromisoformat(ends), ROME)
    assert beginning(one, ROME, EN) == f"Sunday, {expected}"
