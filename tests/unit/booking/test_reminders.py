from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from support.bookings import ROME

from relay.booking.reminders import Quiet, Reminders

NIGHT = Quiet(time(22), time(7))
NOON = Quiet(time(12), time(14))


@pytest.mark.parametrize(
    ("quiet", "at", "moved"),
    [
        (NIGHT, "2026-06-01T21:59+02:00", "2026-06-01T21:59+02:00"),
        (NIGHT, "2026-06-01T22:00+02:00", "2026-06-02T07:00+02:00"),
        (NIGHT, "2026-06-02T06:59+02:00", "2026-06-02T07:00+02:00"),
        (NIGHT, "2026-06-02T07:00+02:00", "2026-06-02T07:00+02:00"),
        (NOON, "2026-06-01T12:00+02:00", "2026-06-01T14:00+02:00"),
        (NOON, "2026-06-01T14:00+02:00", "2026-06-01T14:00+02:00"),
        (NIGHT, "2026-10-25T01:30+02:00", "2026-10-25T07:00+01:00"),  # the night in which clocks are put back
        (NIGHT, "2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
    ],
)
def test_what_falls_into_quiet_hours_moves_to_their_end_in_the_activity_s_zone(quiet: Quiet, at: str, moved: str) -> None:
    """SL-11"""
    assert quiet.moved(datetime.fromisoformat(at).astimezone(UTC), ROME) == datetime.fromisoformat(moved)


@pytest.mark.parametrize(
    "made",
    [
        lambda: Quiet(time(7), time(7)),
        lambda: Reminders(unanswered=(timedelta(hours=24), timedelta(hours=2))),
        lambda: Reminders(unpaid=(timedelta(),)),
        lambda: Reminders(before_deadline=(timedelta(days=1), timedelta(days=2))),
        lambda: Reminders(before_action=tuple(timedelta(days=21 - n) for n in range(21))),
    ],
)
def test_reminders_that_would_not_come_in_order_are_refused(made: object) -> None:
    with pytest.raises(ValueError, match=r"quiet hours|reminders"):
        made()  # type: ignore[operator]  # a table of makers
