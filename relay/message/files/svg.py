"""SVG: what editors keep for themselves, comments and scripts go; drawings and their words stay (SVG 1.1, LEAK-46, LEAK-60)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from relay.errors import Unreadable
from relay.message.files.cleaned import Cleaned, Inside, Tells
from relay.message.files.data_links import with_clean_pictures

prolog_octets_max: Final = 64 * 1024
"""What may stand before the drawing."""
questions_max: Final = 500
"""How often is asked where in a drawing the words are that tell."""

_ROOT: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[[^\]]*+\]\s*+)?+>)*+<(?:[A-Za-z0-9]{1,20}:)?svg[\s/>]",
    re.DOTALL,
)
_TAG: Final = re.compile(rb"<(/?)(?:([A-Za-z0-9_-]++):)?([A-Za-z0-9_.-]++)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_ATTRIBUTE: Final = re.compile(rb"\s*+(?:([A-Za-z0-9_-]++):)?([A-Za-z0-9_.-]++)\s*+=\s*+(\"[^\"]*+\"|'[^']*+')")
_EDITORS: Final = frozenset(b"sodipodi inkscape i x a rdf cc dc sketch serif bx krita figma graph".split())
"""The prefixes that editors give to what only they understand: no program draws it."""
_UNSEEN: Final = frozenset(b"metadata script namedview pgf aipgf pgfRef handler listener".split())
"""Elements that go with all they hold."""
_SUSPECT: Final = re.compile(rb":|on|href", re.IGNORECASE)
"""What stands in every attribute that goes whatever it says."""
_ELSEWHERE: Final = re.compile(rb"[\"']\s*+(?:javascript:|file:|[A-Za-z]:[\\/]|\\\\)", re.IGNORECASE)
"""Scripts, and places on somebody's machine."""
_COMMENT: Final = "comment"
_NOTE: Final = "note of a program"
_SCRIPT: Final = "script"
_TOLD: Final = "text"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the file. `goes` is what people call it, where it goes; else it goes when what is `said` tells."""

    octets: bytes = field(repr=False)
    goes: str = ""
    said: str = field(repr=False, default="")


def is_svg(octets: bytes) -> bool:
    return _ROOT.match(octets[:prolog_octets_max]) is not None


def clean_svg(octets: bytes, tells: Tells, inside: Inside) -> Cleaned:
    """The drawing with its words, of which those that tell go. Raises Unreadable for what is no XML."""
    pictures = with_clean_pictures(octets, inside)
    seen, taken = _without(list(_pieces(pictures.octets, is_told=False)), frozenset())
    taken = (*pictures.taken, *taken)
    if tells(_decoded(seen)):
        pieces = list(_pieces(seen, is_told=True))
        seen, more = _without(pieces, frozenset(_telling(pieces, tells)))
        taken = (*taken, *more)
    return Cleaned(seen, tuple(dict.fromkeys(taken)))


def _without(pieces: Sequence[_Piece], told: Collection[int]) -> tuple[bytes, tuple[str, ...]]:
    """The file without the pieces that go, and those numbered in `told`; and what people call them."""
    stays = b"".join(piece.octets for number, piece in enumerate(pieces) if not piece.goes and number not in told)
    return stays, (*(piece.goes for piece in pieces if piece.goes), *([_TOLD] if told else []))


def _telling(pieces: Sequence[_Piece], tells: Tells) -> Iterator[int]:
    """The numbers of the pieces that tell: asked together, and in halves where one of them does."""
    waiting = [[number for number, piece in enumerate(pieces) if piece.said.strip()]]
    for _ in range(questions_max):
        if not waiting:
            return
        group = waiting.pop()
        if not tells("\n".join(pieces[number].said for number in group)):
            continue
        if len(group) == 1:
            yield group[0]
        elif group:
            waiting += [group[: len(group) // 2], group[len(group) // 2 :]]
    raise Unreadable("the drawing says too much")


def _pieces(octets: bytes, *, is_told: bool) -> Iterator[_Piece]:
    """All pieces, each octet in one of them; in elements that go, all are such as go. `is_told`: something in the file tells."""
    at = depth = 0
    while (begin := octets.find(b"<", at)) != -1:
        if at < begin:
            yield _gone(octets[at:begin], depth) or _Piece(octets[at:begin], said=_decoded(octets[at:begin]))
        tag = _TAG.match(octets, begin)
        if tag is None:
            piece = _beside_tags(octets, begin)
            at = begin + len(piece.octets)
            yield _gone(piece.octets, depth) or piece
            continue
        at = tag.end()
        is_end, is_whole = bool(tag[1]), tag[4].endswith(b"/")
        if depth or (not is_end and (tag[2] in _EDITORS or tag[3] in _UNSEEN)):
            yield _Piece(tag[0], _NOTE)
            depth += -1 if is_end else 0 if is_whole else 1
        elif is_end or not (is_told or _SUSPECT.search(tag[4])):
            yield _Piece(tag[0])
        else:
            yield from _tag(tag)
    if depth:
        raise Unreadable("an element of the drawing does not end")
    yield _Piece(octets[at:], said=_decoded(octets[at:]))


def _tag(tag: re.Match[bytes]) -> Iterator[_Piece]:
    """The pieces of a tag, one for each attribute."""
    begin, end = tag.span(4)
    yield _Piece(tag[0][: begin - tag.start()])
    whole, done = tag.string, begin
    while (found := _ATTRIBUTE.match(whole, done, end)) is not None:
        done = found.end()
        prefix, name, value = found.groups()
        if prefix in _EDITORS:
            yield _Piece(found[0], _NOTE)
        elif name.lower().startswith(b"on") or (name.lower() == b"href" and _ELSEWHERE.match(value)):
            yield _Piece(found[0], _SCRIPT)
        else:
            # The names of a language or a document type are addresses of pages that everybody shares.
            yield _Piece(found[0], said="" if b"xmlns" in {prefix, name} else _decoded(value[1:-1]))
    if whole[done:end].strip() not in {b"", b"/"}:
        raise Unreadable("the drawing is no XML")
    yield _Piece(whole[done : tag.end()])


def _beside_tags(octets: bytes, begin: int) -> _Piece:
    """A comment, an instruction, a stretch of plain text, or the type of the document."""
    if octets.startswith(b"<!--", begin):
        return _Piece(_up_to(octets, begin, b"-->"), _COMMENT)
    if octets.startswith(b"<?", begin):
        return _Piece(octets_ := _up_to(octets, begin, b"?>"), "" if octets_.startswith(b"<?xml ") else _NOTE)
    if octets.startswith(b"<![CDATA[", begin):
        return _Piece(octets_ := _up_to(octets, begin, b"]]>"), said=_decoded(octets_[9:-3]))
    if octets.startswith(b"<!DOCTYPE", begin):
        whole = _up_to(octets, begin, b">")
        return _Piece(_up_to(octets, begin, b"]>") if b"[" in whole else whole)
    raise Unreadable("the drawing is no XML")


def _up_to(octets: bytes, begin: int, sign: bytes) -> bytes:
    end = octets.find(sign, begin)
    if end == -1:
        raise Unreadable("the drawing is no XML")
    return octets[begin : end + len(sign)]


def _gone(octets: bytes, depth: int) -> _Piece | None:
    return _Piece(octets, _NOTE) if depth else None


def _decoded(said: bytes) -> str:
    return unescape(said.decode("utf-8", "replace")) if said.strip() else ""
