"""The rendition: a message as the other party gets it, built from an allow-list (design.md invariants 1 and 2; GY-3, GY-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from itertools import count
from typing import Final

from relay.message.body import Surgery
from relay.message.mail import Mail
from relay.message.masker import Masker
from relay.message.removal import Removal
from relay.message.terms import Style, Terms
from relay.message.treatment import Treatment
from relay.message.words import encoded_phrase
from relay.message.write import Structured, Unstructured, written
from relay.values import MsgId

TRACE_FIELD: Final = "X-Relay-Trace"
"""Every rendition carries it: a message that comes in with it has been here before (GW-28)."""

FROM_THE_WRITER: Final = {
    "Importance": re.compile(r"(?:low|normal|high)", re.IGNORECASE),
    "Priority": re.compile(r"(?:normal|urgent|non-urgent)", re.IGNORECASE),
    "X-Priority": re.compile(r"[1-5]"),
    "Content-Language": re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?(?:, ?[a-z]{2,3}(?:-[A-Za-z]{2,4})?){0,5}"),
}
"""The fields that pass with the writer's value, beside Subject, and the values which they may have (LEAK-4)."""

references_max: Final = 30
"""Ids in References; the first, which names the thread, is always among them (RFC 5322 §3.6.4, GW-41)."""

Value = Structured | Unstructured


@dataclass(frozen=True, slots=True)
class Anonymised:
    """The octets that cross, unsigned, and what was taken out."""

    content: bytes = field(repr=False)
    removed: tuple[Removal, ...]

    @property
    def holding(self) -> tuple[Removal, ...]:
        """What an operator has to look at before this may cross, by the switches of the house (GW-29, LEAK-25)."""
        return tuple(one for one in self.removed if one.treatment is Treatment.HOLD)


def anonymised(mail: Mail, terms: Terms, style: Style) -> Anonymised:
    """`mail` as `terms.reader` gets it. Nothing of the header but the subject and some fixed values comes from the writer."""
    masker = terms.masker(style)
    removed: list[Removal] = []
    surgery = Surgery(mail, terms, style, masker, _Inside(terms, style, masker, removed), removed=removed)
    body = surgery.body()
    fields = tuple(_fields(mail, terms, style, masker, removed))
    return Anonymised(written(fields, body, terms.message_id), tuple(removed))


def _fields(mail: Mail, terms: Terms, style: Style, masker: Masker, removed: list[Removal]) -> Iterator[tuple[str, Value]]:
    yield "From", Structured(_mailbox(_name_via(style, masker), str(terms.writer.alias)))
    yield "To", Structured(terms.shown_to(style))
    yield "Subject", Unstructured(_subject(mail, masker, removed))
    yield "Date", Structured(format_datetime(terms.now.astimezone(UTC)))
    yield "Message-ID", Structured(f"<{terms.message_id}>")
    if terms.in_reply_to:
        yield "In-Reply-To", Structured(f"<{terms.in_reply_to[0]}>")
    if terms.references:
        yield "References", Structured(" ".join(f"<{one}>" for one in _bounded(terms.references)))
    if terms.automatic:
        yield "Auto-Submitted", Structured("auto-replied")
    for name, shape in FROM_THE_WRITER.items():
        one = mail.root.first(name)
        if one is not None and shape.fullmatch(value := one.value.decode("ascii", "replace").strip()):
            yield name, Structured(value)
    yield TRACE_FIELD, Structured(terms.trace)


def _name_via(style: Style, masker: Masker) -> str:
    """NAME via BRAND; the brand alone when the booking has an address or a domain in the place of a name (LEAK-1)."""
    return f"{masker.writer.shown_name} via {style.brand}" if masker.writer_may_be_named else style.brand


def _mailbox(name: str, address: str) -> str:
    return f"{encoded_phrase(name)} <{address}>"


def _subject(mail: Mail, masker: Masker, removed: list[Removal]) -> str:
    masked = masker.mask(mail.subject, title=True)
    removed += [Removal.of(noticed, "Subject") for noticed in masked.removals]
    return masked.text


def _bounded(references: Sequence[MsgId]) -> Sequence[MsgId]:
    if len(references) <= references_max:
        return references
    return (references[0], *references[-(references_max - 1) :])


@dataclass(frozen=True, slots=True)
class _Inside:
    """Rebuilds messages that are attached to the message: their head is as much of an allow-list as the message's own."""

    terms: Terms
    style: Style
    masker: Masker
    removed: list[Removal]
    numbers: Iterator[int] = field(default_factory=count)

    def __call__(self, mail: Mail, depth: int) -> bytes:
        number = next(self.numbers)
        surgery = Surgery(mail, self.terms, self.style, self.masker, self, depth=depth, removed=self.removed)
        body = surgery.body()
        return written(tuple(self._fields(mail)), body, f"{number}.{self.terms.message_id}")

    def _fields(self, mail: Mail) -> Iterator[tuple[str, Value]]:
        author = mail.authors[0].address if mail.authors else None
        if author is not None and (stands := self.masker.stand_in(author)) is not None:
            alias, name = stands
            yield "From", Structured(_mailbox(name, alias) if name else alias)
        yield "Subject", Unstructured(_subject(mail, self.masker, self.removed))
        if (date := _instant(mail)) is not None:
            yield "Date", Structured(format_datetime(date))


def _instant(mail: Mail) -> datetime | None:
    """The Date of an attached message, in UTC: its offset would tell where somebody is (LEAK-6)."""
    one = mail.root.first("Date")
    if one is None:
        return None
    try:
        at = parsedate_to_datetime(one.value.decode("ascii", "replace").strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
