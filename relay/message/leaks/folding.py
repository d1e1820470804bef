"""The normal form in which the second reading compares, and the squeezed form in which it looks first.

*Folded*: lower case, compatibility forms and look-alikes as the ASCII characters they stand for, marks off their letters,
and whatever has no width as one GAP. *Squeezed*: the ASCII letters and digits of that and nothing else, so that
an address is found whatever was put between its characters: at signs in any spelling, NULs of UTF-16, line breaks,
quote prefixes. Most texts are ASCII, where both cost one pass at memory speed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

GAP: Final = "\x02"
"""Stands where something was that nobody sees: it may be inside an address, and it may be its border."""

_ASCII: Final = bytes(range(128))
_LOWER: Final = bytes(range(256)).lower()
_CLEAR: Final = bytes(range(128)).lower() + b"\x02" * 128
_KEPT: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SQUEEZED_OUT: Final = bytes(set(range(256)) - set(_KEPT))
_SQUEEZED_OUT_OF_ASCII: Final = bytes(set(range(128)) - set(_KEPT))

_UNCHANGED: Final = re.compile(
    "[\u3400-\u9fff\uac00-\ud7a3\ue000-\uf8ff\ufffd\U00020000-\U0002f7ff\U0002fa20-\U000dffff\U000f0000-\U0010ffff]+"
)
"""Han, Hangul, and what belongs to no script: whole alphabets of characters that resemble none of ours."""

_remembered_below: Final = 0x2_0000
"""The planes beyond hold Han, tags and nothing else."""

_sample_characters: Final = 1000
_peeled_max: Final = 48
"""With more different characters than this, one pass over all of them is cheaper than a pass for each."""

_LOOKALIKES: Final[dict[str, str]] = {
    **dict(zip("авеёзікмнорстухѕјԁɡԛԝһїӏьгпчԍ", "abee3ikmhopctyxsjdgqwhilbrnyg", strict=True)),
    **dict(zip("αβγδεζηικλμνορστυχω", "abydezniklmvopotuxw", strict=True)),
    **dict(zip("ıłøđħŧɑɩɪʀʏսոօցհі", "ilodhtaiiryunoghi", strict=True)),
    **dict(zip("‐‑‒–—―−﹣", "--------", strict=True)),
    **dict(zip("․‧・·∙•⋅｡。", ".........", strict=True)),
    "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ß": "ss",
    "⁄": "/", "∕": "/", "∶": ":", "＂": '"', "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "⒜": "a", "🅐": "a",
}  # fmt: skip
"""Other letters that look like ASCII ones: Cyrillic, Greek, Armenian, Latin with strokes. They need not be right, only the
same for text and identifier."""

_APOSTROPHES: Final = "’‘ʼ′´"
_WITHOUT_WIDTH: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
"""Invisible, although Unicode calls them letters or symbols; the format characters (Cf) are known by their category."""


def folded(text: bytes) -> str:
    """The normal form of UTF-8 text."""
    return folded_with_case(text).lower()


def folded_with_case(text: bytes) -> str:
    """The normal form of UTF-8 text, but for the case of ASCII letters: a capital tells where a word begins."""
    return _folded_characters(text.decode("utf-8", "replace"), text)


def folded_word(text: str) -> str:
    """The normal form of an identifier: the same, without gaps."""
    return folded(text.encode("utf-8", "replace")).replace(GAP, "").strip()


def squeezed(text: bytes) -> bytes:
    """The ASCII letters and digits of the normal form."""
    if text.isascii():
        return text.translate(_LOWER, _SQUEEZED_OUT)
    rest = text.translate(None, _ASCII).decode("utf-8", "replace")
    folding = _UNCHANGED.sub("", rest)
    if len(folding) < len(rest):
        # Nothing comes of these, and their octets must not be taken for those of others.
        text = _UNCHANGED.sub("", text.translate(_LOWER, _SQUEEZED_OUT_OF_ASCII).decode("utf-8", "replace")).encode()
    different = _different(folding)
    if len(different) > _peeled_max:
        letters = text.translate(_LOWER, _SQUEEZED_OUT_OF_ASCII).decode("utf-8", "replace").translate(_FOLDS)
        return letters.encode("utf-8", "replace").translate(None, _SQUEEZED_OUT)
    squeeze = _squeeze_of(frozenset(different))
    for utf8, becomes in squeeze.apart:
        text = text.replace(utf8, becomes)
    return text.translate(squeeze.table, squeeze.out)


def squeezed_octets(octets: bytes) -> bytes:
    """The same for octets that are no text: nothing but ASCII is understood, with or without NULs between."""
    return octets.translate(_LOWER, _SQUEEZED_OUT)


def folded_octets(octets: bytes) -> str:
    """The normal form of octets that are no text: ASCII in lower case, without NULs, everything else a gap."""
    return octets.translate(_CLEAR, b"\0").decode("ascii")


def squeezed_widely(text: bytes) -> bytes:
    """The letters and digits of every script: for identifiers that have no ASCII of their own."""
    return folded(text).encode("utf-8", "replace").translate(None, _SQUEEZED_OUT_OF_ASCII)


def tidy(text: bytes) -> str:
    """UTF-8 text as it was spelled, in NFC, without what has no width. An apostrophe is one, whatever keyboards make of it."""
    characters = text.decode("utf-8", "replace")
    if text.isascii():
        return characters
    for one in _APOSTROPHES:
        characters = characters.replace(one, "'")
    for one in _different(_folding_in(text)):
        if _FOLDS[ord(one)] == GAP:
            characters = characters.replace(one, "")
    return unicodedata.normalize("NFC", characters)


@dataclass(frozen=True, slots=True)
class _Squeeze:
    """How UTF-8 text is squeezed in one pass over its octets: `out` goes, and `table` makes of the rest what stays.

    Mostly the last octet tells the different characters of a text from one another, so that it becomes the letter and the others
    go. `apart`: characters of which it does not, to be replaced before.
    """

    apart: tuple[tuple[bytes, bytes], ...]
    table: bytes
    out: bytes


@lru_cache(maxsize=1024)
def _squeeze_of(different: frozenset[str]) -> _Squeeze:
    """For a text with these characters beside ASCII."""
    apart: list[tuple[bytes, bytes]] = []
    becomes: dict[int, bytes] = {}
    for one in sorted(different):
        utf8 = one.encode("utf-8", "replace")
        letters = _FOLDS[ord(one)].encode("utf-8", "replace").translate(None, _SQUEEZED_OUT)
        wanted = {**dict.fromkeys(utf8[:-1], b""), utf8[-1]: letters}
        is_told = len(letters) == 0 or (len(letters) == 1 and utf8[-1] not in utf8[:-1])
        if is_told and all(becomes.get(octet, letter) == letter for octet, letter in wanted.items()):
            becomes |= wanted
        else:
            apart.append((utf8, letters))
    stays = {octet: letter[0] for octet, letter in becomes.items() if letter}
    table = bytes(stays.get(octet, _LOWER[octet]) for octet in range(256))
    return _Squeeze(tuple(apart), table, bytes(set(_SQUEEZED_OUT) - set(stays)))


def _folded_characters(characters: str, text: bytes) -> str:
    if text.isascii():
        return characters
    different = _different(_folding_in(text))
    if len(different) <= _peeled_max:
        for one in different:
            fold = _FOLDS[ord(one)]
            if fold != one:
                characters = characters.replace(one, fold)
    else:
        characters = characters.translate(_FOLDS)
    while GAP * 2 in characters:
        characters = characters.replace(GAP * 8, GAP).replace(GAP * 2, GAP)
    return characters


def _folding_in(text: bytes) -> str:
    """What of UTF-8 text is outside ASCII and may look like it."""
    return _UNCHANGED.sub("", text.translate(None, _ASCII).decode("utf-8", "replace"))


def _different(characters: str) -> set[str]:
    """The different ones of them. Noise is mostly one character many times, and peeled off in one pass."""
    found: set[str] = set()
    while len(characters) > _sample_characters and len(found) <= _peeled_max:
        peeled = set(characters[:_peeled_max])
        found |= peeled
        for one in peeled:
            characters = characters.replace(one, "")
    return found | set(characters)


class _Folds(dict[int, str]):
    """The normal form of each character met so far, by its number.

    All of the two planes that hold alphabets are remembered: octets read as UTF-16 by mistake have every one of their characters,
    and a smaller memory would work most of them out anew each time.
    """

    def __missing__(self, number: int) -> str:
        one = chr(number)
        fold = one if one <= "\x7f" or _UNCHANGED.match(one) else _fold_of(one)
        if number < _remembered_below:
            self[number] = fold
        return fold


def _fold_of(one: str) -> str:
    """The normal form of one character outside ASCII."""
    category = unicodedata.category(one)
    if category == "Cf" or one in _WITHOUT_WIDTH:
        return GAP
    if category in {"Mn", "Me"}:
        return ""
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    if category == "Cc":
        return "\n"
    if one in _LOOKALIKES:
        return _LOOKALIKES[one]
    pieces = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", one).casefold())
    return "".join(_LOOKALIKES.get(piece, piece) for piece in pieces if unicodedata.category(piece) not in {"Mn", "Me"})


_FOLDS: Final = _Folds()
