"""What somebody entered into the form for other terms, as the terms that they offer (SL-5 to SL-7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from relay.booking.booking import reason_characters_max
from relay.booking.money import Money
from relay.booking.terms import Discount, Line, Occasion, Terms
from relay.correspondence.foreign import shown
from relay.correspondence.link_form import added_lines, alternatives, shown_lines_max, subject_max
from relay.web.booking_ports import NewTerms

_decimal_comma: Final = str.maketrans({",": ".", "\u00a0": "", " ": "", "'": ""})
_earliest, _latest = 2000, 2999
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def offered_terms(entered: Mapping[str, str], present: Terms, zone: ZoneInfo) -> NewTerms:
    """The terms in `entered`, of which what is left as it was stays. Raises ValueError for what cannot be meant."""
    begins, ends = instant_entered(entered.get("begins", ""), zone), instant_entered(entered.get("ends", ""), zone)
    if (begins is None) != (ends is None):
        raise ValueError("date: it begins and ends")
    participants = entered.get("participants", "").strip()
    options = entered.get("options")
    place = entered.get("place")
    return NewTerms(
        occasion=Occasion(begins, ends, zone) if begins is not None and ends is not None else None,
        slot=entered.get("slot") or None,
        lines=_lines(entered, present),
        discounts=_discounts(entered, present),
        options=tuple(one.strip() for one in _text(options).split("\n") if one.strip()) if options is not None else None,
        place=place.strip() if place is not None else None,
        participants=_whole(participants) if participants else None,
        note=_text(entered.get("note", "")) or None,
        valid_until=instant_entered(entered.get("valid_until", ""), zone),
    )


def offered_times(entered: Mapping[str, str], zone: ZoneInfo) -> tuple[datetime, ...]:
    """The other times that somebody who declines can offer (SL-24). Raises ValueError for what is no time."""
    given = (instant_entered(entered.get(f"other{one}", ""), zone) for one in range(1, alternatives + 1))
    return tuple(one for one in given if one is not None)


def instant_entered(text: str, zone: ZoneInfo) -> datetime | None:
    """A time of the clocks in `zone`; None where nothing was entered. One that the clocks skip is the one an hour later.

    Raises ValueError for what is no time.
    """
    if not text.strip():
        return None
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is not None or not _earliest <= at.year <= _latest:
        raise ValueError("date: a date and a time are needed")
    return at.replace(tzinfo=zone).astimezone(UTC)


def written(entered: Mapping[str, str]) -> str:
    """Subject and text of what somebody writes; empty where they wrote nothing."""
    text = said_in_lines(entered.get("text", ""))
    subject = shown(entered.get("subject", ""), subject_max)
    return "\n\n".join(one for one in (subject, text) if one)[:reason_characters_max] if text else ""


def said_in_lines(text: str) -> str:
    """Line ends of forms are CRLF; nothing else that does not print stays."""
    lines = _text(text).split("\n")
    return "\n".join("".join(one for one in line if one.isprintable()) for line in lines).strip()


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
        unit = amount_of(entered.get(f"price{number}", ""), present.currency)
        quantity = _whole(entered.get(f"quantity{number}", "") or "1")
        is_extra = old is None or old.is_extra or what != old.text
        lines.append(Line(what, quantity, unit, is_extra))
    return tuple(lines)


def _discounts(entered: Mapping[str, str], present: Terms) -> tuple[Discount, ...] | None:
    """All of them where the form has each, with one that is taken away left out; else the present ones and a further one."""
    if "less0" in entered:
        numbers = range(len(present.discounts) + 1)
        each = (_discount(entered.get(f"less_what{one}", ""), entered.get(f"less{one}", ""), present.currency) for one in numbers)
        return tuple(one for one in each if one is not None)
    further = _discount(entered.get("discount_what", ""), entered.get("discount", ""), present.currency)
    return (*present.discounts, further) if further is not None else None


def _discount(what: str, amount: str, currency: str) -> Discount | None:
    """An amount, or with a percent sign a share of all lines (SL-7)."""
    what, amount = _text(what).strip() or "-", amount.strip()
    if not amount:
        return None
    if amount.endswith("%"):
        share = amount.removesuffix("%").strip().translate(_decimal_comma)
        if not _PERCENT.fullmatch(share):
            raise ValueError("discount: a percentage is needed, with two decimals at most")
        return Discount(what, basis_points=int(Decimal(share) * 100))
    return Discount(what, fixed=amount_of(amount, currency))


def amount_of(text: str, currency: str) -> Money:
    """An amount as people write it, with a comma or a point."""
    return Money.of(text.strip().translate(_decimal_comma), currency)


def _whole(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > len("100000"):
        raise ValueError("number: a whole number is needed")
    return int(digits)


def _text(text: str) -> str:
    """Line ends of forms are CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
