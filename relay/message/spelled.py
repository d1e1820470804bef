"""Known identifiers in every spelling: wrapped over lines, with (at) and [dot], in return paths, and as bare host names.

Each identifier has an anchor: a piece that stands in all of its spellings. Around anchors the text is read in canonical form
(`canonical`), and known addresses are looked for there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from relay.message.addresses import domain_characters_max, local_characters_max
from relay.message.canonical import Canonical, any_of, sign_characters_max
from relay.message.identity import Identity, KnownMailbox
from relay.message.links import without_trailing_signs
from relay.message.normal import Joined, is_boundary
from relay.message.phrases import DOT_WORDS

_tag_characters_max: Final = 100
_anchor_characters_min: Final = 3
host_characters_max: Final = 255
path_characters_max: Final = 2_000

_LOCAL_BACKWARDS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]+")
_NOT_OF_A_LOCAL: Final = re.compile(r"[!#$%&'*/=?^`{|}~]")
_DOMAIN: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_HOST_BACKWARDS: Final = re.compile(r"(?:\.[\w\-]+)+")
_HOST: Final = re.compile(r"(?:\.[^\W_][\w\-]*)*")
_PATH: Final = re.compile(r"(?::\d{1,5})?/[^\s<>\"]*")


_LONG_DASHES: Final = "\u2012\u2013\u2014\u2015\u2212"
"""They stand between words, so the normal form keeps them; inside a known domain they are hyphens."""
_LEFT_OUT: Final = b" \t\r\n>|="
"""What is no part of an identifier where a line was broken in it."""
_DOT_IN_WORDS: Final = any_of(DOT_WORDS)
_DOT: Final = (
    rf"(?:\.|\s{{0,2}}[(\[{{]\s{{0,3}}(?:\.|{_DOT_IN_WORDS})\s{{0,3}}[)\]}}]\s{{0,2}}|\s{{1,3}}(?:{_DOT_IN_WORDS})\s{{1,3}})"
)


class Sighting(NamedTuple):
    """An identifier of `whose` at [start, end) of the searched text. `is_address`: a mailbox, so that an alias can replace it."""

    start: int
    end: int
    whose: Identity
    is_address: bool


class Spellings:
    """Finds the known mailboxes and hosts of several parties in a normal form."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._identities = identities
        boxes = [box for one in identities for box in one.mailboxes]
        self._domains = frozenset(domain for box in boxes for domain in box.domains)
        self._mailbox_anchors = tuple({anchor for box in boxes for anchor in _anchors(box)})
        self._reach = max(map(_reach, boxes), default=0)
        self._returning = [
            (written, one)
            for one in identities
            for box in one.mailboxes
            for domain in box.domains
            for written in _in_one_word(box.local, domain)
        ]
        self._machines = [(host, one) for one in identities for host in one.hosts]
        domains = {*self._domains, *(domain for one in identities for domain in one.own_domains)}
        labels = {frozenset(map(_squeezed, domain.split("."))) for domain in domains}
        machines = {_squeezed(host) for host, _ in self._machines}
        # Where one label decides, the others need not be asked for; nor a machine that stands below one of the domains.
        signs = [
            *(sorted(one, key=len, reverse=True) for one in labels if not any(other < one for other in labels)),
            *([one] for one in machines if not any(all(label in one for label in each) for each in labels)),
        ]
        self._signs = [(first, others) for first, *others in signs]
        self._own = [
            (_longest_label(domain), _domain_in_any_spelling(domain), one) for one in identities for domain in one.own_domains
        ]
        self._anchors = tuple(
            {*self._mailbox_anchors, *(host for host, _ in self._machines), *(anchor for anchor, _, _ in self._own)}
        )

    def might_stand(self, normal: str) -> bool:
        """Whether an identifier could stand in a normal form, in whatever spelling and however it is wrapped: whether all labels
        of a domain do, or a machine. It takes some passes at the speed of memory."""
        squeezed = _squeezed(normal)
        for first, others in self._signs:  # noqa: SIM110 (as in might_hold: a generator costs three times as much)
            if first in squeezed and all(map(squeezed.__contains__, others)):
                return True
        return False

    def might_hold(self, normal: str) -> bool:
        """Whether a normal form without line breaks could hold an identifier: a quick look for anchors."""
        normal = _hyphenated(normal)
        for anchor in self._anchors:  # noqa: SIM110 (asked for every piece of every link: a generator costs three times as much)
            if anchor in normal:
                return True
        return False

    def in_return_path(self, local: str) -> Identity | None:
        """Whose address is wrapped in the local part of a return path (VERP, SRS)."""
        return next((one for written, one in self._returning if written in local), None)

    def mailboxes(self, joined: Joined, done: Sequence[tuple[int, int]]) -> Iterator[Sighting]:
        """Mailboxes in any spelling, at positions of the text behind `joined`. `done`, in order, are not looked at again."""
        for start, end in self._windows(joined, done):
            if not self.might_stand(_beside(joined.source, start, end, done)):
                continue
            text = Canonical.of(joined.source, start, end)
            for written, whose in self._returning:
                at = text.text.find(written)
                if at >= 0 and text.is_free(at, at + len(written)):
                    yield Sighting(*text.span(at, at + len(written)), whose, is_address=True)
            at = text.text.find("@")
            while at >= 0:
                if (sighting := self._around(text, at)) is not None:
                    yield sighting
                at = text.text.find("@", at + 1)

    def hosts(self, joined: Joined) -> Iterator[Sighting]:
        """Own domains, hosts below them and addresses of machines, with the path that hangs on one."""
        text = joined.text
        hyphenated = _hyphenated(text)
        for anchor, spelling, whose in self._own:
            for found in spelling.finditer(hyphenated) if anchor in hyphenated else ():
                if _is_whole_host(joined, *found.span()):
                    yield Sighting(*_host_with_path(joined.source, *joined.span(*found.span())), whose, is_address=False)
        for host, whose in self._machines:
            at = text.find(host)
            while at >= 0:
                end = at + len(host)
                if _is_whole_host(joined, at, end):
                    yield Sighting(*_host_with_path(joined.source, *joined.span(at, end)), whose, is_address=False)
                at = text.find(host, end)

    def _windows(self, joined: Joined, done: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The stretches of the source around anchors, in order, grown together where they touch: their sum is linear."""
        text = joined.text
        hits: list[tuple[int, int]] = []
        ends = [end for _, end in done]
        for anchor in self._mailbox_anchors:
            at = text.find(anchor)
            while at >= 0:
                place = joined.at(at)
                number = bisect_right(ends, place)
                if number == len(done) or not done[number][0] <= place:
                    hits.append((max(0, at - self._reach), min(len(text), at + len(anchor) + self._reach)))
                at = text.find(anchor, at + len(anchor))
        begin = end = -1
        for start, stop in sorted(hits):
            if start > end:
                if end > 0:
                    yield joined.span(begin, end)
                begin = start
            end = max(end, stop)
        if end > 0:
            yield joined.span(begin, end)

    def _around(self, text: Canonical, at: int) -> Sighting | None:
        found = _DOMAIN.match(text.text, at + 1, at + 1 + domain_characters_max)
        left = _LOCAL_BACKWARDS.match(text.text[max(0, at - local_characters_max) : at][::-1])
        if found is None or left is None:
            return None
        start = at - left.end()
        ends = [(end, text.text[at + 1 : end]) for end in _ends(text, found)]
        # A known mailbox first: what stands on the next line, mostly their site, would belong to a longer own domain.
        for end, domain in ends:
            for begin in _starts(text, start, at) if domain in self._domains else ():
                if whose := next((one for one in self._identities if one.knows(text.text[begin:at], domain)), None):
                    return Sighting(*text.span(begin, end), whose, is_address=True)
        for end, domain in ends:
            if whose := next((one for one in self._identities if one.owns(domain)), None):
                return Sighting(*text.span(max(_starts(text, start, at)), end), whose, is_address=True)
        return None


def _beside(source: str, start: int, end: int, done: Sequence[tuple[int, int]]) -> str:
    """[start, end) of a text without what of it is `done`."""
    pieces: list[str] = []
    for begin, stop in done[bisect_right(done, start, key=lambda one: one[1]) :]:
        if begin >= end:
            break
        pieces.append(source[start:begin])
        start = stop
    pieces.append(source[start:end])
    return "\0".join(pieces)


def _starts(text: Canonical, start: int, at: int) -> list[int]:
    """Where the local part before the @ may begin: behind any sign or gap among its characters, and where another script ends;
    never with a dot, which is the end of the sentence before."""
    inside = (found.end() for found in _NOT_OF_A_LOCAL.finditer(text.text, start, at))
    places = (*inside, *text.gaps_within(start, at), *_script_changes(text.text, start, at))
    return [start, *(place for place in places if start < place < at and text.text[place] != ".")]


def _ends(text: Canonical, found: re.Match[str]) -> list[int]:
    """Where the domain behind the @ may end: a line, a sentence or a dash may go on right behind it."""
    start, end = found.span()
    breaks = (place for place, char in enumerate(found[0], start) if char in ".-_")
    return sorted({end, *breaks, *text.gaps_within(start, end), *_script_changes(text.text, start, end)} - {start}, reverse=True)


def _script_changes(text: str, start: int, end: int) -> Iterator[int]:
    """Where Latin letters meet others: no word goes on there."""
    if not text[start:end].isascii():
        yield from (at for at in range(start + 1, end) if text[at].isascii() != text[at - 1].isascii())


def _anchors(box: KnownMailbox) -> tuple[str, ...]:
    """The longest pieces that stand in every spelling: of the local part, unless dots mean nothing in it, or of each domain.

    A top level stands in many other words, so it serves only where everything else is short.
    """
    in_local = "" if box.ignores_dots else max(box.local.split("."), key=len)
    labels = [domain.split(".") for domain in box.domains]
    in_domains = tuple(max(each[:-1] or each, key=len) for each in labels)
    if max(len(in_local), min(map(len, in_domains))) < _anchor_characters_min:
        in_domains = tuple(max(each, key=len) for each in labels)
    return (in_local,) if len(in_local) > min(map(len, in_domains)) else in_domains


def _reach(box: KnownMailbox) -> int:
    """Characters on either side of an anchor in which the whole address stands, however long its signs are written."""
    signs = 1 + box.local.count(".") + max(domain.count(".") for domain in box.domains)
    letters = len(box.local) * (sign_characters_max if box.ignores_dots else 1) + max(map(len, box.domains))
    return letters + signs * sign_characters_max + _tag_characters_max


def _in_one_word(local: str, domain: str) -> tuple[str, ...]:
    """How servers write an address where no at sign may stand: in return paths, and as the name of a guest or of somebody's
    own folder (`ann.writer_tours.example#EXT#@…`, `/personal/ann_writer_tours_example/`)."""
    joined = f"{local}_{domain}"
    return f"{local}={domain}", f"{domain}={local}", joined, joined.replace(".", "_")


def _hyphenated(text: str) -> str:
    """`text`, as long as before, with each dash as a hyphen."""
    if not text.isascii():
        for dash in _LONG_DASHES:
            text = text.replace(dash, "-")
    return text


def _squeezed(normal: str) -> bytes:
    """The octets of a normal form, without what is left out in the joined and in the canonical form at the end of a line."""
    if normal.isascii():
        return normal.encode("ascii").translate(None, _LEFT_OUT)
    return _hyphenated(normal).encode("utf-8", "surrogatepass").translate(None, _LEFT_OUT)


def _longest_label(domain: str) -> str:
    """A piece that stands in every spelling of a domain."""
    return max(domain.rpartition(".")[0].split("."), key=len)


def _domain_in_any_spelling(domain: str) -> re.Pattern[str]:
    """A domain with its dots in words or brackets (LEAK-29). It begins with a literal."""
    return re.compile(_DOT.join(map(re.escape, domain.split("."))))


def _is_whole_host(joined: Joined, start: int, end: int) -> bool:
    """Whether the labels are whole. Further labels may stand on either side, and signs that no top level ends with behind."""
    text = joined.text
    ends = end == len(text) or joined.breaks_before(end) or text[end] == "_" or is_boundary(text[end - 1], text[end])
    return ends and _begins_label(joined, start)


def _begins_label(joined: Joined, start: int) -> bool:
    """Whether a label can begin there. No label has an underscore; a hyphen behind no letter is a bullet, or a dash."""
    text = joined.text
    if start == 0 or joined.breaks_before(start):
        return True
    if text[start - 1] == "-":
        return start == 1 or joined.breaks_before(start - 1) or not text[start - 2].isalnum()
    return text[start - 1] == "_" or is_boundary(text[start - 1], text[start])


def _host_with_path(text: str, start: int, end: int) -> tuple[int, int]:
    if left := _HOST_BACKWARDS.match(text[max(0, start - host_characters_max) : start][::-1]):
        start -= len(left[0])
    if right := _HOST.match(text, end, end + host_characters_max):
        end = right.end()
    if path := _PATH.match(text, end, end + path_characters_max):
        end = start + len(without_trailing_signs(text[start : path.end()]))
    return start, end
