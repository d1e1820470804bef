from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from relay.booking.deadlines import Term, deadline

PRAGUE = ZoneInfo("Europe/Prague")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


RESERVED = "2026-03-10T12:00:00+00:00"
STARTS = "2026-03-20T18:00:00+00:00"


@pytest.mark.parametrize(
    ("term", "starts", "expected"),
    [
        (Term(days_after=3), STARTS, "2026-03-13T12:00:00+00:00"),
        (Term(days_before=2), STARTS, "2026-03-18T18:00:00+00:00"),
        (Term(days_after=3, days_before=2), STARTS, "2026-03-13T12:00:00+00:00"),  # the earlier of the two, either way
        (Term(days_after=9, days_before=2), STARTS, "2026-03-18T18:00:00+00:00"),
        (Term(days_before=14), STARTS, RESERVED),  # before the reservation was made: that moment
        (Term(days_after=0), STARTS, RESERVED),
        (Term(days_after=30), STARTS, "2026-04-09T11:00:00+00:00"),  # as said, though behind the start; noon in Prague is noon
        (Term(), STARTS, STARTS),
        (Term(), None, None),
        (Term(days_before=2), None, None),  # goods without a date have no days before it
        (Term(days_after=3, days_before=2), None, "2026-03-13T12:00:00+00:00"),
        (Term(), "2026-03-01T00:00:00+00:00", RESERVED),
    ],
)
def test_a_term_is_the_earlier_of_what_is_set(term: Term, starts: str | None, expected: str | None) -> None:
    """ST-7, ST-B1"""
    found = deadline(term, utc(RESERVED), utc(starts) if starts else None, PRAGUE)
    assert found == (utc(expected) if expected else None)


def test_a_day_is_one_of_the_calendar_where_it_takes_place() -> None:
    """The clocks went forward on 29 March 2026: three days later is at the same time of day, 71 hours on."""
    reserved = datetime(2026, 3, 27, 18, 0, tzinfo=PRAGUE)
    found = deadline(Term(days_after=3), reserved, None, PRAGUE)
    assert found == datetime(2026, 3, 30, 18, 0, tzinfo=PRAGUE)


def test_a_product_that_says_nothing_has_the_term_of_the_level_above() -> None:
    """ST-B1"""
    above = Term(days_after=7, days_before=1)
    assert Term().over(above) == above
    assert Term(days_after=2).over(above) == Term(days_after=2)


@pytest.mark.parametrize(("after", "before"), [(-1, None), (None, -1), (3651, None)])
def test_days_that_no_calendar_holds_are_refused(after: int | None, before: int | None) -> None:
    with pytest.raises(ValueError, match="days"):
        Term(after, before)
