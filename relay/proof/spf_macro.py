"""Macro strings: what a policy of SPF says where it does not name a domain outright (RFC 7208 §7).

Whoever sends chooses most of what the macros stand for, so an expansion is built from its right end, and no further than a name
can be long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from relay.lookup import name_octets_max

_PIECE: Final = re.compile(
    r"""%\{ (?P<letter>[slodiphcrtv]) (?P<parts>[0-9]*) (?P<reversed>r?) (?P<delimiters>[-.+,/_=]*) \}
      | (?P<escape>%[%_-])
      | (?P<literal>[!-$&-~]+)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_ESCAPES: Final = {"%%": "%", "%_": " ", "%-": "%20"}
_FOR_EXPLANATIONS: Final = frozenset("crt")
_TOP_LABEL: Final = re.compile(r"(?![0-9]+\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_parts_digits_max: Final = 3
"""Whoever asks for more parts than that can say has all of them (RFC 7208 §7.3)."""


@dataclass(frozen=True, slots=True)
class Macro:
    """What stands for something, and what is made of that: split at `delimiters`, `reversed`, `parts` of it from the right (None:
    all), `quoted` as in a URL because the letter was a capital. `letter` is in lower case."""

    letter: str
    parts: int | None = None
    reversed: bool = False
    delimiters: str = "."
    quoted: bool = False

    def of(self, value: str) -> str:
        first = self.delimiters[0]
        for other in self.delimiters[1:]:
            value = value.replace(other, first)
        parts = value.split(first)
        if self.reversed:
            parts.reverse()
        text = ".".join(parts if self.parts is None else parts[-self.parts :])
        return quote(text, safe="") if self.quoted else text


MacroString = tuple[str | Macro, ...]


def macro_string(text: str) -> MacroString | None:
    """`text` in its pieces; None where it is no macro string (RFC 7208 §7.1)."""
    pieces: list[str | Macro] = []
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found["letter"]:
            if (macro := _macro(found)) is None:
                return None
            pieces.append(macro)
        else:
            pieces.append(found["literal"] or _ESCAPES[found["escape"]])
    return tuple(pieces)


def domain_spec(text: str) -> MacroString | None:
    """The same of what becomes a name: it ends with a macro, or with a dot and a top label, and explains nothing."""
    pieces = macro_string(text)
    if not pieces or any(isinstance(one, Macro) and one.letter in _FOR_EXPLANATIONS for one in pieces):
        return None
    if isinstance(pieces[-1], Macro) or pieces[-1] in _ESCAPES.values():
        return pieces
    _, dot, label = text.removesuffix(".").rpartition(".")
    return pieces if dot and _TOP_LABEL.fullmatch(label) else None


def letters(spec: MacroString) -> frozenset[str]:
    """Those whose values an expansion of `spec` needs."""
    return frozenset(one.letter for one in spec if isinstance(one, Macro))


def expanded(spec: MacroString, values: Mapping[str, str]) -> str | None:
    """The name that `spec` comes to, in lower case, without its final dot, and without the labels on its left for which there is
    no room (RFC 7208 §7.3). What is no name may come out as well.

    None where a value that counts is not ASCII: what it stands in matches nothing (RFC 8616 §4).
    """
    tail: list[str] = []
    room = name_octets_max + 2  # a final dot, and the dot before the first label
    for piece in reversed(spec):
        text = piece.of(values[piece.letter]) if isinstance(piece, Macro) else piece
        if isinstance(piece, Macro) and not values[piece.letter].isascii():
            return None
        tail.append(text)
        room -= len(text)
        if room <= 0:
            break
    name = "".join(reversed(tail)).removesuffix(".").lower()
    return name if len(name) <= name_octets_max else name[-name_octets_max - 1 :].partition(".")[2]


def _macro(found: re.Match[str]) -> Macro | None:
    digits = found["parts"].lstrip("0")
    if found["parts"] and not digits:
        return None
    return Macro(
        letter=found["letter"].lower(),
        parts=int(digits) if 0 < len(digits) <= _parts_digits_max else None,
        reversed=bool(found["reversed"]),
        delimiters="".join(dict.fromkeys(found["delimiters"])) or ".",
        quoted=found["letter"].isupper(),
    )
