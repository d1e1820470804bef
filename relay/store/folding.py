"""Words as the search index holds them: without case and accents, cut where words end, so that "Lodz" finds "Łódź" (AR-4c)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_NO_MARK_OF_THEIR_OWN: Final = str.maketrans(
    {
        "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ħ": "h", "Ħ": "h", "ŧ": "t", "Ŧ": "t",
        "ı": "i", "ß": "ss", "ẞ": "ss", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart into a letter and a mark."""

_CJK: Final = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u3096\u30a1-\u30fa"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Han, hiragana, katakana: written without spaces, so each character is a word, and a word of several is a phrase."""
_WORD: Final = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
_APART: Final = bytes(octet if chr(octet).isalnum() else 0x20 for octet in range(128)) + b" " * 128
"""Folded ASCII with a space between words: splitting there takes a third of the time of looking for words."""
_ASCII: Final = bytes(range(0x80))
_characters_replaced_max: Final = 100
"""Different characters beyond ASCII that a text has at most where each is looked for in the whole of it: alphabets have fewer."""

word_characters_max: Final = 100
"""Of one word in the index: what is longer is an encoded file, and not looked for."""


def words(text: str) -> list[str]:
    """The folded words of `text`, in their order."""
    plain = folded(text)
    found = plain.encode().translate(_APART).decode().split() if plain.isascii() else _WORD.findall(plain)
    if max(map(len, found), default=0) > word_characters_max:
        return [word[:word_characters_max] for word in found]
    return found


def folded(text: str) -> str:
    """`text` in lower case, without accents. It may be longer or shorter than before."""
    if text.isascii():
        return text.lower()
    # Each character folds by itself, into what folds to itself, and a text has few that are not ASCII.
    beyond = set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    if len(beyond) > _characters_replaced_max:
        return _folded(text)
    for one in beyond:
        text = text.replace(one, _folded_character(one))
    # Of bytes it lowers ASCII alone: what is beyond is folded.
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_NO_MARK_OF_THEIR_OWN))
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold().translate(_NO_MARK_OF_THEIR_OWN)


_folded_character = lru_cache(maxsize=4096)(_folded)
"""The accented letters of a language come again and again."""


def places(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Where words stand in `text` (start and end) with what each is folded to: to mark hits in what people wrote.

    `text` is in composed form (NFC): an accent that stands apart would cut its word.
    """
    if text.isascii():
        # Most texts, and most words of the others: a tenth of the time.
        for found in _ASCII_WORD.finditer(text.lower()):
            yield found.start(), found.end(), [found[0][:word_characters_max]]
        return
    for found in _WORD.finditer(text):
        word = found[0]
        yield found.start(), found.end(), [word.lower()[:word_characters_max]] if word.isascii() else words(word)
