"""The words under every message that crosses: how to answer, until when, and where to get help (GW-44, GY-7, GY-26)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final

from relay.correspondence.house import House
from relay.correspondence.languages import marked as _
from relay.correspondence.languages import moment, words
from relay.values import Language

SUPPORT_PATH: Final = _("To cancel or change the booking, or if you need help: {support_url}")
"""GY-26"""
_LINES: Final = (
    _("Sent through {brand}, which keeps the addresses of both sides private."),
    _("To answer, simply reply to this message. This is possible until {closed}."),
    SUPPORT_PATH,
)


@lru_cache(maxsize=4096)
def footer_lines(language: Language, closes_at: datetime, house: House) -> tuple[str, ...]:
    """The footer in the recipient's language, one sentence a line, at most four. `closes_at` is aware, and shown in UTC.

    The same conversation gives the same lines, so that they are found again when they come back quoted (CASE-4).
    """
    known = {"brand": house.brand, "closed": moment(closes_at, language), "support_url": house.support_url}
    return tuple(words(language).gettext(line).format_map(known) for line in _LINES)
