"""Identifiers as something to look for: a cheap necessary condition, and the exact form.

A needle's *atoms* are squeezed pieces that stand in every text that holds it, however it is written; nearly every clean text
lacks one of them, and is done. Only where all are there does the *pattern* read the normal form. Patterns begin with
a plain character, consist of single characters with bounded gaps, and so run in linear time.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from relay.message.leaks.finding import Kind
from relay.message.leaks.folding import GAP, folded_word, squeezed, tidy
from relay.message.leaks.watched import ORDINARY_WORDS, Watched, is_public, word_characters_min

SPELLED_AT: Final = (
    "at", "arobase", "arobas", "arroba", "chiocciola", "chiocciolina", "malpa", "klammeraffe", "affenschwanz", "ät", "et",
    "zavinac", "kukac", "snabel-a", "apenstaartje", "sobaka", "собака", "miukumauku", "chez", "bei",
)  # fmt: skip
SPELLED_DOT: Final = ("dot", "punkt", "point", "punto", "kropka", "ponto", "punt", "tecka", "bodka", "tochka", "точка", "prik")
"""As people of the six languages and their neighbours write the two signs in words (LEAK-29)."""

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

_DOTS_MEAN_NOTHING: Final = frozenset({"gmail.com", "googlemail.com"})
_atom_characters_min: Final = 2


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


@dataclass(frozen=True, slots=True)
class Needle:
    """One identifier. `spellings` are the forms of a word that count in prose; in all other places `pattern` does.

    `in_header` is the pattern for header fields, where a fold may have been inside. `pieces` are longer than `atoms`, and enough
    where nothing is spelled in words: in octets that are no text. `unbounded` is how an address stands there: written without
    gaps, and next to anything, since a length or a checksum may look like a letter. `running_on` is how it stands in text
    with its case, when the next word follows without a gap.
    """

    kind: Kind
    atoms: tuple[bytes, ...] = field(repr=False)
    pieces: tuple[bytes, ...] = field(repr=False)
    pattern: str = field(repr=False)
    spellings: tuple[str, ...] = field(default=(), repr=False)
    unbounded: str = field(default="", repr=False)
    in_header: str = field(default="", repr=False)
    running_on: str = field(default="", repr=False)

    @property
    def is_wide(self) -> bool:
        """Whether it has no ASCII to look for, so that `atoms` are in another script."""
        return not self.atoms[0].isascii()

    def is_spelled_in(self, text: str) -> bool:
        """Whether a spelling of it stands there as a whole word."""
        if any(" " in spelling for spelling in self.spellings):
            text = " ".join(text.split())
        return any(_has_whole_word(text, spelling) for spelling in self.spellings)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: a clean message needs none."""
    return re.compile(pattern)


def needles(watched: Iterable[Watched], allowed: frozenset[str]) -> Iterator[Needle]:
    """What to look for of the parties themselves; nothing that is allowed, says nothing, or belongs to everybody."""
    for party in watched:
        for address in party.addresses:
            if address.casefold() not in allowed:
                yield from _address(address)
        for domain in party.own_domains:
            yield from _domain(domain)
        for word in party.words:
            yield from _word(word)


def needles_of_hosts(watched: Iterable[Watched], allowed: frozenset[str]) -> Iterator[Needle]:
    """What to look for of their machines: different ones with every message, the same ones again and again."""
    for party in watched:
        for host in party.hosts:
            yield from _of_host(host, allowed)


@lru_cache(maxsize=4096)
def _of_host(host: str, allowed: frozenset[str]) -> tuple[Needle, ...]:
    bare = _bare(host)
    return () if _says_nothing(bare, allowed) else tuple(_host(bare))


@lru_cache(maxsize=1024)
def allowed_domains_pattern(allowed: frozenset[str]) -> str | None:
    """Matches the domains of those addresses, whole: what we say about ourselves says nothing about a party."""
    domains = sorted({domain for one in allowed if (domain := one.casefold().rpartition("@")[2])})
    return rf"(?:{'|'.join(_alone(domain, before='.-') for domain in domains)}){_RIGHT}" if domains else None


