"""Known identifiers in every spelling: wrapped over lines, with (at) and [dot], in return paths, and as bare host names.

Each identifier has an anchor: a piece that stands in all of its spellings. Text without the anchor is not looked at twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.message.identity import Identity, KnownMailbox
from relay.message.links import without_trailing_signs
from relay.message.normal import Joined, folded, is_boundary
from relay.message.phrases import AT_WORDS, DOT_WORDS

_OPEN: Final = r"[(\[{<«|_*~\-]{1,2}"
_CLOSE: Final = r"[)\]}>»|_*~\-]{1,2}"
_AT_WORD: Final = "|".join(sorted(dict.fromkeys(re.escape(folded(word)) for word in AT_WORDS), key=len, reverse=True))
_DOT_WORD: Final = "|".join(sorted(dict.fromkeys(re.escape(folded(word)) for word in DOT_WORDS), key=len, reverse=True))


def _sign(plain: str, code: int, entity: str, words: str, also: str = "") -> str:
    """A sign in all its forms: plain, escaped, in brackets, as a word; with a little white space around it."""
    escapes = rf"={code:02x}|%(?:25){{0,3}}{code:02x}|&#0{{0,6}}{code};|&#x0{{0,6}}{code:02x};|&{entity};"
    return rf"\s{{0,3}}(?:{plain}{also}|{escapes}|{_OPEN}\s?(?:{plain}|{words})\s?{_CLOSE}|(?:{words}))\s{{0,3}}"


# A return path has an equals sign in the place of the at sign (VERP).
_AT: Final = _sign("@", 0x40, "commat", _AT_WORD, also="|=")
_DOT: Final = _sign(r"\.", 0x2E, "period", _DOT_WORD)
_TAG: Final = r"(?:(?:\+|%2b|=2b)[\w.%=\-]{0,100}?)?"
_sign_characters_max: Final = 16
"""The longest way to write @ or a dot, white space included."""
_tag_characters_max: Final = 100
_HOST_BACKWARDS: Final = re.compile(r"(?:\.[\w\-]+)+")
_HOST: Final = re.compile(r"(?:\.[^\W_][\w\-]*)*")
_PATH: Final = re.compile(r"(?::\d{1,5})?/[^\s<>\"]*")
host_characters_max: Final = 255
path_characters_max: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """An identifier of `whose` at [start, end) of the searched text. `is_address`: a mailbox, so that an alias can replace it."""

    start: int
    end: int
    whose: Identity
    is_address: bool


@dataclass(frozen=True, slots=True)
class _Spelling:
    whose: Identity
    anchors: tuple[str, ...] = field(repr=False)
    reach: int
    """Characters on either side of an anchor in which the whole identifier stands, however long its signs are written."""
    patterns: tuple[re.Pattern[str], ...] = field(repr=False)


class Spellings:
    """Finds the known mailboxes and hosts of several parties in a normal form."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._mailboxes = [_spelling(one, box) for one in identities for box in one.mailboxes]
        self._hosts = [(host, one) for one in identities for host in (*one.own_domains, *one.hosts)]
        anchors = (anchor for spelling in self._mailboxes for anchor in spelling.anchors)
        self._anchors = tuple({*anchors, *(host for host, _ in self._hosts)})

    def might_hold(self, normal: str) -> bool:
        """Whether a normal form without line breaks could hold an identifier: a quick look for anchors."""
        for anchor in self._anchors:  # noqa: SIM110 (asked for every piece of every link: a generator costs three times as much)
            if anchor in normal:
                return True
        return False

    def mailboxes(self, joined: Joined) -> Iterator[Sighting]:
        """Mailboxes in any spelling; positions are those of the text behind `joined`. Some may overlap."""
        for spelling in self._mailboxes:
            for start, end in _windows(joined.text, spelling.anchors, spelling.reach):
                for pattern in spelling.patterns:
                    for found in pattern.finditer(joined.text, start, end):
                        if _is_whole_mailbox(joined, found.start(), found.end()):
                            yield Sighting(*joined.span(*found.span()), spelling.whose, is_address=True)

    def hosts(self, joined: Joined) -> Iterator[Sighting]:
        """Own domains, hosts below them and addresses of machines, with the path that hangs on one."""
        text = joined.text
        for host, whose in self._hosts:
            at = text.find(host)
            while at >= 0:
                end = at + len(host)
                if _is_whole_host(joined, at, end):
                    yield Sighting(*_host_with_path(joined.source, *joined.span(at, end)), whose, is_address=False)
                at = text.find(host, end)


