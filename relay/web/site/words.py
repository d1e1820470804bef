"""The sentences of pages, in the reader's language; those that mails have too are taken from theirs."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files

from relay.correspondence.languages import catalogue, words
from relay.values import Language

DOMAIN = "pages"


@cache
def site_words(language: Language) -> gettext.NullTranslations:
    """The sentences of `language`, by their English source text. What is not translated is English."""
    translations = catalogue(files("relay.web") / "catalogues", language, DOMAIN)
    translations.add_fallback(words(language))
    return translations