@lru_cache(maxsize=1024)
def allowed_pattern(allowed: frozenset[str]) -> str | None:
    """Matches the addresses that may stand there, in every spelling of the signs; None when there are none."""
    forms = []
    for one in sorted(allowed):
        local, at, domain = one.casefold().rpartition("@")
        if at and local:
            forms.append(rf"{_alone(local, before='._+-')}{_INVISIBLE}(?:@|=|{_AT_CODED}){_INVISIBLE}{_with_gaps(domain)}")
    return rf"(?:{'|'.join(forms)}){_RIGHT}" if forms else None


def _alone(text: str, before: str) -> str:
    """`text` where no letter precedes it, and no sign of `before` that joins it to one. The first character stands before the
    conditions, or they would be tried at every place."""
    first = re.escape(text[0])
    rest = "".join(_INVISIBLE + re.escape(one) for one in text[1:])
    return rf"{first}(?<![a-z0-9]{first})(?<![a-z0-9][{re.escape(before)}]{first}){rest}"


def _with_gaps(text: str) -> str:
    """`text` as it may be folded in a calendar."""
    return _INVISIBLE.join(map(re.escape, text))


def _address(address: str) -> Iterator[Needle]:
    local, at, domain = folded_word(address).rpartition("@")
    if not at or not local or not domain:
        return
    local = (local.split("+", 1)[0] or local).translate(_NOT_BETWEEN)
    for host in _domain_forms(address.rpartition("@")[2]):
        yield from _address_at(local, host)
    if domain in _DOTS_MEAN_NOTHING:
        yield from _address_at(local, next(iter(_DOTS_MEAN_NOTHING - {domain})))


def _address_at(local: str, domain: str) -> Iterator[Needle]:
    first, tail = _local_part(local, dots_mean_nothing=domain in _DOTS_MEAN_NOTHING)
    if not first or not domain:
        return
    # What precedes: no letter, and no sign that joins it to one, or it is the end of a longer local part. Before "=" that
    # may be, since VERP puts its own words in front (bounces+anna=example.com@list).
    left = rf"{first}(?<![a-z0-9]{first})"
    joined = rf"(?<![a-z0-9][._+\-]{first})"
    tag = rf"(?:{_BETWEEN}\+[^\s@<>\"]{{0,{_tag_max}}}?)?"
    name = _DOT.join(_BETWEEN.join(re.escape(one) for one in label) for label in domain.split("."))
    whole = rf"{left}(?:{joined}{tail}{tag}{_AT}|{tail}{tag}(?:=|[+=]40){_INVISIBLE}){name}"
    between = r"\.?" if domain in _DOTS_MEAN_NOTHING else ""
    letters = local.replace(".", "") if between else local
    unbounded = rf"{between.join(map(re.escape, letters))}(?:\+[^\s@<>\"]{{0,{_tag_max}}})?(?:@|%40){re.escape(domain)}"
    yield Needle(
        Kind.ADDRESS,
        _atoms(local, domain),
        _pieces(local, domain),
        f"{whole}{_RIGHT_OF_ADDRESS}",
        unbounded=unbounded,
        running_on=f"(?i:{whole}){_A_WORD_BEGINS}",
    )
    # SRS and bang paths name the domain first: SRS0=hash=tt=example.com=anna@forwarder (LEAK-84).
    turned = rf"{_literal(domain)}[=!]{re.escape(local)}(?![a-z0-9])"
    yield Needle(Kind.ADDRESS, _atoms(local, domain), _pieces(local, domain), turned)


def _local_part(local: str, *, dots_mean_nothing: bool) -> tuple[str, str]:
    """Patterns of the first character and of the rest. Where dots mean nothing they may stand anywhere, or nowhere."""
    if not dots_mean_nothing:
        return re.escape(local[:1]), "".join(_BETWEEN + _character(one) for one in local[1:])
    pieces = [one for one in local.split(".") if one]
    if not pieces:
        return "", ""
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


def _domain(domain: str) -> Iterator[Needle]:
    for form in _domain_forms(domain):
        if "." in form and not is_public(form):
            in_header = _literal(form, _FOLDED) + _RIGHT
            running_on = f"@(?i:{_literal(form)}){_A_WORD_BEGINS}"  # of a colleague whom nobody named
            yield Needle(
                Kind.DOMAIN, _atoms(form), _pieces(form), _literal(form) + _RIGHT, in_header=in_header, running_on=running_on
            )


