"""A week of a partner's calendar, laid out: what stands on which day, at which height, beside what (OR-26 to OR-33).

Colours tell the services apart and nothing else: what something is, a word and an icon beside it say (OR-28, OR-29).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.badges import Badge, badges, is_on_calendar
from relay.booking.booking import OPEN, Booking, Stage
from relay.booking.catalogue import Stock, one_day
from relay.booking.terms import Occasion
from relay.correspondence.languages import marked as _
from relay.values import Language
from relay.web.booking_ports import Shown
from relay.web.catalogue_ports import Dated
from relay.web.site.status import PAYMENT_KINDS, PAYMENTS

hues: Final = 8
"""Colours of services; each has a class of that number in the style sheet."""
rows_an_hour: Final = 2
first_hour: Final = 8
last_hour: Final = 18
"""The hours that are always shown; a week shows more where something lies there."""
steps: Final = 3
"""Of the line that marks the present, within a row, where no script moves it."""

BOOKED: Final = frozenset({Stage.CONFIRMED, Stage.COMPLETED})
SHOWN: Final = frozenset({*OPEN, Stage.AWAITING_PAYMENT, *BOOKED})
HANDS: Final = {
    Stage.REQUESTED: _("Request, not booked yet"),
    Stage.COUNTERED: _("Other terms offered, not booked yet"),
    Stage.AWAITING_PAYMENT: _("Accepted, not booked before it is paid"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A booking or a request on the calendar. `hand`: what the raised hand says, empty once it is booked (OR-28, OR-29); `dot`:
    the colour and the word of its payment, from then on (OR-30)."""

    shown: Shown
    hand: str
    dot: tuple[str, str] | None
    is_new: bool
    is_expired: bool
    staff: str


@dataclass(frozen=True, slots=True)
class Block:
    """What is at one time of one service: a slot, with who comes, or a date of a customer's own."""

    occasion: Occasion
    title: str
    hue: int
    offer: str
    variant: str
    stock: Stock | None = None
    marks: tuple[Mark, ...] = ()
    row: int = 0
    """From the first hour that is shown, in half hours."""
    span: int = 1

    @property
    def is_faded(self) -> bool:
        """OR-32"""
        return self.stock is None and all(one.is_expired for one in self.marks)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week. `lasting` is what takes more than a day, on each of its days; `begins` and `ends`: of the hours shown.
    `line`: the row and the step of the present, None on other days; `past`: how many blocks begin before it."""

    date: date
    begins: datetime
    ends: datetime
    blocks: tuple[Block, ...]
    lasting: tuple[Block, ...]
    line: tuple[int, int] | None
    past: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, in one time zone."""

    monday: date
    zone: ZoneInfo
    hours: tuple[int, ...] = ()
    days: tuple[Day, ...] = field(default=())

    @property
    def name(self) -> str:
        """As it stands in addresses: 2026-W48 (ISO 8601)."""
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    def beside(self, weeks: int) -> str:
        return Week(self.monday + timedelta(weeks=weeks), self.zone).name

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.monday, time(), self.zone)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.monday + timedelta(days=7), time(), self.zone)


def week_named(name: str, zone: ZoneInfo, now: datetime) -> Week:
    """That of `name`; the present one for what is no week, or of a year that nobody means."""
    try:
        year, week = name.split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        monday = date.min
    if not 2001 <= monday.year <= 2990:
        today = now.astimezone(zone).date()
        monday = today - timedelta(days=today.weekday())
    return Week(monday, zone)


def hue(variant: str) -> int:
    """The colour of a service: always the same for the same, from 1 on."""
    return zlib.crc32(variant.encode()) % hues + 1


def is_shown(booking: Booking, *, expired: bool) -> bool:
    """Whether it stands on the calendar: expired ones as well where somebody asks for them, where they would have stood (OR-26,
    OR-31)."""
    if booking.stage is Stage.EXPIRED:
        return expired and booking.terms.occasion is not None and booking.assignee is not None
    return is_on_calendar(booking)


def laid_out(
    week: Week, bookings: Iterable[Shown], slots: Iterable[Dated], staff: dict[str, str], language: Language, now: datetime
) -> Week:
    """`week` with everything on it. `staff`: names by id."""
    blocks = list(_blocks(bookings, slots, staff, language, now))
    inside = [one for one in blocks if one.occasion.starts_at < week.ends and one.occasion.ends_at > week.begins]
    dates = [week.monday + timedelta(days=number) for number in range(7)]
    lasting = [one for one in inside if one.occasion.ends_at - one.occasion.starts_at > one_day]
    timed = [one for one in inside if one not in lasting and _local(one.occasion.starts_at, week).date() in dates]
    local_now = now.astimezone(week.zone)
    first, last = _hours(timed, week, local_now if local_now.date() in dates else None)
    days = tuple(_day(on, timed, lasting, (first, last), week, local_now) for on in dates)
    return Week(week.monday, week.zone, tuple(range(first, last)), days)


