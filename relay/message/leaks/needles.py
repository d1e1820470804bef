"""Identifiers as something to look for: a cheap necessary condition, and how they may be written (patterns.py).

A needle's *atoms* are squeezed pieces that stand in every text that holds it, however it is written; nearly every clean text
lacks one of them, and is done. What has them all is mostly clean too, and lacks the form in which they stand near one another.
Only where that is do the patterns read the normal form.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from relay.message.leaks.finding import Kind
from relay.message.leaks.folding import folded_word, squeezed, tidy
from relay.message.leaks.patterns import DOTS_MEAN_NOTHING, Forms, Shape, forms, local_part
from relay.message.leaks.watched import ORDINARY_WORDS, Watched, is_public, word_characters_min

_atom_characters_min: Final = 2
_domain_characters_max: Final = 255
"""Longer ones are in no DNS, and to encode a label takes the square of its length."""

_remembered: Final = 4096
"""Identifiers: the same ones come with every message of a conversation, and the same hosts in many."""

_KINDS: Final = {
    Shape.ADDRESS: Kind.ADDRESS,
    Shape.TURNED: Kind.ADDRESS,
    Shape.DOMAIN: Kind.DOMAIN,
    Shape.WORD: Kind.WORD,
    Shape.HOST: Kind.HOST,
    Shape.IP: Kind.HOST,
}


@dataclass(frozen=True, slots=True)
class Needle:
    """One identifier. `spellings` are the forms of a word that count in prose; in all other places its patterns do.

    `texts` is what it consists of, in the normal form (see `Shape`). `pieces` are longer than `atoms`, and enough where nothing
    is spelled in words: in octets that are no text.
    """

    shape: Shape
    texts: tuple[str, ...] = field(repr=False)
    atoms: tuple[bytes, ...] = field(repr=False)
    pieces: tuple[bytes, ...] = field(repr=False)
    spellings: tuple[str, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> Kind:
        return _KINDS[self.shape]

    @property
    def forms(self) -> Forms:
        return forms(self.shape, self.texts)

    @property
    def is_wide(self) -> bool:
        """Whether it has no ASCII to look for, so that `atoms` are in another script."""
        return not self.atoms[0].isascii()

    def is_near(self, flat: bytes) -> bool:
        """Whether it may stand in the text of which this is the squeezed form."""
        return self.is_wide or self.forms.near.search(flat) is not None

    def is_spelled_in(self, text: str) -> bool:
        """Whether a spelling of it stands there as a whole word."""
        if any(" " in spelling for spelling in self.spellings):
            text = " ".join(text.split())
        return any(_has_whole_word(text, spelling) for spelling in self.spellings)


def needles(watched: Iterable[Watched], allowed: frozenset[str]) -> Iterator[Needle]:
    """What to look for of the parties themselves; nothing that is allowed, says nothing, or belongs to everybody."""
    for party in watched:
        for address in party.addresses:
            if address.casefold() not in allowed:
                yield from _of_address(address)
        for domain in party.own_domains:
            yield from _of_domain(domain)
        for word in party.words:
            yield from _of_word(word)


def needles_of_hosts(watched: Iterable[Watched], allowed: frozenset[str]) -> Iterator[Needle]:
    """What to look for of their machines: different ones with every message, the same ones again and again."""
    ours = {one.rpartition("@")[2] for one in allowed}
    for party in watched:
        for host in party.hosts:
            bare, found = _of_host(host)
            if not (found and found[0].shape is Shape.HOST and (bare in allowed or _is_ours(bare, ours))):
                yield from found


@lru_cache(maxsize=_remembered)
def _of_address(address: str) -> tuple[Needle, ...]:
    local, at, domain = folded_word(address).rpartition("@")
    if not at or not local or not domain:
        return ()
    local = local_part(local)
    found = [one for host in _domain_forms(address.rpartition("@")[2]) for one in _of_address_at(local, host)]
    if domain in DOTS_MEAN_NOTHING:
        found += _of_address_at(local, next(iter(DOTS_MEAN_NOTHING - {domain})))
    return tuple(found)


def _of_address_at(local: str, domain: str) -> Iterator[Needle]:
    if domain and (local.strip(".") if domain in DOTS_MEAN_NOTHING else local):
        for shape in (Shape.ADDRESS, Shape.TURNED):
            yield Needle(shape, (local, domain), _atoms(local, domain), _pieces(local, domain))


@lru_cache(maxsize=_remembered)
def _of_domain(domain: str) -> tuple[Needle, ...]:
    return tuple(
        Needle(Shape.DOMAIN, (form,), _atoms(form), _pieces(form))
        for form in _domain_forms(domain)
        if "." in form and not is_public(form)
    )


def _domain_forms(domain: str) -> Iterator[str]:
    """A domain in the normal form, and the same as A-labels or U-labels (RFC 5890) where it has both."""
    plain = unicodedata.normalize("NFKC", domain.strip(" .>").lower())
    yield folded_word(plain)
    if (plain.isascii() and "xn--" not in plain) or len(plain) > _domain_characters_max:
        return
    try:
        # Not the codec of Python, which writes a sharp s as two: that is another domain (UTS #46 §4).
        other = ".".join(map(_u_label if plain.isascii() else _a_label, plain.split(".")))
    except UnicodeError:
        return
    if folded_word(other) != folded_word(plain):
        yield folded_word(other)


def _a_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _u_label(label: str) -> str:
    return label.removeprefix("xn--").encode("ascii").decode("punycode") if label.startswith("xn--") else label


@lru_cache(maxsize=_remembered)
def _of_word(word: str) -> tuple[Needle, ...]:
    word = tidy(" ".join(word.split()).encode("utf-8", "replace"))
    if len(folded_word(word)) < word_characters_min or folded_word(word) in ORDINARY_WORDS:
        return ()
    spelled = [word]
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        if letter in word:
            spelled.append(spelled[-1].replace(letter, pair))
    return tuple(
        Needle(Shape.WORD, (folded_word(form),), _atoms(form), _pieces(form), tuple(dict.fromkeys((form, form.upper()))))
        for form in dict.fromkeys((spelled[0], spelled[-1]))
    )


@lru_cache(maxsize=_remembered)
def _of_host(host: str) -> tuple[str, tuple[Needle, ...]]:
    """The host as it is compared, and what to look for of it: nothing where it has no name of its own, or everybody's."""
    bare = host.strip(" []<>().,;").casefold().removeprefix("ipv6:").partition("%")[0]
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        if is_public(bare) or bare.startswith(("localhost", "ip6-")) or not _is_name(bare):
            return bare, ()
        return bare, (Needle(Shape.HOST, (folded_word(bare),), _pieces(bare), _pieces(bare)),)
    if ip.is_loopback or ip.is_unspecified:
        return bare, ()
    written = dict.fromkeys((ip.compressed, ip.exploded, bare))
    return bare, tuple(Needle(Shape.IP, (form,), _pieces(form), _pieces(form)) for form in written)


def _is_name(host: str) -> bool:
    """Whether it is more than a word of prose: of several labels, or like what systems call their machines (desktop-4f2k1)."""
    return "." in host or (len(host) >= 6 and re.search(r"[0-9\-]", host) is not None)


def _is_ours(host: str, ours: Iterable[str]) -> bool:
    return "." in host and any(host == own or host.endswith("." + own) or own.endswith("." + host) for own in ours)


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
