"""The languages in which we write: sentences from gettext catalogues, dates and sizes as each language writes them.

The catalogues are the `.po` files themselves, read at first use: a checkout and a wheel hold the same, and nothing is compiled.
"""

from __future__ import annotations

import gettext
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

from relay.values import Language

DOMAIN: Final = "relay"
"""The gettext domain: the name of the catalogue files."""

_LOCALES: Final = {
    # "en" alone would be American: the month before the day, and a clock of twelve hours.
    Language.EN: "en_GB",
    Language.FR: "fr",
    Language.ES: "es",
    Language.PL: "pl",
    Language.DE: "de",
    Language.IT: "it",
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
    return format_date(at.astimezone(UTC), format="long", locale=_LOCALES[language])


def moment(at: datetime, language: Language) -> str:
    """`at` to the minute, with its zone: "10 June 2026, 18:05 UTC"."""
    utc = at.astimezone(UTC)
    return f"{day(utc, language)}, {format_time(utc, format='HH:mm', locale=_LOCALES[language])} UTC"


def size(octets: int, language: Language) -> str:
    """A number of octets in mebibytes, which people call megabytes: "10 MB", "2,5 Mo"."""
    return format_unit(round(octets / _MIB, 1), "digital-megabyte", length="short", locale=_LOCALES[language])
