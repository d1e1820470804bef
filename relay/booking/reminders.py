"""When people are reminded, and when they are left in peace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

reminders_max: Final = 20
"""Of one kind, for one booking."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nobody is reminded: half-open, over midnight where they end before they begin."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError("quiet hours: they have to end at another time than they begin")

    def moved(self, at: datetime, zone: ZoneInfo) -> datetime:
        """`at`, or the end of the quiet hours in `zone` that it lies in; in UTC."""
        local = at.astimezone(zone)
        clock, day = local.time(), local.date()
        is_over_midnight = self.begins > self.ends
        is_quiet = (clock >= self.begins or clock < self.ends) if is_over_midnight else self.begins <= clock < self.ends
        if not is_quiet:
            return at
        if clock >= self.ends:
            day += timedelta(days=1)
        # The hour that clocks are put back by may stand twice: never before `at` all the same.
        return max(datetime.combine(day, self.ends, zone).astimezone(UTC), at)


@dataclass(frozen=True, slots=True)
class Reminders:
    """When people are reminded. Raises ValueError where intervals are not above zero, in order, and at most 20."""

    unanswered: tuple[timedelta, ...] = (timedelta(hours=2), timedelta(hours=24))
    """The partner, so long after the request or the counter-offer came (SL-11)."""
    unpaid: tuple[timedelta, ...] = (timedelta(days=1), timedelta(days=3))
    """Both, so long after it was to be paid (SL-20)."""
    before_deadline: tuple[timedelta, ...] = (timedelta(days=1),)
    """Both, so long before its deadline, the longest first (ST-B2)."""
    before_action: tuple[timedelta, ...] = (timedelta(days=7), timedelta(days=2))
    """The customer, so long before the required action has to be done, the longest first (SV-13)."""
    quiet: Quiet | None = None
    to_partner: bool = True
    """Whether the partner wants any."""

    def __post_init__(self) -> None:
        for intervals, in_order in (
            (self.unanswered, sorted(self.unanswered)),
            (self.unpaid, sorted(self.unpaid)),
            (self.before_deadline, sorted(self.before_deadline, reverse=True)),
            (self.before_action, sorted(self.before_action, reverse=True)),
        ):
            if list(intervals) != in_order or len(set(intervals)) < len(intervals) or len(intervals) > reminders_max:
                raise ValueError(f"reminders: at most {reminders_max} intervals, in the order in which they come")
            if any(one <= timedelta() for one in intervals):
                raise ValueError("reminders: intervals above zero are needed")
