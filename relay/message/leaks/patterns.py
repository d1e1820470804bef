"""How an identifier may be written, as patterns over the normal form (folding.py).

Patterns begin with a plain character, consist of single characters with bounded gaps, and so run in linear time. They are made
when first needed: of a clean message nearly none is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from relay.message.leaks.folding import GAP, folded_word, squeezed

SPELLED_AT: Final = (
    "at", "arobase", "arobas", "arroba", "chiocciola", "chiocciolina", "malpa", "klammeraffe", "affenschwanz", "ät", "et",
    "zavinac", "kukac", "snabel-a", "apenstaartje", "sobaka", "собака", "miukumauku", "chez", "bei",
)  # fmt: skip
SPELLED_DOT: Final = ("dot", "punkt", "point", "punto", "kropka", "ponto", "punt", "tecka", "bodka", "tochka", "точка", "prik")
"""As people of the six languages and their neighbours write the two signs in words (LEAK-29)."""

DOTS_MEAN_NOTHING: Final = frozenset({"gmail.com", "googlemail.com"})

_gap_max: Final = 120
"""Invisible and quoting characters between two characters of an address."""
_tag_max: Final = 64
_INVISIBLE: Final = rf"{GAP}*+"
_BETWEEN: Final = rf"[\s\x00-\x1f\x7f>|\"'\\]{{0,{_gap_max}}}+(?:=\r?\n[\s>|]{{0,{_gap_max}}}+)?+"
"""Possessive, so that it never tries twice: nothing that may follow is of these characters."""
_FOLDED: Final = rf"{GAP}*+ ?{GAP}*+"
"""What unfolding leaves where a header line was folded in the middle of a word (RFC 5322 §2.2.3)."""
_NOT_BETWEEN: Final = str.maketrans("", "", ">|\"'\\ ")
_OPEN: Final = r"[\s\x00-\x1f(\[{<_.*\-]{1,8}"
_CLOSE: Final = r"[\s\x00-\x1f)\]}>_.*\-]{1,8}"


def _coded(code: int, name: str) -> str:
    """A sign in the encodings that are read on the way, so that it counts before anything is decoded."""
    low = f"{code:02x}"
    return rf"[=+\-]{low}|%(?:25){{0,3}}{low}|&#0{{0,6}}{code};?|&#x0{{0,6}}{low};?|&{name};?|\\u00{low}|\\x{low}"


def _spelled(words: Sequence[str]) -> str:
    return "|".join(re.escape(one) for one in sorted({folded_word(word) for word in words}, key=len, reverse=True))


_AT_CODED: Final = _coded(0x40, "commat")
_DOT_CODED: Final = _coded(0x2E, "period")
_DOT_WORDS: Final = _spelled(SPELLED_DOT)
_AT: Final = (
    rf"(?:{_BETWEEN}(?:[(\[{{]\s{{0,3}}@\s{{0,3}}[)\]}}]|@|{_AT_CODED}){_BETWEEN}"
    rf"|{_INVISIBLE}[=%#!_]{_INVISIBLE}"
    rf"|{_OPEN}(?:{_spelled(SPELLED_AT)}){_CLOSE})"
)
_DOT: Final = (
    rf"(?:{_BETWEEN}(?:[(\[{{]\s{{0,3}}\.\s{{0,3}}[)\]}}]|\.|_|{_DOT_CODED}){_BETWEEN}"
    rf"|{_OPEN}(?:{_DOT_WORDS}){_CLOSE})"
)
_DOT_OF_DOMAIN: Final = (
    rf"{_INVISIBLE}(?:[(\[{{]\s{{0,3}}(?:\.|{_DOT_WORDS})\s{{0,3}}[)\]}}]|\.|{_DOT_CODED}|\s(?:{_DOT_WORDS})\s){_INVISIBLE}"
)
"""Stricter: a domain has no at sign to be known by, and "Alpenhof. At noon" is prose."""
_RIGHT: Final = r"(?![a-z0-9]|-[a-z0-9])"
_NEIGHBOUR: Final = r"(?=[a-z0-9][a-z0-9._+\-]{0,63}@)"
_RIGHT_OF_ADDRESS: Final = rf"(?:{_NEIGHBOUR}|(?![a-z]|[0-9]{{1,9}}(?:[a-z]|[.\-][a-z0-9])|-[a-z0-9]))"
"""The number of a footnote may stand there: no top-level domain ends with a digit. So may another address, as labels of a page
stand side by side (LEAK-43)."""
_A_WORD_BEGINS: Final = r"(?<=[a-z])(?=[A-Z])(?![A-Za-z0-9\-]{0,63}\.[A-Za-z])"
"""In text with its case: the next label of a page, "x@y.exampleTel", and no domain that goes on (LEAK-44, LEAK-31)."""

_sign_letters_max: Final = max(
    len("x00000040"), len("underscore"), *(len(squeezed(word.encode())) for word in (*SPELLED_AT, *SPELLED_DOT))
)
"""Letters and digits in which a sign may be written at most."""
_SIGN: Final = rf"[a-z0-9]{{0,{_sign_letters_max}}}"
_TAG_AND_AT: Final = rf"[a-z0-9]{{0,{_tag_max + _sign_letters_max}}}"


class Shape(Enum):
    """What kind of identifier it is, which decides how it may be written."""

    ADDRESS = "address"
    """Local part and domain."""
    TURNED = "turned"
    """The same the other way round: SRS and bang paths name the domain first (LEAK-84)."""
    DOMAIN = "domain"
    WORD = "word"
    HOST = "host"
    IP = "ip"


@dataclass(frozen=True, slots=True)
class Forms:
    """How one identifier may be written.

    `near` matches in the squeezed form of every text in which one of the others matches, but for `unbounded`: how an address
    stands in octets that are no text, without gaps, and next to anything, since a length or a checksum may look like a letter.
    `in_header` is the pattern for header fields, where a fold may have been inside. `running_on` is how it stands in text with
    its case, when the next word follows without a gap.
    """

    near: re.Pattern[bytes] = field(repr=False)
    pattern: str = field(repr=False)
    in_header: str = field(default="", repr=False)
    unbounded: str = field(default="", repr=False)
    running_on: str = field(default="", repr=False)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: a clean message needs none."""
    return re.compile(pattern)


