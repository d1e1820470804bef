"""Durations, rates, sizes: what is read, what is refused, what is written back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.settings import quantities
from relay.values import Rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("1h 30m", timedelta(minutes=90)),
        (" 7 d ", timedelta(days=7)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, expected: timedelta) -> None:
    assert quantities.duration(text) == expected


@pytest.mark.parametrize("given", ["", "7", "d", "-7d", "7.5d", "7 days", "7D", "٧d", 7, None, True, ["7d"], "9" * 400 + "d"])
def test_what_is_no_duration_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no duration; write .*7d") as caught:
        quantities.duration(given)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("10 MiB", 10 * 2**20),
        ("10 MB", 10**7),
        ("10MiB", 10 * 2**20),
        ("1 kB", 1000),
        ("64 KiB", 65536),
        ("1 GiB", 2**30),
        ("5 b", 5),
    ],
)
def test_a_size_tells_binary_from_decimal_units(text: str, octets: int) -> None:
    assert quantities.size(text) == octets


@pytest.mark.parametrize("given", ["", "10", "MiB", "-1 MB", "1.5 MiB", "10 M", "10 iB", "10 TB", 10, None])
def test_what_is_no_size_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no size; write .*10 MiB"):
        quantities.size(given)


@pytest.mark.parametrize(
    ("text", "count", "span", "written"),
    [
        ("60/h", 60, timedelta(hours=1), "60/h"),
        ("20/10m", 20, timedelta(minutes=10), "20/10m"),
        (" 5 / 1 d ", 5, timedelta(days=1), "5/d"),
        ("3/60s", 3, timedelta(minutes=1), "3/m"),
        ("1/2h", 1, timedelta(hours=2), "1/2h"),
    ],
)
def test_a_rate_is_how_many_in_what_time(text: str, count: int, span: timedelta, written: str) -> None:
    assert quantities.rate(text) == Rate(count, span)
    assert quantities.rate_text(quantities.rate(text)) == written


def test_no_rate_is_written_as_off() -> None:
    assert quantities.rate("off") is None
    assert quantities.rate_text(None) == "off"


@pytest.mark.parametrize("given", ["", "60", "60/", "/h", "0/h", "5/0m", "-1/h", "1.5/h", "60/hour", "60/w", "٦/h", 60, ["60/h"]])
def test_what_is_no_rate_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no rate; write .*60/h"):
        quantities.rate(given)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**6 - 1))
def test_what_is_written_is_what_was_meant(octets: int, seconds: int) -> None:
    assert quantities.size(quantities.size_text(octets)) == octets
    assert quantities.duration(quantities.duration_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_the_longest_duration_that_can_be_written_is_still_one() -> None:
    assert quantities.duration("999999w" * 5) > timedelta(days=3_650)


@pytest.mark.parametrize(("text", "days"), [("5-10", (5, 10)), ("3", (3, 3)), (" 5 – 10 ", (5, 10)), ("0-0", (0, 0))])
def test_a_span_of_days_says_from_how_many_to_how_many(text: str, days: tuple[int, int]) -> None:
    """SL-29"""
    assert quantities.day_range(text) == days
    assert quantities.day_range(quantities.day_range_text(days)) == days


@pytest.mark.parametrize("given", ["", "10-5", "a few", "5-", "-5", "5-10 days", 5, None])
def test_what_is_no_span_of_days_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no span of days; write .*5-10"):
        quantities.day_range(given)


@pytest.mark.parametrize(("text", "written"), [("22:00-07:00", "22:00-07:00"), (" 12:30 – 14:00 ", "12:30-14:00"), ("", "")])
def test_quiet_hours_say_from_when_to_when(text: str, written: str) -> None:
    assert quantities.quiet_hours_text(quantities.quiet_hours(text)) == written


@pytest.mark.parametrize("given", ["22-7", "24:00-07:00", "07:00-07:00", "22:00", "at night", 22])
def test_what_are_no_hours_is_refused_with_an_example(given: object) -> None:
    with pytest.raises(ValueError, match=r"are no hours; write .*22:00-07:00"):
        quantities.quiet_hours(given)
