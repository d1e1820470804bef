"""Durations, rates and sizes in the configuration: numbers with their units."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer

from relay.booking.reminders import Quiet
from relay.settings.given import shown
from relay.values import Rate

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(?:[0-9]{1,6}\s*[smhdw]\s*){1,5}")
_RATE: Final = re.compile(r"([0-9]{1,6})\s*/\s*([0-9]{1,4})?\s*([smhd])")
_OCTETS: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE: Final = re.compile(r"([0-9]{1,12})\s*([kmg]?i?b)", re.IGNORECASE)
_clock: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS: Final = re.compile(rf"({_clock})\s*[-\u2013]\s*({_clock})")
_DAY_RANGE: Final = re.compile(r"([0-9]{1,3})(?:\s*[-\u2013]\s*([0-9]{1,3}))?")
_WRITTEN_SIZES: Final = (("GiB", 2**30), ("MiB", 2**20), ("kiB", 2**10), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("B", 1))


def duration(given: object) -> timedelta:
    """A length of time from text such as "30s", "90m", "7d" or "1h 30m". Raises ValueError for anything else."""
    if isinstance(given, timedelta):
        return given
    text = given.strip() if isinstance(given, str) else ""
    if not _DURATION.fullmatch(text):
        raise ValueError(f'{shown(given)} is no duration; write a number with its unit, for example "30s", "90m", "12h" or "7d"')
    return timedelta(seconds=sum(int(count) * _SECONDS[unit] for count, unit in re.findall(r"([0-9]+)\s*([smhdw])", text)))


def duration_text(span: timedelta) -> str:
    """A duration in the largest unit that leaves no rest: "7d", "90m"."""
    seconds = int(span.total_seconds())
    unit = next((unit for unit in "dhms" if seconds and seconds % _SECONDS[unit] == 0), "s")
    return f"{seconds // _SECONDS[unit]}{unit}"


def rate(given: object) -> Rate | None:
    """So many in a length of time, from "60/h", "20/10m" and the like; None, for no bound, from "off". Raises ValueError."""
    if given is None or isinstance(given, Rate):
        return given
    text = given.strip() if isinstance(given, str) else ""
    if text == "off":
        return None
    if (found := _RATE.fullmatch(text)) is None or not int(found[1]) or (found[2] and not int(found[2])):
        raise ValueError(f'{shown(given)} is no rate; write how many in what time, for example "60/h" or "20/10m", or "off"')
    return Rate(int(found[1]), timedelta(seconds=int(found[2] or 1) * _SECONDS[found[3]]))


def rate_text(rate: Rate | None) -> str:
    """A rate as it is usually written: "60/h", "20/10m"."""
    if rate is None:
        return "off"
    span = duration_text(rate.span)
    return f"{rate.count}/{span.removeprefix('1') if len(span) == len('1h') else span}"


def day_range(given: object) -> tuple[int, int]:
    """From how many days to how many, from text such as "5-10" or "3". Raises ValueError for anything else."""
    if isinstance(given, tuple):
        return given
    found = _DAY_RANGE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None or int(found[1]) > int(found[2] or found[1]):
        raise ValueError(f'{shown(given)} is no span of days; write from how many to how many, for example "5-10"')
    return int(found[1]), int(found[2] or found[1])


def day_range_text(days: tuple[int, int]) -> str:
    """A span of days as it is usually written: "5-10"."""
    return f"{days[0]}-{days[1]}"


def quiet_hours(given: object) -> Quiet | None:
    """From when to when, from text such as "22:00-07:00"; None, for never, from an empty text. Raises ValueError."""
    if given is None or isinstance(given, Quiet):
        return given
    if given == "":
        return None
    found = _HOURS.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None or found[1] == found[2]:
        raise ValueError(f'{shown(given)} are no hours; write from when to when, for example "22:00-07:00"')
    return Quiet(time.fromisoformat(found[1]), time.fromisoformat(found[2]))


def quiet_hours_text(quiet: Quiet | None) -> str:
    """Hours as they are usually written: "22:00-07:00"."""
    return "" if quiet is None else f"{quiet.begins:%H:%M}-{quiet.ends:%H:%M}"


def size(given: object) -> int:
    """A number of octets from text such as "10 MiB" (2**20 each) or "10 MB" (10**6 each). Raises ValueError for anything else."""
    found = _SIZE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is not None and found[2].lower() in _OCTETS:
        return int(found[1]) * _OCTETS[found[2].lower()]
    raise ValueError(f'{shown(given)} is no size; write a number with its unit, for example "10 MiB" or "10 MB"')


def size_text(octets: int) -> str:
    """A size in the largest unit that leaves no rest: "10 MiB"."""
    unit, octets_each = next((unit, each) for unit, each in _WRITTEN_SIZES if octets % each == 0 and (octets or each == 1))
    return f"{octets // octets_each} {unit}"


Duration = Annotated[timedelta, BeforeValidator(duration), PlainSerializer(duration_text, return_type=str)]
DayRange = Annotated[tuple[int, int], BeforeValidator(day_range), PlainSerializer(day_range_text, return_type=str)]
Hours = Annotated[Quiet | None, BeforeValidator(quiet_hours), PlainSerializer(quiet_hours_text, return_type=str)]
Frequency = Annotated[Rate | None, BeforeValidator(rate), PlainSerializer(rate_text, return_type=str)]
Size = Annotated[int, BeforeValidator(size), PlainSerializer(size_text, return_type=str)]
