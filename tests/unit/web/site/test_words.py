"""The pages' sentences: what they are in each language."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from relay.values import Language
from relay.web.site.words import site_words

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "sentences.py"
FOREIGN = [one for one in Language if one is not Language.EN]


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sentences", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def catalogue(language: Language) -> Catalog:
    tool = script()
    return tool.read(language.value, dict(tool.catalogues())[language.value])


@cache
def marked_sentences() -> frozenset[str | tuple[str, str]]:
    return frozenset(script().sentences())


def placeholders(sentence: str) -> set[str]:
    return {
        name
        for _, name, _, _ in Formatter().parse(sentence.replace("%(", "{").replace(")s", "}").replace(")d", "}"))
        if name is not None
    }


def test_there_is_a_catalogue_for_each_language_but_english() -> None:
    assert {name for name, _ in script().catalogues()} == {one.value for one in FOREIGN}


def test_an_english_reader_reads_the_sentences_as_they_are_written() -> None:
    assert site_words(Language.EN).gettext("Sign out") == "Sign out"


@pytest.mark.parametrize("language", FOREIGN)
def test_a_sentence_that_mails_have_too_is_translated_as_there(language: Language) -> None:
    sentence = "Your text tells who or where you are in a way that cannot be taken out. Please write it differently."
    assert site_words(language).gettext(sentence) != sentence


@pytest.mark.parametrize("language", FOREIGN)
def test_a_translation_names_what_its_sentence_names(language: Language) -> None:
    for message in catalogue(language):
        forms = (message.string,) if isinstance(message.string, str) else message.string
        wanted = placeholders(message.id if isinstance(message.id, str) else message.id[-1]) if message.id else set()
        assert all(placeholders(form) == wanted for form in forms if form and message.id), message.id


@pytest.mark.parametrize("language", FOREIGN)
def test_a_catalogue_holds_every_sentence_of_the_pages_and_each_is_translated(language: Language) -> None:
    """`make sentences` brings in what is new, without a translation; mails have theirs in a catalogue of their own."""
    held = catalogue(language)
    assert {message.id for message in held if message.id} == marked_sentences()
    assert [message.id for message in script().untranslated(held)] == []
