"""What a text says when encodings are taken off it, one after another, whether or not anybody declared them (leaks.md section 7).

*Steps* replace what they understand in place, and are taken in rounds, each on the result of the one before: so they come off in
whatever order they were put on. *Branches* (branches.py) take a piece out and begin anew with what is in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from relay.message.leaks.branches import Form, branches, pictures, runs
from relay.message.leaks.charsets import as_utf8, decoded, readings
from relay.message.leaks.transfers import from_base64, from_quoted_printable, from_quoted_text

rounds_max: Final = 3
depth_max: Final = 3
"""Branches within branches."""

looked_octets_max: Final = 160 * 1024 * 1024
"""Octets of all layers of a message together; a message of the largest size with a few encodings stays far below."""

_ENTITY: Final = re.compile(rb"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
_PERCENT: Final = re.compile(rb"%[0-9a-fA-F]{2}")
_ESCAPE: Final = re.compile(
    rb"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|'([0-9a-fA-F]{2})|0{0,4}([0-9a-fA-F]{2}) ?|u([0-9]{2,5})\??)"
)
_ENCODED_WORD: Final = re.compile(rb"=\?([^\s?]{0,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN_WORDS: Final = re.compile(rb"\?=[\s\x02]{1,200}=\?")
_FOLD_IN_CODE: Final = re.compile(rb"\n(?:(?<=[%=\\&#]\n)|(?<=[%=\\#][0-9A-Fa-fxu]\n))[ \t]")
_TAG: Final = re.compile(
    rb"""</?[a-zA-Z][a-zA-Z0-9:_-]{0,40}+(?:[\s/](?:[^<>"']++|"[^"<]{0,1000}+"|'[^'<]{0,1000}+')*+)?>"""
    rb"|</?[a-zA-Z][a-zA-Z0-9:_-]{0,40}+[\s/][^<>]*+>|<[!?][^<>]*+>"
)
"""A tag, with what stands in quotes taken together; where the quotes do not match, up to the next bracket. Possessive: linear."""
_GAP: Final = b"\x02"
_different_entities_max: Final = 200


class Budget:
    """How much more may be looked at. One per message."""

    def __init__(self, octets_max: int = looked_octets_max) -> None:
        self._left = octets_max

    def covers(self, octets: int) -> bool:
        """Whether so many octets more may be looked at; they are counted. Once it says no, it stays at no."""
        self._left -= octets
        return self._left >= 0

    def exceed(self) -> None:
        """No more may be looked at: something was met that is not read to its end."""
        self._left = -1

    @property
    def left(self) -> int:
        """Octets that may still be looked at."""
        return max(self._left, 0)

    @property
    def is_exceeded(self) -> bool:
        return self._left < 0


@dataclass(frozen=True, slots=True)
class Layer:
    """UTF-8 text, and the encodings that were taken off to get it. Noise: octets that are no text, but may have some in them."""

    path: tuple[str, ...]
    text: bytes
    is_noise: bool = False


def layers(octets: bytes, charset: str | None, shortest: int, budget: Budget, *, is_header: bool) -> Iterator[Layer]:
    """The text in each charset that it may be in, and below it every reading with encodings taken off.

    `shortest`: the length of the shortest thing looked for; runs of base64 or hex too short to hold it are passed over.
    """
    for name, text in readings(octets, charset):
        yield from layers_of_text(text, shortest, budget, is_header=is_header, path=(name,) if name else ())


def layers_of_text(text: bytes, shortest: int, budget: Budget, *, is_header: bool, path: tuple[str, ...] = ()) -> Iterator[Layer]:
    """The same for UTF-8 text, of which `path` was taken off already."""
    return _below(text, path, 0, shortest, budget, is_header=is_header)


def _below(text: bytes, path: tuple[str, ...], depth: int, shortest: int, budget: Budget, *, is_header: bool) -> Iterator[Layer]:
    found: list[Layer] = []
    for layer in _in_rounds(Layer(path, text), is_header=is_header):
        if not budget.covers(len(layer.text)):
            return
        yield layer
        found.append(layer)
    if depth == depth_max:
        return
    of_texts = {id(one): one for one in (found[0], found[-1])}.values()
    texts = [one.text for one in found]
    inside = [(found[-1].path, branch) for branch in (*runs(texts, shortest, budget.left), *pictures(texts))]
    inside += [(one.path, branch) for one in of_texts for branch in branches(one.text, is_header=is_header)]
    for above, branch in inside:
        below = (*above, branch.name)
        if branch.form is Form.TEXT:
            yield from _below(as_utf8(branch.octets), below, depth + 1, shortest, budget, is_header=is_header)
        elif branch.form is Form.NOISE:
            if budget.covers(len(branch.octets)):
                yield Layer(below, branch.octets, is_noise=True)
        elif branch.form is Form.BEYOND:
            budget.exceed()
        else:
            for name, octets in readings(branch.octets):
                yield from _below(octets, (*below, name) if name else below, depth + 1, shortest, budget, is_header=is_header)


def _in_rounds(layer: Layer, *, is_header: bool) -> Iterator[Layer]:
    """The layer, and what is under it step by step, until nothing changes any more."""
    yield layer
    is_folded = is_header or b"BEGIN:V" in layer.text or b"begin:v" in layer.text
    order = (_OF_FOLDED_LINES if is_folded else _REPLACED, _ESCAPED, _QUOTED)
    idle: set[str] = set()
    for _ in range(rounds_max):
        before = layer
        for _ in range(rounds_max):
            unchanged = layer
            for steps in order:
                if (after := _after(layer, steps, idle)) is not layer:
                    layer = after
                    yield layer
            if layer is unchanged:
                break
        # Tags go last, when nothing in them is encoded any more.
        if (after := _after(layer, _TAKEN_AWAY, idle)) is not layer:
            layer = after
            yield layer
        if layer is before:
            return


def _after(layer: Layer, steps: tuple[_Step, ...], idle: set[str]) -> Layer:
    """The layer after these steps; itself when they change nothing. `idle` are steps that find nothing in it, kept up to date."""
    text, names = layer.text, []
    for step in steps:
        if step.name in idle:
            continue
        if step.hint not in text:
            idle.add(step.name)
        elif (after := step.decode(text)) != text:
            names.append(step.name)
            text = after
            if not step.leaves_gaps:
                idle.clear()
        elif step.is_in_a_row:
            idle.add(step.name)
    return Layer((*layer.path, *names), text) if names else layer


@dataclass(frozen=True, slots=True)
class _Step:
    """One kind of encoding. `hint` is something that stands wherever the encoding is used.

    `leaves_gaps`: all it does is to put a gap in the place of something. Neither a hint nor anything `is_in_a_row` comes to be by
    that: what is so encoded stands in a row, with nothing in it that could be taken away.
    """

    name: str
    hint: bytes
    decode: Callable[[bytes], bytes]
    is_in_a_row: bool = True
    leaves_gaps: bool = False


def _unfolded(text: bytes) -> bytes:
    """Folded lines in one, with a gap in place of the fold, which may stand in the middle of a word (RFC 5545 §3.1)."""
    if b"\n " not in text and b"\n\t" not in text:
        return text
    lines = _FOLD_IN_CODE.sub(b"", text.replace(b"\r\n", b"\n"))
    return lines.replace(b"\n ", _GAP).replace(b"\n\t", _GAP)


def _entities(text: bytes) -> bytes:
    found = set(_ENTITY.findall(text))
    if not found:
        return text
    if len(found) > _different_entities_max:
        return html.unescape(text.decode("utf-8", "replace")).encode("utf-8", "replace")
    for one in sorted(found, key=len, reverse=True):  # "&#64" is the beginning of "&#640": the longer ones first
        text = text.replace(one, html.unescape(one.decode("ascii")).encode("utf-8", "replace"))
    return text


def _percent(text: bytes) -> bytes:
    return as_utf8(unquote_to_bytes(text)) if _PERCENT.search(text) else text


def _escapes(text: bytes) -> bytes:
    """JavaScript, JSON, CSS, and RTF."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = int(found[5]) if found[5] else int(found[1] or found[2] or found[3] or found[4], 16)
    return chr(code).encode("utf-8", "replace") if code <= 0x10FFFF else b" "


def _encoded_words(text: bytes) -> bytes:
    return _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub(b"?==?", text)) if b"=?" in text else text


def _word(found: re.Match[bytes]) -> bytes:
    octets = from_base64(found[3]) if found[2] in b"bB" else from_quoted_printable(found[3], in_header=True)
    return decoded(octets, found[1].decode("ascii", "replace"))


def _markup(text: bytes) -> bytes:
    """Tags and comments out, each with a gap in its place: they split an address without being seen (LEAK-44)."""
    if b"<!--" in text:
        head, *rest = text.split(b"<!--")
        text = head + b"".join(_GAP + (piece.partition(b"-->")[2] or piece) for piece in rest)
    return _TAG.sub(_GAP, text)


_REPLACED: Final = (
    _Step("encoded word", b"?", _encoded_words, is_in_a_row=False),
    _Step("entity", b"&", _entities),
    _Step("percent", b"%", _percent),
)
_OF_FOLDED_LINES: Final = (_Step("folding", b"\n", _unfolded), *_REPLACED)
_ESCAPED: Final = (_Step("escape", b"\\", _escapes),)
_QUOTED: Final = (_Step("quoted-printable", b"=", from_quoted_text),)
_TAKEN_AWAY: Final = (_Step("markup", b"<", _markup, is_in_a_row=False, leaves_gaps=True),)
"""In the order in which they are taken. What each makes of the text is searched before the next, which may take something
away that only looked like its encoding: the "=ab" of a link is no quoted-printable."""
