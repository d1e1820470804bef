"""The sentences of one notification, said in the recipient's language with what is known of the matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from types import MappingProxyType

from relay.correspondence.languages import words
from relay.correspondence.notifications.matter import Matter
from relay.correspondence.notifications.wording import Sentence, When
from relay.values import Language


class Speech:
    """Says sentences in a language; `known` are the fields that can be filled in, none of them empty."""

    def __init__(self, language: Language, known: Mapping[str, str] = MappingProxyType({})) -> None:
        self.language = language
        self._known = known
        self._words = words(language)

    def said(self, sentence: str, **more: str) -> str:
        """`sentence` in the recipient's language. `more` are fields of its own. Raises KeyError for a field that is not known."""
        return self._words.gettext(sentence).format_map({**self._known, **more})

    def counted(self, forms: tuple[str, str], count: int, **more: str) -> str:
        """The form of the sentence that goes with `count`."""
        return self._words.ngettext(*forms, count).format(count=count, **more)


class Voice(Speech):
    """Says sentences about `matter`."""

    def __init__(self, matter: Matter, known: Mapping[str, str]) -> None:
        super().__init__(matter.recipient.language, known)
        self._matter = matter

    def holding(self, sentences: Iterable[Sentence]) -> tuple[str, ...]:
        """Those of `sentences` that hold and can be said, said."""
        plain = (one.sentence if isinstance(one, When) else one for one in sentences if self._holds(one))
        return tuple(self.said(one) for one in plain if _fields(one) <= self._known.keys())

    def _holds(self, sentence: Sentence) -> bool:
        return sentence.holds(self._matter) if isinstance(sentence, When) else True


@cache
def _fields(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)
