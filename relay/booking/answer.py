"""An answer by mail to what was asked about a booking: a clear word acts, everything else is a message to the other side.

Only what cannot mean anything else is a clear word: whoever is taken at their word by mistake is worse off than whoever has to
use the button. A condition, a question, both words in one line, or a sentence around the word make it a message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from relay.booking.answer_words import ACCEPT, BECAUSE, CONDITIONAL, DECLINE, GLAD, GREETINGS, POLITE, SORRY
from relay.booking.booking import reason_characters_max

greeting_words_max: Final = 5
"""Of a line that only greets: "Dear Mr and Mrs Example"."""
_word_characters_max: Final = 120
"""A line that is longer is no clear word; what comes after a decline may be."""
_separators_max: Final = 6
"""Places in a line behind which a reason is looked for."""

_STRICT: Final = ":："
_SEPARATOR: Final = re.compile(r"\s*[:：]\s*|\s*[,;，；]\s+|\s+[-–—]+\s+|[.!]+\s+|\s*[–—]\s*")
_WORD: Final = re.compile(r"[^\W_]+")
_NOT_DECOMPOSED: Final = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe"})
_QUESTION: Final = re.compile("[?？¿؟‽⁇⁈⁉]")
_DOUBTFUL: Final = re.compile(
    _QUESTION.pattern + r"|[✗✘✕✖❌❎👎🚫⛔🙅☐⬜≠¬]|\[\s*\]"  # no, said in a picture; a box that is not ticked
    "|[\u0335-\u0338]|~~"  # struck through
    r"|\b(?:no|non|nie|nicht|not)\s*[^\w\s]\s*\w",  # "No, acepto" is no "no acepto"
    re.IGNORECASE,
)
"""What makes the words beside it say something else, or nothing for certain."""


@dataclass(frozen=True, slots=True)
class Accepts:
    """Yes, to exactly what was asked."""


@dataclass(frozen=True, slots=True)
class Declines:
    """No; `reason` as written, empty where none was given."""

    reason: str = field(default="", repr=False)


ClearWord = Accepts | Declines


def clear_word(line: str, below: str = "") -> ClearWord | None:
    """What `line`, the first of an answer that says something, clearly says; None where it is for a person to read.

    `below` is what stands on the very next line, where something does: programs break sentences anywhere.
    """
    if len(line) > reason_characters_max + _word_characters_max or _begins(_words(below[:_word_characters_max]), CONDITIONAL):
        return None
    if not _DOUBTFUL.search(line) and len(line) <= _word_characters_max:
        said = _words(line)
        if _is(said, _accepting(), (_phrases(POLITE), _phrases(GLAD))):
            return Accepts()
        if _declines(said):
            return Declines()
    return _with_reason(line)


def greets_only(line: str) -> bool:
    """Whether `line` greets and says nothing else: what follows it is the first line of the answer."""
    words = _words(line[:_word_characters_max])
    if not words or len(words) > greeting_words_max or len(line) > _word_characters_max or _QUESTION.search(line):
        return False
    begins = any(words[: len(one)] == one for one in _phrases(GREETINGS))
    return begins and not any(set(one) <= set(words) for one in (*_accepting(), *_declining()))


def _with_reason(line: str) -> Declines | None:
    """A decline, and why: behind a colon whatever it is, behind a comma or a dash what is plainly a reason."""
    for head, separator, reason in _parted(line):
        if len(head) > _word_characters_max or _DOUBTFUL.search(head) or not _declines(_words(head)):
            continue
        words = _words(reason)
        is_strict = separator.strip() in _STRICT and bool(separator.strip())
        if not words or _begins(words, CONDITIONAL) or words in _accepting():
            return None
        if not is_strict and (_QUESTION.search(reason) or _mentions(words, CONDITIONAL) or _speaks_of_accepting(words)):
            return None
        return Declines(reason.strip())
    return None


def _parted(line: str) -> Iterator[tuple[str, str, str]]:
    """The places where a reason may begin: what stands before, what parts them, what stands behind."""
    for count, found in enumerate(_SEPARATOR.finditer(line)):
        if count == _separators_max:
            return
        yield line[: found.start()], found[0], line[found.end() :]
    words = list(_WORD.finditer(line[:_word_characters_max]))
    for at, word in enumerate(words[1:], start=1):
        if _begins(_words(line[word.start() : _word_characters_max]), BECAUSE):
            yield line[: words[at - 1].end()], " ", line[word.start() :]
            return


def _declines(said: tuple[str, ...]) -> bool:
    return _is(said, _declining(), (_phrases(POLITE), _phrases(SORRY)))


def _is(said: tuple[str, ...], answers: frozenset[tuple[str, ...]], around: Iterable[frozenset[tuple[str, ...]]]) -> bool:
    """Whether `said` is one of `answers`, with what may stand around it taken away."""
    fillers = frozenset().union(*around)
    longest = max(map(len, fillers))
    while said:
        if said in answers:
            return True
        shorter = _shorter(said, fillers, longest)
        if shorter is None:
            return False
        said = shorter
    return False


def _shorter(said: tuple[str, ...], fillers: frozenset[tuple[str, ...]], longest: int) -> tuple[str, ...] | None:
    for length in range(min(longest, len(said)), 0, -1):
        if said[:length] in fillers:
            return said[length:]
        if said[-length:] in fillers:
            return said[:-length]
    return None


def _begins(words: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    return any(words[: len(one)] == one for one in _phrases(phrases))


def _mentions(words: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    return any(words[at : at + len(one)] == one for one in _phrases(phrases) for at in range(len(words)))


def _speaks_of_accepting(words: tuple[str, ...]) -> bool:
    return any(len(one) == 1 and one[0] in words for one in _accepting())


@cache
def _accepting() -> frozenset[tuple[str, ...]]:
    return frozenset(_words(one) for phrases in ACCEPT.values() for one in phrases)


@cache
def _declining() -> frozenset[tuple[str, ...]]:
    return frozenset(_words(one) for phrases in DECLINE.values() for one in phrases)


@cache
def _phrases(phrases: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(_words, phrases))


def _words(text: str) -> tuple[str, ...]:
    """The words of `text` without case, accents and punctuation; an apostrophe parts two."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_NOT_DECOMPOSED))
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    return tuple(_WORD.findall(bare))
