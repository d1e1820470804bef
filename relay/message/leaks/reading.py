"""The second reading itself: all places of the message, all layers of each, looked at for everything that is watched."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from relay.message.leaks.charsets import readings
from relay.message.leaks.finding import Finding, Kind
from relay.message.leaks.layers import Budget, Layer, layers, layers_of_text
from relay.message.leaks.piece import Beyond, Context, Piece
from relay.message.leaks.search import Search, search_for
from relay.message.leaks.walk import Walk
from relay.message.leaks.watched import Watched

findings_max: Final = 100
"""More tell an operator nothing new."""

_BETWEEN: Final = b"\n\x03\n"
_FIELD: Final = re.compile(rb"^([!-9;-~]{1,80})[ \t]{0,9}:", re.MULTILINE)
_FIELDS_OF_A_FILE: Final = frozenset({"content-type", "content-disposition"})
_NAMED: Final = re.compile(rb"(?:^|[;\s])(?:file)?name\*?", re.IGNORECASE)
_WITHOUT_NAMES: Final = re.compile(
    rb"""date:\s(?:mon|tue|wed|thu|fri|sat|sun),\s[0-9]{2}\s(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s
        [0-9]{4}\s[0-9]{2}:[0-9]{2}:[0-9]{2}\s\+0000
    |mime-version:\s1\.0
    |content-transfer-encoding:\s(?:7bit|8bit|base64|quoted-printable)
    |content-disposition:\s(?:attachment|inline)
    |content-type:\s(?:text/(?:plain|html|calendar)|multipart/(?:mixed|alternative|related))
        (?:;\s{1,9}charset=utf-8|;\s{1,9}boundary="=_[0-9a-f]{32}")*
    |auto-submitted:\sauto-replied
    |x-relay-trace:\s[0-9a-z]{10,40}""",
    re.IGNORECASE | re.VERBOSE,
)
"""Fields that say what every such field says: somebody may be called Jun, or Text, and write in June, or text."""
_HEAD: Final = "header"
_SHOWN_FIELDS: Final = {
    name.lower(): name
    for name in """
    Auto-Submitted Bcc Cc Comments Content-Description Content-Disposition Content-ID Content-Language Content-Location
    Content-Transfer-Encoding Content-Type Date Delivered-To DKIM-Signature Errors-To From Importance In-Reply-To Keywords
    List-Unsubscribe Message-ID MIME-Version Organization Precedence Priority Received References Reply-To Return-Path
    Sender Subject Thread-Index Thread-Topic To User-Agent X-Mailer X-Original-To X-Originating-IP X-Priority X-Sender
    """.split()
}
"""Names that a finding may show. Any other could itself be what must not be seen."""


def leaks(octets: bytes, watched: Sequence[Watched], *, allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """What of the parties can still be read in a finished message, in any place and under any encoding; empty for a clean one.

    `octets` is all of the message as it is to be sent. `allowed` are addresses in lower case that may stand anywhere: the
    aliases of the conversation, the support address. Never raises, whatever the octets are; time and memory are linear in them
    and bounded, and what lies beyond a bound is a finding too (leaks.md section 7, design.md invariants 1 and 2).
    """
    search = search_for(tuple(watched), frozenset(one.lower() for one in allowed))
    budget = Budget()
    places = list(Walk().pieces(octets))
    pieces = [one for one in places if isinstance(one, Piece)]
    found = [Finding(Kind.UNREADABLE, one.place, "raw") for one in places if isinstance(one, Beyond)]
    texts = [one for one in pieces if one.context is not Context.OCTETS]
    if _is_suspicious(texts, search, budget):
        budget = Budget()
        for piece in texts:
            found.extend(_in_text(piece, search, budget))
    for piece in pieces:
        if piece.context is Context.OCTETS:
            layer = " > ".join(piece.path) or "raw"
            found.extend(Finding(kind, piece.place, layer) for kind in sorted(set(search.kinds_in_octets(piece.octets))))
    if budget.is_exceeded:
        found.append(Finding(Kind.UNREADABLE, "message", "raw"))
    return tuple(dict.fromkeys(found))[:findings_max]


def _is_suspicious(texts: Sequence[Piece], search: Search, budget: Budget) -> bool:
    """Whether anything may be found, from one look at all texts together: for nearly every message the whole of the work."""
    for is_header in (True, False):
        together = [
            reading
            for piece in texts
            if (piece.context is Context.HEADER) is is_header
            for _, reading in readings(piece.octets, piece.charset)
        ]
        for layer in layers_of_text(_BETWEEN.join(together), search.shortest, budget, is_header=is_header):
            if any(_kinds(layer, None, search)):
                return True
    return budget.is_exceeded


def _in_text(piece: Piece, search: Search, budget: Budget) -> Iterator[Finding]:
    """What is found in one piece, with its place and the first layer that shows it; a head field by field."""
    for place, octets in _fields(piece) if piece.context is Context.HEADER else ((piece.place, piece.octets),):
        seen = {Kind.WORD} if piece.context is Context.HEADER and _WITHOUT_NAMES.fullmatch(octets.strip()) else set[Kind]()
        for layer in _layers_of(replace(piece, octets=octets), search, budget):
            for kind in sorted(set(_kinds(layer, piece.context, search)) - seen):
                seen.add(kind)
                yield Finding(kind, place, " > ".join((*piece.path, *layer.path)) or "raw")


def _layers_of(piece: Piece, search: Search, budget: Budget) -> Iterator[Layer]:
    return layers(piece.octets, piece.charset, search.shortest, budget, is_header=piece.context is Context.HEADER)


def _kinds(layer: Layer, context: Context | None, search: Search) -> Iterator[Kind]:
    return search.kinds_in_octets(layer.text) if layer.is_noise else search.kinds(layer.text, context)


def _fields(piece: Piece) -> Iterator[tuple[str, bytes]]:
    """(place, octets) of each field of a head; the name of a file is told apart from the other parameters."""
    begins = [(found.start(), found[1].decode("ascii").lower()) for found in _FIELD.finditer(piece.octets)]
    if not begins or begins[0][0] > 0:
        yield piece.place, piece.octets[: begins[0][0] if begins else len(piece.octets)]
    for (begin, name), (end, _) in pairwise([*begins, (len(piece.octets), "")]):
        octets = piece.octets[begin:end]
        if piece.place != _HEAD and name in _FIELDS_OF_A_FILE and _NAMED.search(octets):
            yield f"{piece.place.removesuffix(_HEAD)}file name", octets
        else:
            yield f"{piece.place} {_SHOWN_FIELDS.get(name, 'of another name')}", octets
