"""The languages in which we write: sentences from gettext catalogues, dates, sizes and money as each language writes them.

The catalogues are the `.po` files themselves, read at first use: a checkout and a wheel hold the same, and nothing is compiled.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from relay.booking.money import BASIS, Money
from relay.values import Language

DOMAIN: Final = "relay"
"""The gettext domain: the name of the catalogue files."""


@dataclass(frozen=True, slots=True)
class _Customs:
    """How a language writes days, sizes, money and shares. `weekdays` begin with Monday; `symbols` are by currency."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str = "{day} {month} {year}"
    named_day: str = "{weekday}, {day}"
    decimal: str = ","
    thousands: str = "."
    megabytes: str = " MB"
    symbols: tuple[tuple[str, str], ...] = (("EUR", "€"),)
    money: str = "{sign}{number}\u00a0{currency}"
    money_by_code: str = "{sign}{number}\u00a0{currency}"
    percent: str = "\u00a0%"


# What the tables of Unicode say, which Babel has; a test compares each day and size with them. Babel itself would load all that
# they say of a language, which takes 5 MB of every process for the first one and 1 MB for each further one (PERF-10).
_CUSTOMS: Final = {
    Language.EN: _Customs(
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        decimal=".",
        thousands=",",
        symbols=(("EUR", "€"), ("GBP", "£")),
        money="{sign}{currency}{number}",
        money_by_code="{sign}{currency}\u00a0{number}",
        percent="%",
    ),
    Language.FR: _Customs(
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        named_day="{weekday} {day}",
        thousands="\u202f",
        megabytes="\u202fMo",
    ),
    Language.ES: _Customs(
        months=(
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        day="{day} de {month} de {year}",
    ),
    Language.PL: _Customs(
        months=(
            *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
            *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
        ),
        weekdays=("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
        thousands="\u00a0",
        symbols=(("EUR", "€"), ("PLN", "zł")),
        percent="%",
    ),
    Language.DE: _Customs(
        months=(
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        day="{day}. {month} {year}",
    ),
    Language.IT: _Customs(
        months=(
            *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
            *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
        ),
        weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
        named_day="{weekday} {day}",
        percent="%",
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
    return catalogue(files("relay.correspondence") / "catalogues", language, DOMAIN)


def catalogue(directory: Traversable, language: Language, domain: str) -> gettext.GNUTranslations:
    """The sentences of the gettext domain `domain`, from the `.po` files in `directory`."""
    with (directory / language.value / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        read = read_po(file, locale=language.value, domain=domain, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def day(at: datetime, language: Language) -> str:
    """The day of `at` in UTC, the month as a word: "10 June 2026"."""
    return _day(at.astimezone(UTC), _CUSTOMS[language])


def moment(at: datetime, language: Language) -> str:
    """`at` to the minute, with its zone: "10 June 2026, 18:05 UTC"."""
    return f"{day(at, language)}, {at.astimezone(UTC):%H:%M} UTC"


def named_day(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """The day of `at` in `zone`, with its weekday: "Wednesday, 10 June 2026"."""
    local, customs = at.astimezone(zone), _CUSTOMS[language]
    return customs.named_day.format(weekday=customs.weekdays[local.weekday()], day=_day(local, customs))


def money(amount: Money, language: Language) -> str:
    """An amount with its currency: by its sign where every reader of the language knows it, else by its code."""
    customs = _CUSTOMS[language]
    number = _number(f"{abs(amount.amount):,f}", customs)
    sign, symbol = "-" if amount.minor < 0 else "", dict(customs.symbols).get(amount.currency)
    if symbol is None:
        return customs.money_by_code.format(sign=sign, number=number, currency=amount.currency)
    return customs.money.format(sign=sign, number=number, currency=symbol)


def percent(basis_points: int, language: Language) -> str:
    """A share of a whole: "50%", "12,5 %"."""
    customs = _CUSTOMS[language]
    return _number(f"{basis_points * 100 / BASIS:.2f}".rstrip("0").rstrip("."), customs) + customs.percent


def size(octets: int, language: Language) -> str:
    """A number of octets in mebibytes, which people call megabytes: "10 MB", "2,5 Mo"."""
    customs = _CUSTOMS[language]
    return _number(f"{octets / _MIB:,.1f}".removesuffix(".0"), customs) + customs.megabytes


def _day(local: datetime, customs: _Customs) -> str:
    return customs.day.format(day=local.day, month=customs.months[local.month - 1], year=local.year)


def _number(written: str, customs: _Customs) -> str:
    """`written` as Python does, in the marks of the language."""
    return written.translate({ord(","): customs.thousands, ord("."): customs.decimal})
