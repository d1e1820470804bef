"""Bookings as a table for spreadsheets (SV-10): RFC 4180, safe to open, without anybody's address.

A spreadsheet runs a cell that begins like a formula, whoever wrote it. Each text that does gets an apostrophe before it, which
spreadsheets take for "this is text". It is UTF-8 with a byte order mark: without one, Excel reads the code page of the machine,
and every name with an accent is garbled; programs skip it ("utf-8-sig").
"""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Final

from relay.web.booking_shown import ShownBooking
from relay.web.terms import ShownMoney
from relay.web.words import word

media_type: Final = "text/csv"
block_characters: Final = 32 * 1024
"""What is sent at once, about."""

_FORMULA: Final = re.compile(
    r"(^|[;|\t\r\n])(?=[^\S\t\r\n]*[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff]*[^\S\t\r\n]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b])"
)
"""Where a cell begins, and where one would for a program that divides at something else than commas. Spreadsheets pass over
space and what is not to be seen, and take full-width and small forms for the signs themselves."""
_DIVIDES: Final = ("\t", "\r")
"""With one at its beginning, a cell is another one to some programs."""


def harmless(text: str) -> str:
    """`text`, which a spreadsheet shows as it is and does not run."""
    quiet = _FORMULA.sub(r"\1'", text)
    return f"'{quiet}" if quiet.startswith(_DIVIDES) else quiet


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else ""


def _amount(money: ShownMoney) -> str:
    return money.text.partition(" ")[0]


COLUMNS: Final[Mapping[str, Callable[[ShownBooking], str]]] = {
    "reference": lambda one: one.reference,
    "stage": lambda one: word(one.status.stage),
    "payment": lambda one: word(one.status.payment),
    "required action": lambda one: word(one.status.action),
    "offer id": lambda one: one.offer_id,
    "offer": lambda one: one.offer,
    "variant id": lambda one: one.variant_id,
    "variant": lambda one: one.variant,
    "partner": lambda one: one.partner.name,
    "customer": lambda one: one.customer.name,
    "customer alias": lambda one: one.customer.alias or "",
    "partner alias": lambda one: one.partner.alias or "",
    "staff": lambda one: one.staff or "",
    "starts at": lambda one: _instant(one.terms.occasion.starts_at if one.terms.occasion is not None else None),
    "ends at": lambda one: _instant(one.terms.occasion.ends_at if one.terms.occasion is not None else None),
    "time zone": lambda one: one.terms.occasion.time_zone if one.terms.occasion is not None else "",
    "participants": lambda one: str(one.terms.participants),
    "options": lambda one: "; ".join(one.terms.options),
    "place": lambda one: one.terms.place,
    "note": lambda one: one.terms.note,
    "total": lambda one: _amount(one.amounts.total),
    "paid": lambda one: _amount(one.amounts.paid),
    "refunded": lambda one: _amount(one.amounts.refunded),
    "currency": lambda one: one.amounts.total.currency,
    "deadline": lambda one: _instant(one.deadline),
    "created at": lambda one: _instant(one.created_at),
    "contacted at": lambda one: _instant(one.contacted_at),
    "confirmed at": lambda one: _instant(one.confirmed_at),
    "cancelled at": lambda one: _instant(one.cancelled_at),
    "reason": lambda one: one.reason,
}


async def lines(bookings: AsyncIterator[ShownBooking]) -> AsyncIterator[bytes]:
    """The table, in blocks. The first comes when the first booking is read, or there is none."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    text.write("\ufeff")
    writer.writerow(COLUMNS)
    async for one in bookings:
        writer.writerow([harmless(of(one)) for of in COLUMNS.values()])
        if text.tell() >= block_characters:
            yield _taken(text)
    yield _taken(text)


def _taken(text: StringIO) -> bytes:
    octets = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return octets
