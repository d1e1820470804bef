"""Names as they are shown, activities as they end, and when the window stands open (GW-3, GW-40, LEAK-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.world import NOW, a_conversation, a_party, utc

from relay.conversation import Opening, Standing, activity_end
from relay.values import NameShown, RealAddress, Role


@pytest.mark.parametrize(
    ("name", "first", "full"),
    [
        ("Zofia Kowalska", "Zofia", "Zofia Kowalska"),
        ("Kowalska, Zofia", "Zofia", "Zofia Kowalska"),
        ("KOWALSKA,Zofia Maria", "Zofia", "Zofia Maria KOWALSKA"),
        ("Dr. Zofia Kowalska", "Zofia", "Zofia Kowalska"),
        ("Frau Dr. Kowalska", "", "Kowalska"),
        ("Zofia", "Zofia", "Zofia"),
        ("zofia@poczta.example", "", ""),
        ("Zofia zofia@poczta.example", "Zofia", "Zofia"),
        ("Old Town Tours", "Old", "Old Town Tours"),
    ],
)
def test_a_name_is_shown_as_it_is_said(name: str, first: str, full: str) -> None:
    party = a_party(Role.CUSTOMER, name=name)
    assert party.shown_name(NameShown.FIRST) == first
    assert party.shown_name(NameShown.FULL) == full
    assert party.shown_name(NameShown.NONE) == ""


@pytest.mark.parametrize(
    ("text", "zone", "end"),
    [
        ("2026-06-10", "Europe/Rome", "2026-06-10T22:00:00+00:00"),  # midnight after the last day, in its own zone
        ("2026-06-10", "UTC", "2026-06-11T00:00:00+00:00"),
        ("2026-06-10T18:00", "Europe/Rome", "2026-06-10T16:00:00+00:00"),
        ("2026-06-10T18:00:00+02:00", "UTC", "2026-06-10T16:00:00+00:00"),
        ("2026-06-10T18:00:00Z", "UTC", "2026-06-10T18:00:00+00:00"),
    ],
)
def test_an_activity_ends_when_its_own_zone_says(text: str, zone: str, end: str) -> None:
    assert activity_end(text, ZoneInfo(zone)) == utc(end)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "9999-12-31", "10.06.2026"])
def test_what_is_no_time_is_named_as_such(text: str) -> None:
    with pytest.raises(ValueError, match="activity end"):
        activity_end(text, ZoneInfo("UTC"))


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "1999-12-31T00:00:00+00:00"])
def test_an_activity_outside_the_years_that_we_count_in_is_refused(end: str) -> None:
    """So that nothing which is counted from its end leaves the calendar."""
    with pytest.raises(ValueError, match="year"):
        an_opening(activity_end=utc(end))


def an_opening(**changed: object) -> Opening:
    usual = Opening("R1", "A B", (RealAddress("a@b.example"),), "C D", (RealAddress("c@d.example"),), NOW)
    return replace(usual, **changed)  # type: ignore[arg-type] # each case changes one field by name


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "a\nb"}, "reference"),
        ({"partner_name": " "}, "partner name"),
        ({"customer_addresses": ()}, "customer address"),
        ({"customer_addresses": (RealAddress("A+tag@B.example"),)}, "share an address"),
        ({"activity_end": datetime(2026, 6, 10)}, "time zone"),  # noqa: DTZ001 - the case
    ],
)
def test_an_opening_names_the_field_that_is_wrong(changed: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        an_opening(**changed)


@pytest.mark.parametrize(
    ("days", "standing"),
    [(-4, Standing.PENDING), (-3, Standing.OPEN), (15, Standing.OPEN), (16, Standing.OVER)],
)
def test_the_standing_follows_the_half_open_window(days: int, standing: Standing) -> None:
    """GY-15, GY-16: the week after it belongs to the window."""
    assert a_conversation().standing(NOW + timedelta(days=days)) is standing


def test_support_closes_before_the_window_does() -> None:
    assert a_conversation(closed_at=NOW).standing(NOW) is Standing.CLOSED
    assert a_conversation(closed_at=NOW).standing(NOW - timedelta(seconds=1)) is Standing.OPEN
