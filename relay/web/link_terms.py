"""What somebody entered into the form for other terms, as the terms that they offer (SL-5 to SL-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.money import Money
from relay.booking.terms import Discount, Line, Occasion, Terms
from relay.correspondence.link_form import added_lines, alternatives, shown_lines_max
from relay.web.booking_ports import NewTerms

_decimal_comma: Final = str.maketrans({",": ".", "\u00a0": "", " ": "", "'": ""})
_earliest, _latest = 2000, 2999


def offered_terms(entered: Mapping[str, str], present: Terms, zone: ZoneInfo) -> NewTerms:
    """The terms in `entered`, of which what is left as it was stays. Raises ValueError for what cannot be meant."""
    begins, ends = instant_entered(entered.get("begins", ""), zone), instant_entered(entered.get("ends", ""), zone)
    if (begins is None) != (ends is None):
        raise ValueError("date: it begins and ends")
    participants = entered.get("participants", "").strip()
    discount = _discount(entered, present.currency)
    return NewTerms(
        occasion=Occasion(begins, ends, zone) if begins is not None and ends is not None else None,
        lines=_lines(entered, present),
        discounts=(*present.discounts, discount) if discount is not None else None,
        participants=_whole(participants) if participants else None,
        note=_text(entered.get("note", "")) or None,
        valid_until=instant_entered(entered.get("valid_until", ""), zone),
    )


def offered_times(entered: Mapping[str, str], zone: ZoneInfo) -> tuple[datetime, ...]:
    """The other times that somebody who declines can offer (SL-24). Raises ValueError for what is no time."""
    given = (instant_entered(entered.get(f"other{one}", ""), zone) for one in range(1, alternatives + 1))
    return tuple(one for one in given if one is not None)


def _lines(entered: Mapping[str, str], present: Terms) -> tuple[Line, ...] | None:
    """All lines; one whose text is taken away is left out. None where there are too many to show."""
    if len(present.lines) > shown_lines_max:
        return None
    lines: list[Line] = []
    for number in range(len(present.lines) + added_lines):
        what = _text(entered.get(f"what{number}", "")).strip()
        if not what:
            continue
        old = present.lines[number] if number < len(present.lines) else None
        unit = _money(entered.get(f"price{number}", ""), present.currency)
        quantity = _whole(entered.get(f"quantity{number}", "") or "1")
        is_extra = old is None or old.is_extra or what != old.text
        lines.append(Line(what, quantity, unit, is_extra))
    return tuple(lines)


def _discount(entered: Mapping[str, str], currency: str) -> Discount | None:
    what, amount = _text(entered.get("discount_what", "")).strip(), entered.get("discount", "").strip()
    if not amount:
        return None
    return Discount(what or "-", fixed=_money(amount, currency))


def _money(text: str, currency: str) -> Money:
    """An amount as people write it, with a comma or a point."""
    return Money.of(text.strip().translate(_decimal_comma), currency)


def _whole(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > len("100000"):
        raise ValueError("number: a whole number is needed")
    return int(digits)


def instant_entered(text: str, zone: ZoneInfo) -> datetime | None:
    """A time of the clocks in `zone`; None where nothing was entered. One that the clocks skip is the one an hour later."""
    if not text.strip():
        return None
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is not None or not _earliest <= at.year <= _latest:
        raise ValueError("date: a date and a time are needed")
    return at.replace(tzinfo=zone).astimezone(UTC)


def _text(text: str) -> str:
    """Line ends of forms are CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
