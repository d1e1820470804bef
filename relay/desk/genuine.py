"""Whether a mail or a text that somebody shows us is what we have: octet for octet, as we signed it, in its words, or not (AR-2).

Mail changes on its way and in programs that save it: line ends, lines of servers, an mbox line before it. What was signed (DKIM,
RFC 6376) does not, and what people read does not either; files count by their octets.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from relay.errors import Unreadable
from relay.message.concealed import concealed
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.searchable import shown_texts
from relay.proof.canonical import Field, Form, fields, hashed_body
from relay.proof.tags import items
from relay.store.disputes import Candidate
from relay.web.site.mail_frame import plain_name
from relay.web.site.support.dispute_ports import Compared, Sameness, Span, Which

octets_max: Final = 64 * 1024 * 1024
compared_max: Final = 60
"""Forms of messages that one is laid beside."""
compared_octets_max: Final = 128 * 1024 * 1024
"""Of all those together."""
lines_max: Final = 300
"""Of each side: laying texts beside one another takes the square of it."""
line_characters_max: Final = 400
around: Final = 2
"""Lines that are the same, shown before and behind those that are not."""
alike_min: Final = 0.35
"""Of the lines: with fewer the same it is another text, and not one that was changed."""

NOTHING: Final = Compared(Sameness.NOT_OURS)
_MBOX: Final = re.compile(rb"\AFrom [^\r\n]{0,500}\r?\n")
_LINE_END: Final = re.compile(rb"\r?\n")
_SPACES: Final = re.compile(r"\s+")
_NAMES: Final = (b"from", b"to", b"subject", b"date", b"message-id")
"""What is compared where we have signed nothing: of the message as its writer sent it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows us: a mail, or the words of one."""

    octets: bytes | None = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)

    @classmethod
    def of_mail(cls, content: bytes) -> Shown:
        octets = _LINE_END.sub(b"\r\n", _MBOX.sub(b"", content))
        return cls(octets, tuple(_lines_of(octets)))

    @classmethod
    def of_text(cls, text: str) -> Shown:
        return cls(None, tuple(_lines(text)))


@dataclass(frozen=True, slots=True)
class Beside:
    """What laying it beside one message came to. `likeness`: the part of the lines that is the same."""

    compared: Compared
    likeness: float

    @property
    def is_final(self) -> bool:
        """Nothing can be nearer."""
        return self.compared.sameness is Sameness.IDENTICAL


_ORDER: Final = (Sameness.NOT_OURS, Sameness.DIFFERS, Sameness.BODY_EQUAL, Sameness.AS_SIGNED, Sameness.IDENTICAL)


def is_nearer(one: Beside, than: Compared, likeness: float) -> bool:
    """Whether `one` says more than what was found before."""
    mine, theirs = _ORDER.index(one.compared.sameness), _ORDER.index(than.sameness)
    return mine > theirs or (mine == theirs and one.likeness > likeness)


def message_id(content: bytes) -> str:
    """The Message-ID of a mail, without angle brackets; empty where it has none, or is no mail."""
    try:
        found = parse(_MBOX.sub(b"", content)).message_id
    except Unreadable:
        return ""
    return str(found).strip("<>") if found is not None else ""


def identical(one: Candidate) -> Compared:
    """It is `one`, octet for octet."""
    which = Which.DELIVERED if one.is_rendition else Which.ORIGINAL
    return Compared(Sameness.IDENTICAL, which, one.message, one.reference, one.received_at)


def beside(shown: Shown, ours: bytes, one: Candidate, domain: str) -> Beside:
    """`shown` laid beside `one`, which has the octets `ours`. `domain` is ours: other addresses are masked in what is told."""
    same = identical(one)
    if shown.octets is not None:
        if shown.octets.rstrip() == ours.rstrip():
            return Beside(same, 1.0)
        if _body(shown.octets) == _body(ours):
            changed = _changed(shown.octets, ours)
            sameness = Sameness.AS_SIGNED if one.is_rendition and not changed else Sameness.BODY_EQUAL
            return Beside(replace(same, sameness=sameness, headers=changed), 1.0)
    theirs = tuple(_lines_of(ours))
    if shown.octets is None and shown.lines and " ".join(shown.lines) in " ".join(theirs):
        return Beside(replace(same, sameness=Sameness.BODY_EQUAL), 1.0)
    if shown.lines == theirs:
        changed = _changed(shown.octets, ours) if shown.octets is not None else ()
        return Beside(replace(same, sameness=Sameness.BODY_EQUAL, headers=changed), 1.0)
    match = difflib.SequenceMatcher(None, shown.lines, theirs, autojunk=False)
    is_named = shown.octets is not None and message_id(shown.octets) in _ids(ours)
    # Cheap first: that is never less than the likeness itself.
    likeness = match.quick_ratio()
    if likeness >= alike_min or is_named:
        likeness = match.ratio()
    if likeness < alike_min and not is_named:
        return Beside(NOTHING, likeness)
    spans = tuple(_spans(match, shown.lines, theirs, domain))
    headers = _changed(shown.octets, ours) if shown.octets is not None else ()
    return Beside(replace(same, sameness=Sameness.DIFFERS, differences=spans, headers=headers), likeness)


def _ids(ours: bytes) -> frozenset[str]:
    found = message_id(ours)
    return frozenset({found}) if found else frozenset()


def _start(octets: bytes) -> int:
    end = octets.find(b"\r\n\r\n")
    return end + 4 if end >= 0 else len(octets)


def _body(octets: bytes) -> bytes:
    return hashed_body(octets, _start(octets), Form.RELAXED).sha256


def _changed(shown: bytes, ours: bytes) -> tuple[str, ...]:
    """The fields that are not as they were, of those that we signed; of the usual ones where we signed nothing."""
    here, there = fields(shown[: _start(shown)]), fields(ours[: _start(ours)])
    names = _signed(there) or _NAMES
    return tuple(sorted({name.decode("ascii", "replace") for name in names if _values(here, name) != _values(there, name)}))


def _values(of: Sequence[Field], name: bytes) -> list[bytes]:
    return [one.canonical(Form.RELAXED) for one in of if one.key == name]


def _signed(of: Sequence[Field]) -> tuple[bytes, ...]:
    signature = next((one for one in of if one.key == b"dkim-signature"), None)
    if signature is None:
        return ()
    for spec in signature.octets.partition(b":")[2].split(b";"):
        name, _, value = spec.partition(b"=")
        if name.strip() == b"h":
            return tuple(one.encode() for one in items(value.decode("ascii", "replace").lower()))
    return ()


def _lines_of(octets: bytes) -> Iterator[str]:
    """What people see of a mail: its words, line by line, and its files."""
    try:
        mail = parse(octets)
    except Unreadable:
        yield from _lines(octets[: lines_max * line_characters_max].decode("utf-8", "replace"))
        return
    yield from _lines("\n".join(shown_texts(mail.root, lines_max * line_characters_max)))
    yield from _files(mail)


def _lines(text: str) -> list[str]:
    found = (_SPACES.sub(" ", line).strip()[:line_characters_max] for line in text.split("\n"))
    return [line for line in found if line][:lines_max]


def _files(mail: Mail) -> Iterator[str]:
    for one in mail.attachments:
        proof = hashlib.sha256(one.payload).hexdigest()[:16]
        yield f"[{plain_name(one.filename or one.media_type)}, {len(one.payload)}, {proof}]"


def _spans(match: difflib.SequenceMatcher[str], here: Sequence[str], ours: Sequence[str], domain: str) -> Iterator[Span]:
    for group in match.get_grouped_opcodes(around):
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (Span(concealed(line, domain), concealed(line, domain)) for line in here[i:j])
            else:
                yield Span(concealed("\n".join(here[i:j]), domain), concealed("\n".join(ours[k:m]), domain))
