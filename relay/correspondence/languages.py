"""The languages in which we write: sentences from gettext catalogues, dates and sizes as each language writes them.

The catalogues are the `.po` files themselves, read at first use: a checkout and a wheel hold the same, and nothing is compiled.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from relay.values import Language

DOMAIN: Final = "relay"
"""The gettext domain: the name of the catalogue files."""


@dataclass(frozen=True, slots=True)
class _Customs:
    """How a language writes a day and a size."""

    months: tuple[str, ...]
    day: str = "{day} {month} {year}"
    decimal: str = ","
    thousands: str = "."
    megabytes: str = " MB"


# What the tables of Unicode say, which Babel has; a test compares each day and size with them. Babel itself would load all that
# they say of a language, which takes 5 MB of every process for the first one and 1 MB for each further one (PERF-10).
_CUSTOMS: Final = {
    Language.EN: _Customs(
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        decimal=".",
        thousands=",",
    ),
    Language.FR: _Customs(
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        thousands="\u202f",
        megabytes="\u202fMo",
    ),
    Language.ES: _Customs(
        months=(
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
        day="{day} de {month} de {year}",
    ),
    Language.PL: _Customs(
        months=(
            *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
            *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
        ),
        thousands="\u00a0",
    ),
    Language.DE: _Customs(
        months=(
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
        day="{day}. {month} {year}",
    ),
    Language.IT: _Customs(
        months=(
            *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
            *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
        ),
    ),
}
_MIB: Final = 1024 * 1024


def marked(sentence: str) -> str:
    """`sentence` itself, marked for the catalogues: it is translated when it is written into a mail."""
    return sentence


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """The two English forms of a sentence that counts, marked for the catalogues; a language may have more forms."""
    return one, many


@cache
def words(language: Language) -> gettext.NullTranslations:
    """The sentences of `language`, by their English source text."""
    source = files("relay.correspondence") / "catalogues" / language.value / "LC_MESSAGES" / f"{DOMAIN}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language.value, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def day(at: datetime, language: Language) -> str:
    """The day of `at` in UTC, the month as a word: "10 June 2026"."""
    utc, customs = at.astimezone(UTC), _CUSTOMS[language]
    return customs.day.format(day=utc.day, month=customs.months[utc.month - 1], year=utc.year)


def moment(at: datetime, language: Language) -> str:
    """`at` to the minute, with its zone: "10 June 2026, 18:05 UTC"."""
    return f"{day(at, language)}, {at.astimezone(UTC):%H:%M} UTC"


def size(octets: int, language: Language) -> str:
    """A number of octets in mebibytes, which people call megabytes: "10 MB", "2,5 Mo"."""
    customs = _CUSTOMS[language]
    written = f"{octets / _MIB:,.1f}".removesuffix(".0")
    return written.translate({ord(","): customs.thousands, ord("."): customs.decimal}) + customs.megabytes
