"""Bank accounts in running text: the shape of an IBAN, the length that its country gives it, and its check digits (ISO 13616)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LENGTHS: Final[dict[str, int]] = {
    country: length
    for length, countries in {
        15: "no",
        16: "be",
        18: "dk fi fo gl nl sd",
        19: "mk si",
        20: "at ba ee kz lt lu mn xk",
        21: "ch hr li lv",
        22: "bg bh cr de gb ge ie me rs va",
        23: "ae gi il iq om so tl",
        24: "ad cz es md pk ro sa se sk tn vg",
        25: "ly pt st",
        26: "is tr",
        27: "bi dj fr gr it mc mr sm",
        28: "al az by cy do gt hu lb ni pl sv",
        29: "br eg ps qa ua",
        30: "jo kw mu",
        31: "mt sc",
        32: "lc",
        33: "ru",
    }.items()
    for country in countries.split()
}
"""Letters and digits of an IBAN by country, as the registry lists them."""

_HEAD: Final = re.compile(r"(?<![a-z0-9])([a-z]{2}) ?[0-9]{2}(?=[ \-]?[a-z0-9])")
_PIECE: Final = re.compile(r"[ \-]?[a-z0-9]")
_DOMESTIC: Final = re.compile(r"(?<![a-z0-9])[0-9]{2}(?:[ \-]?[0-9]{4}){6}(?![ \-]?[0-9]|[a-z])")
"""Poles leave the country out of their account numbers (NRB)."""


def ibans(normal: str) -> Iterator[tuple[int, int]]:
    """Where bank accounts stand in a normal form, in order."""
    done = 0
    for start, end in sorted((*_international(normal), *_domestic(normal))):
        if start >= done:
            yield start, end
            done = end


def _international(normal: str) -> Iterator[tuple[int, int]]:
    for head in _HEAD.finditer(normal):
        rest = LENGTHS.get(head[1], 0) - 4
        at = head.end()
        while rest > 0 and (piece := _PIECE.match(normal, at)) is not None:
            at = piece.end()
            rest -= 1
        if rest == 0 and not normal[at : at + 1].isalnum() and _is_checked(normal[head.start() : at]):
            yield head.start(), at


def _domestic(normal: str) -> Iterator[tuple[int, int]]:
    for found in _DOMESTIC.finditer(normal):
        if _is_checked(f"pl{found[0]}"):
            yield found.span()


def _is_checked(written: str) -> bool:
    """Whether the check digits are right: the letters as numbers from 10, the first four places last, modulo 97 (ISO 7064)."""
    bare = written.replace(" ", "").replace("-", "")
    return int("".join(str(int(one, 36)) for one in bare[4:] + bare[:4])) % 97 == 1
