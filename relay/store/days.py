"""Days as people write them in a search: a date, a month, a year, "yesterday", "last week", or two with dots between (AR-2)."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Final

from relay.errors import NotDone
from relay.store.terms import Asking

NAMED_DAYS: Final = ("today", "yesterday", "this-week", "last-week", "this-month", "last-month")


def period(operator: str, value: str, asking: Asking) -> tuple[datetime, datetime]:
    """[from, until) in UTC: of a day, a month, a year, "yesterday", "last week", or of two with ".." between. Raises NotDone."""
    first, dots, last = value.partition("..")
    begins, ends = _days(operator, first, asking)
    if dots:
        ends = _days(operator, last, asking)[1]
    if ends <= begins:
        raise NotDone(f"{operator}: ends before it begins")
    return _midnight(begins, asking), _midnight(ends, asking)


def named(at: datetime) -> tuple[str, str, str]:
    """The year, the month and the day of an instant, in UTC: "2026", "2026-05", "2026-05-14"."""
    day = at.astimezone(UTC).date().isoformat()
    return day[:4], day[:7], day


def covering(after: datetime, before: datetime) -> tuple[str, ...] | None:
    """The fewest years, months and days (see `named`) that make up [after, before).

    None where that begins or ends within a day, or where calendars end.
    """
    if before.year == MAXYEAR or any(at.astimezone(UTC).time() != time() for at in (after, before)):
        return None
    at, end = after.astimezone(UTC).date(), before.astimezone(UTC).date()
    chosen: list[str] = []
    while at < end:
        year, month, day = at.isoformat()[:4], at.isoformat()[:7], at.isoformat()
        for name, begins, following in (
            (year, at.replace(month=1, day=1), _year_after),
            (month, at.replace(day=1), _month_after),
            (day, at, _day_after),
        ):
            if begins == at and following(at) <= end:
                chosen.append(name)
                at = following(at)
                break
    return tuple(chosen)


def _day_after(day: date) -> date:
    return day + timedelta(days=1)


def _year_after(first: date) -> date:
    return first.replace(year=first.year + 1)


def _days(operator: str, value: str, asking: Asking) -> tuple[date, date]:
    """The first day, and the first one after it."""
    plain = "-".join(value.lower().replace("_", " ").split())
    try:
        if asking.now is not None and (named := _named_days(plain, asking.now.astimezone(asking.zone).date())) is not None:
            return named
        if re.fullmatch(r"\d{4}", plain):
            return date(int(plain), 1, 1), date(int(plain) + 1, 1, 1)
        if re.fullmatch(r"\d{4}-\d{2}", plain):
            begins = date.fromisoformat(f"{plain}-01")
            return begins, _month_after(begins)
        begins = date.fromisoformat(plain)
        return begins, begins + timedelta(days=1)
    except (ValueError, OverflowError):
        raise NotDone(f"{operator}: needs a date, for example {operator}:2026-05-01, or one of {', '.join(NAMED_DAYS)}") from None


def _named_days(name: str, today: date) -> tuple[date, date] | None:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    named = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this-week": (monday, monday + timedelta(days=7)),
        "last-week": (monday - timedelta(days=7), monday),
        "this-month": (first, _month_after(first)),
        "last-month": (before, first),
    }
    return named.get(name)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, asking: Asking) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=asking.zone).astimezone(UTC)


def instant(operator: str, value: str, asking: Asking) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo is not None else at.replace(tzinfo=asking.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _midnight(_days(operator, value, asking)[0], asking)
