"""What a receiver's reply means: delivered, not now, or never; and why, in the words its writer is told (GW-51).

Words and enhanced codes are read as those of a bounce are (`message.causes`); where they say nothing, the code and the step of
the dialogue at which it came do (RFC 5321 §4.2, §4.3.2). What is kept of the text is for operators alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from relay.masking import masked
from relay.message.causes import cause_by_status, cause_in_words
from relay.transit.delivery import Cause, Deferred, Delivered, Failed, Outcome

text_characters_max: Final = 500
"""What is kept of a reply (FAULT-95)."""


class Stage(Enum):
    """The step of a transaction that a reply answers."""

    GREETING = "greeting"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


_ANY: Final = (Stage.GREETING, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT)
_WHOLE: Final = (Stage.MAIL, Stage.DATA, Stage.DOT)
BY_CODE: Final[dict[tuple[int, Stage], Cause]] = {
    **{(421, stage): Cause.SERVER_UNREACHABLE for stage in _ANY},
    **{(code, Stage.RCPT): Cause.ADDRESS_WRONG for code in (501, 550, 551, 553, 556)},
    # The recipient was accepted before: it is the sender or the content that is refused.
    **{(code, stage): Cause.BLOCKED for code in (550, 551, 553) for stage in _WHOLE},
    (552, Stage.MAIL): Cause.TOO_LARGE,
    **{(552, stage): Cause.MAILBOX_FULL for stage in (Stage.RCPT, Stage.DATA, Stage.DOT)},
    **{(554, stage): Cause.BLOCKED for stage in (*_WHOLE, Stage.RCPT)},
    **{(code, Stage.GREETING): Cause.SERVER_UNREACHABLE for code in (521, 554)},
}

ABOUT_THE_SESSION: Final = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
"""Permanent codes that complain of the dialogue (a command, TLS or a login missing), not of the message: an operator puts that
right, and until then the mail waits."""
ABOUT_THE_DESTINATION: Final = frozenset({"4.3.1", "4.3.2", "4.4.5", "4.5.3", "4.7.28"})
"""Too much or too fast: the next message would hear the same (FAULT-93). 4.7.28 is Gmail's."""
_EXCHANGE_ONLINE: Final = re.compile(r"4\.7\.[56]\d\d")
"""The same from there: from "server busy" to "rate limited", 4.7.500 to 4.7.699."""

_ENHANCED: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


@dataclass(frozen=True, slots=True)
class Reply:
    """A receiver's reply, all its lines as one; `text` is what is kept of it and begins with the enhanced code, if any."""

    code: int
    text: str = field(repr=False)

    @property
    def enhanced(self) -> str | None:
        return enhanced_code(self.text)


def enhanced_code(text: str) -> str | None:
    """The enhanced status code that `text` begins with (RFC 2034 §4)."""
    found = _ENHANCED.match(text)
    return found[1] if found else None


def kept_text(raw: bytes) -> str:
    """A bounded, printable, address-free text from what a stranger's server said (FAULT-95).

    Refusals commonly repeat the recipient's address; what is kept of them stands in lists that operators read.
    """
    if len(raw) <= text_characters_max and b"@" not in raw and (text := raw.decode("latin-1")).isascii() and text.isprintable():
        return text  # nearly every reply, a few times a message
    text = raw[: 4 * text_characters_max].decode("utf-8", "backslashreplace")
    escaped = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in masked(text))
    return escaped[:text_characters_max]


def outcome_of(reply: Reply, stage: Stage) -> Outcome:
    """What `reply` to `stage` comes to. A 2xx is a delivery after the final dot alone; elsewhere it is out of place.

    A host that refuses everybody in its greeting is tried again: that is its state, not an answer about a mailbox (FAULT-88).
    """
    if reply.code // 100 == 2 and stage is Stage.DOT:
        return Delivered(reply.code, reply.text)
    cause = _cause(reply, stage)
    if reply.code // 100 == 5 and stage is not Stage.GREETING and reply.code not in ABOUT_THE_SESSION:
        return Failed(cause, reply.code, reply.text)
    return Deferred(cause, reply.code, reply.text)


def is_about_destination(outcome: Outcome) -> bool:
    """Whether other messages for the same destination would hear the same just now, so that it is left alone (FAULT-93)."""
    if not isinstance(outcome, Deferred):
        return False
    enhanced = enhanced_code(outcome.text)
    if outcome.code == 452:
        return enhanced is None or not enhanced.startswith("4.2.")  # 4.2.x: this one mailbox is full
    if outcome.code == 421 or enhanced in ABOUT_THE_DESTINATION:
        return True
    return enhanced is not None and _EXCHANGE_ONLINE.fullmatch(enhanced) is not None


def _cause(reply: Reply, stage: Stage) -> Cause:
    named = cause_in_words(reply.text)
    # Before RCPT it is our own address, or our host, that "does not exist".
    if named is not None and not (named is Cause.ADDRESS_WRONG and stage in {Stage.GREETING, Stage.MAIL}):
        return named
    by_status = cause_by_status(reply.enhanced) if reply.enhanced is not None else None
    return by_status if by_status is not None else BY_CODE.get((reply.code, stage), Cause.OTHER)