def _domain_forms(domain: str) -> Iterator[str]:
    """A domain in the normal form, and the same as A-labels or U-labels (RFC 5890) where it has both."""
    plain = domain.strip(" .>").casefold()
    yield folded_word(plain)
    try:
        other = plain.encode("idna").decode("ascii") if not plain.isascii() else plain.encode("ascii").decode("idna")
    except UnicodeError:
        return
    if folded_word(other) != folded_word(plain):
        yield folded_word(other)


def _word(word: str) -> Iterator[Needle]:
    word = tidy(" ".join(word.split()).encode("utf-8", "replace"))
    if len(folded_word(word)) < word_characters_min or folded_word(word) in ORDINARY_WORDS:
        return
    forms = [word]
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        if letter in word:
            forms.append(forms[-1].replace(letter, pair))
    for form in dict.fromkeys((forms[0], forms[-1])):
        letters = [r"\W{1,3}" if one == " " else re.escape(one) for one in folded_word(form)]
        pattern = rf"{letters[0]}(?<![^\W\d_]{letters[0]}){_INVISIBLE}{_INVISIBLE.join(letters[1:])}(?![^\W\d_])"
        yield Needle(Kind.WORD, _atoms(form), _pieces(form), pattern, tuple(dict.fromkeys((form, form.upper()))))


def _host(host: str) -> Iterator[Needle]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        yield Needle(Kind.HOST, _pieces(host), _pieces(host), _literal(folded_word(host)) + _RIGHT)
        return
    for form in dict.fromkeys((address.compressed, address.exploded, host.casefold())):
        pattern = rf"{form[0]}(?<![0-9a-f]{form[0]})(?<![0-9][.:]{form[0]}){re.escape(form[1:])}(?![0-9a-f]|[.:][0-9a-f])"
        yield Needle(Kind.HOST, _pieces(form), _pieces(form), pattern)


def _bare(host: str) -> str:
    bare = host.strip(" []<>().,;").casefold()
    return bare.removeprefix("ipv6:").partition("%")[0]


def _says_nothing(host: str, allowed: frozenset[str]) -> bool:
    """Whether a host tells nothing about its owner: no name of its own, everybody's, or ours."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return address.is_loopback or address.is_unspecified
    if host in allowed or is_public(host) or host.startswith(("localhost", "ip6-")):
        return True
    if "." not in host:
        # One word is a word of prose, unless it looks like what systems call their machines: desktop-4f2k1, annas-macbook.
        return len(host) < 6 or not re.search(r"[0-9\-]", host)
    ours = {one.rpartition("@")[2] for one in allowed}
    return any(host == own or host.endswith("." + own) or own.endswith("." + host) for own in ours)


def _atoms(*texts: str) -> tuple[bytes, ...]:
    """The pieces of letters and digits, the longest first; of another script where there is no ASCII that says anything."""
    normal = folded_word(" ".join(texts))
    ascii_pieces = [one for one in re.findall(r"[a-z0-9]+", normal) if len(one) >= _atom_characters_min]
    pieces = ascii_pieces or re.findall(r"[^\W_]+", normal) or [normal]
    if not any(len(one) > _atom_characters_min for one in pieces):
        pieces = re.findall(r"[^\W_]+", normal) or pieces
    return tuple(sorted((one.encode() for one in dict.fromkeys(pieces)), key=len, reverse=True))


def _pieces(*texts: str) -> tuple[bytes, ...]:
    """Each text squeezed; its atoms where it has no ASCII."""
    pieces = tuple(sorted(filter(None, (squeezed(folded_word(one).encode()) for one in texts)), key=len, reverse=True))
    return pieces or _atoms(*texts)


def _has_whole_word(text: str, spelling: str) -> bool:
    at = text.find(spelling)
    while at != -1:
        end = at + len(spelling)
        beside = text[max(at - 1, 0) : at] + text[end : end + 1]
        if not any(one.isalnum() or one == "_" for one in beside):
            return True
        at = text.find(spelling, end)
    return False