@lru_cache(maxsize=1024)
def forms(shape: Shape, texts: tuple[str, ...]) -> Forms:
    """The forms of an identifier that consists of `texts`, in the normal form (see `Shape`)."""
    match shape:
        case Shape.ADDRESS:
            return _of_address(*texts)
        case Shape.TURNED:
            local, domain = texts
            turned = rf"{_literal(domain)}[=!]{re.escape(local)}(?![a-z0-9])"
            return Forms(_near(_in_letters(domain) + _in_letters(local)), turned)
        case Shape.DOMAIN:
            (domain,) = texts
            return Forms(
                _near(_in_letters(domain)),
                _literal(domain) + _RIGHT,
                in_header=_literal(domain, _FOLDED) + _RIGHT,
                running_on=f"@(?i:{_literal(domain)}){_A_WORD_BEGINS}",  # of a colleague whom nobody named
            )
        case Shape.WORD:
            (word,) = texts
            letters = [r"\W{1,3}" if one == " " else re.escape(one) for one in word]
            whole = rf"{letters[0]}(?<![^\W\d_]{letters[0]}){_INVISIBLE}{_INVISIBLE.join(letters[1:])}(?![^\W\d_])"
            return Forms(_near(_squeezed(word)), whole)
        case Shape.HOST:
            (host,) = texts
            return Forms(_near(_in_letters(host)), _literal(host) + _RIGHT)
        case Shape.IP:
            (ip,) = texts
            first, rest = ip[0], re.escape(ip[1:])
            whole = rf"{first}(?<![0-9a-f]{first})(?<![0-9][.:]{first}){rest}(?![0-9a-f]|[.:][0-9a-f])"
            return Forms(_near(_squeezed(ip)), whole)


@lru_cache(maxsize=1024)
def our_address(address: str) -> str:
    """Matches an address that may stand there, in every spelling of the signs."""
    local, _, domain = address.rpartition("@")
    return rf"{_alone(local, before='._+-')}{_INVISIBLE}(?:@|=|{_AT_CODED}){_INVISIBLE}{_with_gaps(domain)}{_RIGHT}"


