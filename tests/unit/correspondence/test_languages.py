"""The catalogues are complete, and dates and sizes are written as each language writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_percent
from babel.units import format_unit

from relay.booking.money import Money
from relay.correspondence.languages import DOMAIN, day, moment, money, named_day, percent, size, words
from relay.values import Language

KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "_n": (1, 2)}
AT = datetime(2026, 3, 1, 8, 5, 59, tzinfo=UTC)


@cache
def sources() -> set[str | tuple[str, ...]]:
    """Every sentence that the code marks for translation."""
    found = extract_from_dir(str(files("relay.correspondence")), method_map=[("**.py", "python")], keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}


def catalogue(language: Language) -> Catalog:
    path = files("relay.correspondence") / "catalogues" / language.value / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.value, abort_invalid=True)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_the_code_marks_its_sentences() -> None:
    assert len(sources()) > 60


@pytest.mark.parametrize("language", Language)
def test_a_catalogue_holds_every_sentence_of_the_code_and_no_other(language: Language) -> None:
    held = {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue(language) if message.id}
    assert held == sources()


@pytest.mark.parametrize("language", Language)
def test_every_sentence_is_translated_in_all_its_forms(language: Language) -> None:
    translated = catalogue(language)
    for message in translated:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        forms = (message.string,) if isinstance(message.string, str) else message.string
        assert all(form.strip() for form in forms), message.id
        assert len(forms) == (1 if isinstance(message.id, str) else translated.num_plurals), message.id
        wanted = placeholders(message.id if isinstance(message.id, str) else message.id[1])
        assert all(placeholders(form) == wanted for form in forms), message.id


ALIKE = {
    "{label}:",
    "{name} (provider)",
    "{name} (customer)",
    "{text} (extra)",
    "Total",
    "Date",
    "Client",
    "Participants",
    "{count} minute",
}
"""What is written alike in English and in some other language."""


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.EN])
def test_a_translation_is_not_the_english_text(language: Language) -> None:
    same = [message.id for message in catalogue(language) if message.id and message.string == message.id]
    assert {one if isinstance(one, str) else one[0] for one in same} <= ALIKE


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, "oraz 1 inny plik"), (2, "oraz 2 inne pliki"), (5, "oraz 5 innych plików"), (22, "oraz 22 inne pliki")],
)
def test_polish_counts_in_three_forms(count: int, expected: str) -> None:
    text = words(Language.PL).ngettext("and {count} more file", "and {count} more files", count)
    assert text.format(count=count) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, "1 March 2026"),
        (Language.FR, "1 mars 2026"),
        (Language.ES, "1 de marzo de 2026"),
        (Language.PL, "1 marca 2026"),
        (Language.DE, "1. März 2026"),
        (Language.IT, "1 marzo 2026"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it_and_a_moment_in_utc(language: Language, expected: str) -> None:
    assert day(AT, language) == expected
    assert moment(AT, language) == f"{expected}, 08:05 UTC"


@pytest.mark.parametrize(
    ("octets", "language", "expected"),
    [
        (10 * 1024 * 1024, Language.EN, "10 MB"),
        (10 * 1024 * 1024, Language.FR, "10 Mo"),
        (2_621_440, Language.DE, "2,5 MB"),
        (2_621_440, Language.EN, "2.5 MB"),
    ],
)
def test_a_size_is_in_megabytes_with_the_mark_of_the_language(octets: int, language: Language, expected: str) -> None:
    assert size(octets, language).replace("\u00a0", " ").replace("\u202f", " ") == expected


@pytest.mark.parametrize("language", Language)
def test_every_day_and_size_is_written_as_the_tables_of_unicode_say(language: Language) -> None:
    """PERF-10: these tables are too large to be kept in every process."""
    # "en" alone would be American: the month before the day.
    locale = "en_GB" if language is Language.EN else language.value
    days = [AT + timedelta(days=number) for number in range(366)]
    assert [day(one, language) for one in days] == [format_date(one, format="long", locale=locale) for one in days]
    sizes = [0, 1, 524_288, 2_621_440, 26_214_400, 999 * 1024**2, 1_234 * 1024**2 + 1, 5 * 1024**4]
    told = [format_unit(round(one / 1024**2, 1), "digital-megabyte", length="short", locale=locale) for one in sizes]
    assert [size(one, language) for one in sizes] == told


@pytest.mark.parametrize("language", Language)
def test_named_days_money_and_shares_are_written_as_the_tables_of_unicode_say(language: Language) -> None:
    locale = "en_GB" if language is Language.EN else language.value
    days = [AT + timedelta(days=number) for number in range(14)]
    rome = ZoneInfo("Europe/Rome")
    assert [named_day(one, rome, language) for one in days] == [format_date(one, format="full", locale=locale) for one in days]
    amounts = [Money(minor, "EUR") for minor in (0, 5, 1_250, 99_999, 123_450, 1_234_567_89, -4_000)]
    assert [money(one, language) for one in amounts] == [format_currency(one.amount, "EUR", locale=locale) for one in amounts]
    shares = [0, 5_000, 10_000]
    assert [percent(one, language) for one in shares] == [format_percent(one / 10_000, locale=locale) for one in shares]


@pytest.mark.parametrize(
    ("amount", "language", "expected"),
    [
        (Money(1_250, "CHF"), Language.EN, "CHF 12.50"),
        (Money(1_250, "GBP"), Language.EN, "£12.50"),
        (Money(1_250, "GBP"), Language.FR, "12,50 GBP"),
        (Money(123_450, "PLN"), Language.PL, "1 234,50 zł"),
        (Money(1_250, "PLN"), Language.DE, "12,50 PLN"),
        (Money(1_250, "JPY"), Language.IT, "1.250 JPY"),
        (Money(-1_250, "USD"), Language.ES, "-12,50 USD"),
    ],
)
def test_a_currency_that_not_every_reader_knows_by_its_sign_is_named_by_its_code(
    amount: Money, language: Language, expected: str
) -> None:
    assert money(amount, language).replace("\u00a0", " ") == expected


def test_a_share_that_is_not_whole_has_its_decimals() -> None:
    assert percent(1_250, Language.EN) == "12.5%"
    assert percent(3_333, Language.DE) == "33,33\u00a0%"


def test_a_named_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    assert named_day(late, ZoneInfo("Europe/Rome"), Language.EN) == "Thursday, 11 June 2026"
    assert named_day(late, ZoneInfo("America/New_York"), Language.EN) == "Wednesday, 10 June 2026"


def test_the_tables_of_unicode_are_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF-10"""
    monkeypatch.setattr("babel.localedata.load", None)
    words.cache_clear()
    for language in Language:
        assert all((words(language).gettext("and"), size(1, language), moment(AT, language)))
        assert all((money(Money(1, "EUR"), language), percent(1, language), named_day(AT, ZoneInfo("UTC"), language)))