def _blocks(
    bookings: Iterable[Shown], slots: Iterable[Dated], staff: dict[str, str], language: Language, now: datetime
) -> Iterator[Block]:
    at: dict[tuple[str, Occasion], list[Shown]] = {}
    for shown in bookings:
        occasion = shown.booking.terms.occasion
        if occasion is not None:
            at.setdefault((shown.booking.variant, occasion), []).append(shown)
    for one in slots:
        occasion = one.stock.slot.occasion
        here = at.pop((one.variant.id, occasion), [])
        title = f"{one.offer.title.read_in(language)}, {one.variant.title.read_in(language)}"
        marks = tuple(_mark(shown, staff, now) for shown in here)
        yield Block(occasion, title, hue(one.variant.id), one.offer.id, one.variant.id, one.stock, marks)
    for (variant, occasion), here in at.items():
        first = here[0]
        title = f"{first.offer_title}, {first.variant_title}"
        marks = tuple(_mark(shown, staff, now) for shown in here)
        yield Block(occasion, title, hue(variant), first.booking.offer, variant, None, marks)


def _mark(shown: Shown, staff: dict[str, str], now: datetime) -> Mark:
    booking = shown.booking
    payment = shown.account.payment(booking.terms.total)
    signs = badges(booking, payment, now)
    kind = PAYMENT_KINDS.get(payment) if booking.stage in BOOKED else None
    return Mark(
        shown,
        hand=HANDS.get(booking.stage, ""),
        dot=(kind, PAYMENTS[payment]) if kind is not None else None,
        is_new=Badge.NEW in signs,
        is_expired=booking.stage is Stage.EXPIRED,
        staff=staff.get(booking.assignee, "") if booking.assignee is not None else "",
    )


def _local(at: datetime, week: Week) -> datetime:
    return at.astimezone(week.zone)


def _hours(timed: Sequence[Block], week: Week, now: datetime | None) -> tuple[int, int]:
    """The first hour that is shown, and the one after the last."""
    starts = [_local(one.occasion.starts_at, week) for one in timed]
    ends = [(start, _local(one.occasion.ends_at, week)) for start, one in zip(starts, timed, strict=True)]
    firsts = [first_hour, *(one.hour for one in starts), *((now.hour,) if now is not None else ())]
    lasts = [last_hour, *(24 if end.date() > start.date() else end.hour + (end.minute > 0) for start, end in ends)]
    lasts += [one.hour + 1 for one in starts] + ([now.hour + 1] if now is not None else [])
    return min(firsts), min(24, max(lasts))


def _day(on: date, timed: Sequence[Block], lasting: Sequence[Block], hours: tuple[int, int], week: Week, now: datetime) -> Day:
    first, last = hours
    rows = (last - first) * rows_an_hour
    theirs = [one for one in timed if _local(one.occasion.starts_at, week).date() == on]
    placed = [_placed(one, first, rows, week) for one in sorted(theirs, key=lambda one: (one.occasion.starts_at, one.title))]
    midnight = datetime.combine(on, time(), week.zone)
    tomorrow = datetime.combine(on + timedelta(days=1), time(), week.zone)
    line = None
    if now.date() == on:
        minutes = now.hour * 60 + now.minute - first * 60
        of_row = 60 // rows_an_hour
        line = min(minutes // of_row, rows - 1), minutes % of_row * steps // of_row
    return Day(
        on,
        midnight.replace(hour=first),
        tomorrow if last == 24 else midnight.replace(hour=last),
        tuple(placed),
        tuple(one for one in lasting if one.occasion.starts_at < tomorrow and one.occasion.ends_at > midnight),
        line,
        sum(one.occasion.starts_at <= now for one in placed),
    )


def _placed(one: Block, first: int, rows: int, week: Week) -> Block:
    """On the half hours that it touches; what goes on after midnight ends there on the page."""
    start, end = _local(one.occasion.starts_at, week), _local(one.occasion.ends_at, week)
    row = (start.hour - first) * rows_an_hour + start.minute * rows_an_hour // 60
    until = rows if end.date() > start.date() else (end.hour - first) * rows_an_hour + -(-end.minute * rows_an_hour // 60)
    span = max(1, min(until, rows) - row)
    return Block(one.occasion, one.title, one.hue, one.offer, one.variant, one.stock, one.marks, row, span)
