"""Spans of time in years, months and days: what the search index knows of when an activity is (AR-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from relay.store.days import covering, named


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        ("2026-05-14", "2026-05-15", ("2026-05-14",)),
        ("2026-05-01", "2026-06-01", ("2026-05",)),
        ("2026-01-01", "2028-01-01", ("2026", "2027")),
        ("2025-11-29", "2027-02-02", ("2025-11-29", "2025-11-30", "2025-12", "2026", "2027-01", "2027-02-01")),
        ("2026-02-27", "2026-03-01", ("2026-02-27", "2026-02-28")),
        ("2026-05-14", "2026-05-14", ()),
    ],
)
def test_a_span_is_made_up_of_the_fewest_years_months_and_days(after: str, before: str, expected: tuple[str, ...]) -> None:
    assert covering(at(after), at(before)) == expected


def test_what_begins_within_a_day_is_made_up_of_none() -> None:
    assert covering(at("2026-05-14T01:00"), at("2026-05-16")) is None
    assert covering(at("2026-05-14"), at("2026-05-16T01:00")) is None


def test_where_calendars_end_is_no_whole_year() -> None:
    assert covering(at("9998-01-01"), at("9999-12-31")) is None
    assert covering(at("9997-01-01"), at("9998-12-31"))[0] == "9997"  # type: ignore[index]


def test_an_instant_is_named_by_its_day_in_utc() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert named(late) == ("2027", "2027-01", "2027-01-01")