@lru_cache(maxsize=1024)
def our_domain(domain: str) -> str:
    """Matches the domain of such an address, whole: what we say about ourselves says nothing about a party."""
    return _alone(domain, before=".-") + _RIGHT


def local_part(local: str) -> str:
    """A local part as it is looked for: without a tag, and without what may stand between any two characters."""
    return (local.split("+", 1)[0] or local).translate(_NOT_BETWEEN)


def _of_address(local: str, domain: str) -> Forms:
    first, tail = _first_and_tail(local, dots_mean_nothing=domain in DOTS_MEAN_NOTHING)
    # What precedes: no letter, and no sign that joins it to one, or it is the end of a longer local part. Before "=" that
    # may be, since VERP puts its own words in front (bounces+anna=example.com@list).
    left = rf"{first}(?<![a-z0-9]{first})"
    joined = rf"(?<![a-z0-9][._+\-]{first})"
    tag = rf"(?:{_BETWEEN}\+[^\s@<>\"]{{0,{_tag_max}}}?)?"
    name = _DOT.join(_BETWEEN.join(re.escape(one) for one in label) for label in domain.split("."))
    whole = rf"{left}(?:{joined}{tail}{tag}{_AT}|{tail}{tag}(?:=|[+=]40){_INVISIBLE}){name}"
    between = r"\.?" if domain in DOTS_MEAN_NOTHING else ""
    letters = local.replace(".", "") if between else local
    return Forms(
        _near(_in_letters(local) + _TAG_AND_AT + _in_letters(domain)),
        f"{whole}{_RIGHT_OF_ADDRESS}",
        unbounded=rf"{between.join(map(re.escape, letters))}(?:\+[^\s@<>\"]{{0,{_tag_max}}})?(?:@|%40){re.escape(domain)}",
        running_on=f"(?i:{whole}){_A_WORD_BEGINS}",
    )


def _first_and_tail(local: str, *, dots_mean_nothing: bool) -> tuple[str, str]:
    """Patterns of the first character and of the rest. Where dots mean nothing they may stand anywhere, or nowhere."""
    if not dots_mean_nothing:
        return re.escape(local[:1]), "".join(_BETWEEN + _character(one) for one in local[1:])
    pieces = [one for one in local.split(".") if one]
    anywhere = rf"{_BETWEEN}\.?{_BETWEEN}"
    whole = f"(?:{_DOT}|{_BETWEEN})".join(anywhere.join(map(_character, piece)) for piece in pieces)
    first = _character(pieces[0][0])
    return first, whole.removeprefix(first)


def _character(one: str) -> str:
    if one == ".":
        return _DOT
    return r"(?:_|\(?underscore\)?|[=%]5f)" if one == "_" else re.escape(one)


def _literal(text: str, between: str = _INVISIBLE) -> str:
    """`text`, not as the end of a longer word; dots in any spelling, invisible characters anywhere.

    `between` may stand before each character, but behind no dot: a sentence ends there.
    """
    first = text[0]
    letters = "".join(
        between + _DOT_OF_DOMAIN if one == "." else (_INVISIBLE if before == "." else between) + re.escape(one)
        for before, one in pairwise(text)
    )
    return rf"{re.escape(first)}(?<![a-z0-9]{re.escape(first)})(?<![a-z0-9]-{re.escape(first)}){letters}"


def _alone(text: str, before: str) -> str:
    """`text` where no letter precedes it, and no sign of `before` that joins it to one. The first character stands before the
    conditions, or they would be tried at every place."""
    first = re.escape(text[0])
    rest = "".join(_INVISIBLE + re.escape(one) for one in text[1:])
    return rf"{first}(?<![a-z0-9]{first})(?<![a-z0-9][{re.escape(before)}]{first}){rest}"


def _with_gaps(text: str) -> str:
    """`text` as it may be folded in a calendar."""
    return _INVISIBLE.join(map(re.escape, text))


def _near(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("ascii"))


def _in_letters(text: str) -> str:
    """What of `text` is left in a squeezed form, where its signs may be written in letters."""
    return _SIGN.join(_squeezed(piece) for piece in re.split("[._]", text))


def _squeezed(text: str) -> str:
    return squeezed(text.encode("utf-8", "replace")).decode("ascii")
