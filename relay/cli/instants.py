"""Times and spans as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from relay.conversation import checked_instant
from relay.settings.quantities import duration


def instant_of(text: str, zone: str, option: str) -> datetime:
    """An instant, in UTC; without an offset it is in `zone`. Exits as wrong usage for anything else, a date alone among it."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter(f"no time zone {zone!r}; write for example Europe/Rome", param_hint="--time-zone") from None
    try:
        at = datetime.fromisoformat(text)
        if "T" not in text and " " not in text.strip():
            raise ValueError("a time is needed")  # noqa: TRY301 (the same sentence is told)
        return checked_instant(at if at.tzinfo is not None else at.replace(tzinfo=place), "time")
    except ValueError:
        raise typer.BadParameter("a date and time is needed, for example 2026-06-10T18:00", param_hint=option) from None


def span_of(text: str, option: str) -> timedelta:
    """A length of time such as "3h"."""
    try:
        return duration(text)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint=option) from None


def shifted(at: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    """So much later by the clocks of `zone`: a day later is at the same time, whatever they were put forward or back by."""
    return (at.astimezone(zone) + span).astimezone(UTC)
