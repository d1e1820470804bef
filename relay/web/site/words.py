"""The sentences of pages, in the reader's language; those that mails have too are taken from theirs."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from typing import Final

from relay.correspondence.languages import catalogue, words
from relay.values import Language

LANGUAGES: Final = {
    Language.EN: "English",
    Language.FR: "Français",
    Language.ES: "Español",
    Language.PL: "Polski",
    Language.DE: "Deutsch",
    Language.IT: "Italiano",
}
"""Each in its own words: whoever looks for theirs may read no other."""
DOMAIN: Final = "pages"
"""The gettext domain. `python scripts/sentences.py` brings its catalogues up to date."""


@cache
def site_words(language: Language) -> gettext.NullTranslations:
    """The sentences of `language`, by their English source text; the sources are English, so that needs no catalogue."""
    if language is Language.EN:
        return gettext.NullTranslations()
    translations = catalogue(files("relay.web") / "catalogues", language, DOMAIN)
    translations.add_fallback(words(language))
    return translations
