"""What readers see in the place of what was taken out."""

from __future__ import annotations

import pytest

from relay.message.phrases import PHRASES
from relay.values import Language


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_phrase(language: Language) -> None:
    phrases = PHRASES[language]
    assert all(len(phrase) > len("[]") for phrase in phrases.all_bracketed())
    assert len(set(phrases.all_bracketed())) == len(phrases.all_bracketed())