def _spelling(whose: Identity, box: KnownMailbox) -> _Spelling:
    dots = box.local.count(".") + max(domain.count(".") for domain in box.domains)
    signs = dots + (len(box.local) if box.ignores_dots else 0) + 1
    reach = len(box.local) + max(map(len, box.domains)) + signs * _sign_characters_max + _tag_characters_max
    return _Spelling(whose, _anchors(box), reach, tuple(_patterns(box)))


def _anchors(box: KnownMailbox) -> tuple[str, ...]:
    """The longest pieces that stand in every spelling: of the local part, unless dots mean nothing in it, or of each domain."""
    in_local = "" if box.ignores_dots else max(box.local.split("."), key=len)
    in_domains = tuple(max(domain.split("."), key=len) for domain in box.domains)
    return (in_local,) if len(in_local) > min(map(len, in_domains)) else in_domains


def _patterns(box: KnownMailbox) -> Iterator[re.Pattern[str]]:
    """Each begins with a literal, which the regular expression engine finds without trying."""
    if box.ignores_dots:
        local = f"(?:{_DOT})?".join(map(re.escape, box.local))
    else:
        local = _DOT.join(re.escape(piece) for piece in box.local.split("."))
    domains = [_DOT.join(re.escape(label) for label in name.split(".")) for name in box.domains]
    yield re.compile(rf"{local}{_TAG}{_AT}(?:{'|'.join(domains)})")
    for name in box.domains:
        yield re.compile(re.escape(f"{name}={box.local}"))  # the order of SRS


def _windows(text: str, anchors: Sequence[str], reach: int) -> Iterator[tuple[int, int]]:
    """The stretches around the anchors, in order for each anchor, grown together where they touch: their sum is linear."""
    for anchor in anchors:
        begin = end = -1
        at = text.find(anchor)
        while at >= 0:
            if at - reach > end:
                if end >= 0:
                    yield begin, end
                begin = max(0, at - reach)
            end = at + len(anchor) + reach
            at = text.find(anchor, at + len(anchor))
        if end >= 0:
            yield begin, min(end, len(text))


def _is_whole_mailbox(joined: Joined, start: int, end: int) -> bool:
    """Whether it is not the tail of another local part (`big.ann@…`), nor the head of another domain."""
    text = joined.text
    if start and not joined.breaks_before(start):
        before = text[start - 1]
        glued = before in ".-" and start > 1 and text[start - 2].isalnum() and not joined.breaks_before(start - 1)
        if glued or not is_boundary(before, text[start]):
            return False
    return end == len(text) or is_boundary(text[end - 1], text[end]) or joined.breaks_before(end)


def _is_whole_host(joined: Joined, start: int, end: int) -> bool:
    """Whether the labels are whole. Further labels may stand on either side, and signs that no top level ends with behind."""
    text = joined.text
    if start and not joined.breaks_before(start) and (text[start - 1] == "-" or not is_boundary(text[start - 1], text[start])):
        return False
    return end == len(text) or is_boundary(text[end - 1], text[end]) or joined.breaks_before(end)


def _host_with_path(text: str, start: int, end: int) -> tuple[int, int]:
    if left := _HOST_BACKWARDS.match(text[max(0, start - host_characters_max) : start][::-1]):
        start -= len(left[0])
    if right := _HOST.match(text, end, end + host_characters_max):
        end = right.end()
    if path := _PATH.match(text, end, end + path_characters_max):
        end = start + len(without_trailing_signs(text[start : path.end()]))
    return start, end
