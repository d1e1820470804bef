"""Until when a reservation is to be paid or given up (ST-7, ST-B1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

days_max: Final = 3650


@dataclass(frozen=True, slots=True)
class Term:
    """How long a reservation may wait: `days_after` it was made, and until `days_before` the start; None where it does not count.

    Raises ValueError for numbers that no calendar holds.
    """

    days_after: int | None = None
    days_before: int | None = None

    def __post_init__(self) -> None:
        for name, days in (("days after", self.days_after), ("days before", self.days_before)):
            if days is not None and not 0 <= days <= days_max:
                raise ValueError(f"{name}: 0 to {days_max} are needed")

    def over(self, default: Term) -> Term:
        """This one where it says something, `default`, of the level above, where it says nothing at all."""
        return default if self == Term() else self


def deadline(term: Term, reserved_at: datetime, starts_at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The instant, in UTC, until which a reservation made at `reserved_at` waits: the earlier of what `term` says.

    Days are those of the activity's `zone`: the same time of day, whatever the clocks did meanwhile. Where nothing is said it is
    the start, and it is never before the reservation was made. Goods without a date have no start: None where nothing else is
    said.
    """
    said = []
    if term.days_after is not None:
        said.append(_shifted(reserved_at, term.days_after, zone))
    if starts_at is not None and term.days_before is not None:
        said.append(_shifted(starts_at, -term.days_before, zone))
    if not said and starts_at is None:
        return None
    return max(min(said, default=starts_at or reserved_at), reserved_at)


def _shifted(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """So many calendar days later, at the same time of the clocks in `zone`."""
    return (at.astimezone(zone) + timedelta(days=days)).astimezone(UTC)
