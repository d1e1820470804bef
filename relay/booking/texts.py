"""What people read, in the languages that somebody wrote it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.values import Language

line_characters_max: Final = 500
text_characters_max: Final = 5000


def checked_line(what: str, text: str) -> None:
    """Raises ValueError that names `what` where `text` is no line that can be printed, of at most 500 characters."""
    if not text.strip() or len(text) > line_characters_max or not text.isprintable():
        raise ValueError(f"{what}: 1 to {line_characters_max} printable characters are needed")


@dataclass(frozen=True, slots=True)
class Text:
    """What is said in one language."""

    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The same in one or more languages; the first is read by whoever has none of them.

    Raises ValueError where there is none, one is empty or too long, or a language stands twice.
    """

    said: tuple[Text, ...]

    def __post_init__(self) -> None:
        if not self.said:
            raise ValueError("text: at least one language is needed")
        if len({one.language for one in self.said}) < len(self.said):
            raise ValueError("text: a language stands twice")
        if not all(one.text.strip() and len(one.text) <= text_characters_max for one in self.said):
            raise ValueError(f"text: 1 to {text_characters_max} characters are needed in each language")

    @classmethod
    def of(cls, language: Language, text: str) -> Texts:
        """In one language alone."""
        return cls((Text(language, text),))

    def read_in(self, language: Language) -> str:
        """What somebody reads who wants `language`."""
        return next((one.text for one in self.said if one.language is language), self.said[0].text)


def checked_title(what: str, title: Texts) -> None:
    """Raises ValueError that names `what` where the title is more than a line in some language."""
    for one in title.said:
        checked_line(what, one.text)
