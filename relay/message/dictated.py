"""Addresses as people dictate them: the at sign in brackets, the dots perhaps as well (LEAK-24, LEAK-29).

Known addresses are found in far more spellings (`spelled`). Those of strangers are told by their form alone, so that form has to
leave no doubt: `fritz (at) anders.example`, `fritz[at]anders[dot]example`, `fritz AT anders DOT example`; no price, no place, no
code (LEAK-31).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import Final

from relay.message.addresses import domain_characters_max, local_characters_max
from relay.message.canonical import any_of
from relay.message.normal import Normal, places_of
from relay.message.phrases import AT_WORDS, DOT_WORDS
from relay.registrable import is_top_level

_OPENINGS: Final = "([{<"
_AT: Final = re.compile(rf"[(\[{{<]\s{{0,2}}(?:@|{any_of(AT_WORDS)})\s{{0,2}}[)\]}}>]")
_BLANKS: Final = re.compile(r"\s{0,2}")
_LABEL: Final = re.compile(r"[\w-]+")
_DOT: Final = re.compile(rf"\.|\s{{0,2}}[(\[{{<]\s{{0,2}}(?:\.|{any_of(DOT_WORDS)})\s{{0,2}}[)\]}}>]\s{{0,2}}")
_DOT_BACKWARDS: Final = (
    rf"\.|\s{{0,2}}[)\]}}>]\s{{0,2}}(?:\.|{any_of([word[::-1] for word in DOT_WORDS])})\s{{0,2}}[(\[{{<]\s{{0,2}}"
)
_LOCAL_BACKWARDS: Final = re.compile(rf"[\w+\-]+(?:(?:{_DOT_BACKWARDS})[\w+\-]+)*")
_DOT_IN_CAPITALS: Final = re.compile(r"[ \t]{1,3}DOT[ \t]{1,3}")
_IN_CAPITALS: Final = re.compile(
    rf"(?<![\w.+\-@])(?P<local>[\w.+\-]{{1,64}}(?:{_DOT_IN_CAPITALS.pattern}[\w.+\-]{{1,64}}){{0,4}})[ \t]{{1,3}}AT[ \t]{{1,3}}"
    rf"(?P<domain>[\w-]{{1,63}}(?:{_DOT_IN_CAPITALS.pattern}[\w-]{{1,63}}){{1,8}})"
)
_WORDS_IN_CAPITALS: Final = ("DOT", "AT")
"""What such an address has, the rarer one first."""
_KEYWORDS: Final = frozenset({"elif", "for", "if", "return", "switch", "unless", "until", "while"})
"""Before brackets they are code: `if (at) node.next = x`."""
_END_OF_AN_ELEMENT: Final = "</"


@dataclass(frozen=True, slots=True)
class Dictated:
    """What stands at [start, end) of the original text, and the `address` that it says."""

    start: int
    end: int
    address: str = field(repr=False)


def dictated(normal: Normal) -> Iterator[Dictated]:
    """All addresses that are dictated in a text, whosever they are, in order. Linear in its length."""
    if any(word not in normal.original for word in _WORDS_IN_CAPITALS):
        return _in_brackets(normal)
    return merge(_in_brackets(normal), _in_capitals(normal.original), key=lambda one: one.start)


def _in_brackets(normal: Normal) -> Iterator[Dictated]:
    text = normal.text
    done = 0
    openings = sorted(place for opening in _OPENINGS for place in places_of(opening, text))
    for at in filter(None, (_AT.match(text, place) for place in openings)):
        labels = _labels(normal, at.end())
        if len(labels) < 2 or text.startswith(_END_OF_AN_ELEMENT, labels[-1].end()):
            continue
        local = _local(text, max(done, at.start() - local_characters_max), at.start())
        if local is None:
            continue
        start, said = local
        done = labels[-1].end()
        yield Dictated(*normal.span(start, done), f"{said}@{'.'.join(label[0] for label in labels)}")


def _labels(normal: Normal, start: int) -> list[re.Match[str]]:
    """The labels of the domain behind an at sign, up to the last one that can be a top level; a sentence may go on behind it."""
    text, stop = normal.text, start + domain_characters_max
    labels: list[re.Match[str]] = []
    separator = _BLANKS.match(text, start)
    while separator and (label := _LABEL.match(text, separator.end(), stop)):
        labels.append(label)
        separator = _DOT.match(text, label.end(), stop)
    if labels and labels[0][0] == "www":  # a place: see us (at) www.alpenhof.example
        return []
    while labels and (not is_top_level(labels[-1][0]) or _begins_sentence(normal, labels)):
        labels.pop()
    return labels


def _begins_sentence(normal: Normal, labels: list[re.Match[str]]) -> bool:
    """Whether a capital says so: `we meet (at) noon.It rains`."""
    first, last = (normal.original[slice(*normal.span(*label.span()))] for label in (labels[0], labels[-1]))
    return last.istitle() and first.islower()


def _local(text: str, floor: int, at: int) -> tuple[int, str] | None:
    """Where the local part before `at` begins, and what it is."""
    before = text[floor:at][::-1]
    blanks = _BLANKS.match(before)
    found = _LOCAL_BACKWARDS.match(before, blanks.end() if blanks else 0)
    if found is None or found[0][::-1] in _KEYWORDS:
        return None
    return at - found.end(), re.sub(_DOT_BACKWARDS, ".", found[0])[::-1]


def _in_capitals(original: str) -> Iterator[Dictated]:
    """`fritz AT anders DOT example`: capitals stand out only where not everything is in capitals."""
    for found in _IN_CAPITALS.finditer(original):
        local, domain = (_DOT_IN_CAPITALS.sub(".", found[group]) for group in ("local", "domain"))
        if not local.isupper() and is_top_level(domain.rpartition(".")[2].lower()):
            yield Dictated(*found.span(), f"{local}@{domain}")
