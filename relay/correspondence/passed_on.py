"""What one party writes to the other while no alias carries it: its text alone, in a mail of ours (GY-6, OR-24).

It goes through the same surgery as a message, and the finished text is read a second time by what shares no code with that
(invariants 1 and 2). Whatever the house lets cross in messages, no telephone number and no link does, as the forms and receipts
say: LEAK-25 keeps them after the confirmation. One of our own links that decides would decide for its writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from relay.booking.booking import Booking
from relay.booking.terms import Terms
from relay.conversation import Conversation
from relay.errors import Conflict, Unreadable
from relay.message.leaks import leaks
from relay.message.phrases import PHRASES
from relay.message.terms import Style, masker, watched
from relay.message.text import scrubbed_text
from relay.message.treatment import Treatment
from relay.values import Role

_SECRET: Final = re.compile(
    r"(?:https?://)?[^\s<>\"]{0,300}/(?:bookings|questions|answers)/[A-Za-z0-9_=\-]{20,200}[^\s<>\"]{0,200}"
)
_LONE_SECRET: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
"""32 random octets, as a secret of ours looks: a link may have been broken at its last slash."""


class CannotCross(Conflict):
    """Something of its writer stands in a text in a way that cannot be taken out of it."""


def passed_on(text: str, conversation: Conversation, writer: Role, style: Style) -> str:
    """`text` as the other party may read it. Raises CannotCross where something of its writer cannot be taken out."""
    party, reader = conversation.party(writer), conversation.party(writer.other)
    removed = f"[{PHRASES[reader.language].link}]"
    treatments = replace(style.treatments, phone_numbers=Treatment.MASK, links=Treatment.MASK)
    bare = _LONE_SECRET.sub(removed, _SECRET.sub(removed, text))
    try:
        crossed = scrubbed_text(bare, masker(party, reader, replace(style, treatments=treatments))).text
    except Unreadable as why:
        raise CannotCross("this text cannot be passed on") from why
    letter = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + crossed.encode("utf-8", "replace")
    aliases = {str(one.alias) for one in conversation.parties()}
    if leaks(letter, watched(party, reader, style), allowed=aliases):
        raise CannotCross("this text tells who or where its writer is, in a way that cannot be taken out of it")
    return crossed


def heard(text: str, conversation: Conversation, reader: Role, style: Style) -> str:
    """`text` as `reader` may read it of the other side, whoever brought it in; of what cannot cross, an ellipsis stays."""
    try:
        return passed_on(text, conversation, reader.other, style) if text else ""
    except CannotCross:
        return "…"


def is_own_note(booking: Booking, terms: Terms, *, is_customer: bool) -> bool:
    """Whether the reader wrote the note of `terms` themselves: the first of a booking tells the customer's wishes, unless it was
    taken over from another one."""
    return is_customer and terms.version == 1 and booking.parent is None


def terms_heard(terms: Terms, hears: Callable[[str], str]) -> Terms:
    """`terms` with every text in them that somebody wrote as `hears` makes it: whoever brought them in, and by whichever way.

    Lines of the price list are the house's. A line, an option or a discount of which nothing is left is an ellipsis.
    """

    def line(text: str) -> str:
        return " ".join(hears(text).split()) or "…"

    return replace(
        terms,
        note=hears(terms.note) if terms.note else "",
        place=" ".join(hears(terms.place).split()) if terms.place else "",
        lines=tuple(replace(one, text=line(one.text)) if one.is_extra else one for one in terms.lines),
        options=tuple(line(one) for one in terms.options),
        discounts=tuple(replace(one, text=line(one.text)) for one in terms.discounts),
    )


def words_in(terms: Terms) -> frozenset[str]:
    """Every text in them that somebody wrote: what terms_heard asks for."""
    extras = (one.text for one in terms.lines if one.is_extra)
    return frozenset({terms.note, terms.place, *terms.options, *(one.text for one in terms.discounts), *extras}) - {""}
