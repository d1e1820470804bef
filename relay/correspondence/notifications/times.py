"""When something is, as a notification says it: the day by name, the time, and the zone in which both are meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.terms import Occasion
from relay.correspondence.languages import marked_plural as _n
from relay.correspondence.languages import named_day, words
from relay.values import Language

DAYS: Final = _n("{count} day", "{count} days")
HOURS: Final = _n("{count} hour", "{count} hours")
MINUTES: Final = _n("{count} minute", "{count} minutes")
_DAY: Final = timedelta(days=1)


def instant(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """`at` in `zone`, which is named: "Wednesday, 10 June 2026, 18:05 (Europe/Rome, UTC+2)"."""
    return f"{named_day(at, zone, language)}, {at.astimezone(zone):%H:%M} ({_named(zone, at)})"


def beginning(occasion: Occasion, zone: ZoneInfo, language: Language) -> str:
    """When it is, in `zone`; where it lasts several days, when it begins."""
    if _days(occasion, zone) > 1:
        return instant(occasion.starts_at, zone, language)
    starts_at, ends_at = occasion.starts_at.astimezone(zone), occasion.ends_at.astimezone(zone)
    begins = f"{named_day(starts_at, zone, language)}, {starts_at:%H:%M}"
    if starts_at.utcoffset() == ends_at.utcoffset():
        return f"{begins}–{ends_at:%H:%M} ({_named(zone, starts_at)})"
    # The clocks turn in between: without its own offset, the end may seem to lie before the beginning.
    return f"{begins} ({_named(zone, starts_at)}) – {ends_at:%H:%M} ({_offset(ends_at)})"


def ending(occasion: Occasion, zone: ZoneInfo, language: Language) -> str:
    """When it ends, where it lasts several days; else nothing (SL-8)."""
    return instant(occasion.ends_at, zone, language) if _days(occasion, zone) > 1 else ""


def is_told_in(zone: ZoneInfo | None, of: Occasion) -> bool:
    """Whether the clocks in `zone`, the recipient's, show another time than the activity's."""
    return zone is not None and of.starts_at.astimezone(zone).utcoffset() != of.starts_at.astimezone(of.zone).utcoffset()


def duration(occasion: Occasion, language: Language) -> str:
    """How long it takes: in days, from date to date, where it lasts several; else in hours and minutes."""
    days = _days(occasion, occasion.zone)
    return _counted(DAYS, days, language) if days > 1 else length(occasion.ends_at - occasion.starts_at, language)


def length(of: timedelta, language: Language) -> str:
    """So long in days, hours and minutes: "1 day 2 hours"."""
    hours, minutes = divmod(of % _DAY // timedelta(minutes=1), 60)
    counts = ((DAYS, of // _DAY), (HOURS, hours), (MINUTES, minutes))
    return " ".join(_counted(forms, count, language) for forms, count in counts if count) or _counted(MINUTES, 0, language)


def waited(since: datetime, now: datetime, language: Language) -> str:
    """How long somebody has waited, in the largest unit that fits, and at least a minute."""
    age = max(now - since, timedelta(minutes=1))
    for forms, unit in ((DAYS, _DAY), (HOURS, timedelta(hours=1))):
        if age >= unit:
            return _counted(forms, age // unit, language)
    return _counted(MINUTES, age // timedelta(minutes=1), language)


def _counted(forms: tuple[str, str], count: int, language: Language) -> str:
    return words(language).ngettext(*forms, count).format(count=count)


def _days(occasion: Occasion, zone: ZoneInfo) -> int:
    """On how many dates it takes place. What goes on past midnight, and less than a day in all, counts as one."""
    if occasion.ends_at - occasion.starts_at < _DAY:
        return 1
    last = (occasion.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return (last - occasion.starts_at.astimezone(zone).date()).days + 1


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign, (hours, rest) = "−" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def _named(zone: ZoneInfo, at: datetime) -> str:
    offset = _offset(at.astimezone(zone))
    return offset if zone.key in {"UTC", "Etc/UTC"} else f"{zone.key}, {offset}"
