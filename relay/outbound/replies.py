"""What a receiver's reply means: delivered, not now, or never; and why, in the words its writer is told (GW-51).

The enhanced code (RFC 3463) says more than the code and is believed first; servers without one are read by the code and the
step of the dialogue at which it came (RFC 5321 §4.2, §4.3.2). What is kept of the text is for operators alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from relay.masking import masked
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


BY_ENHANCED: Final[dict[str, Cause]] = {
    # Codes as whole first, then subject and detail of either class, then the subject alone.
    "5.2.1": Cause.ADDRESS_WRONG,  # mailbox disabled; 4.2.1 is a rate limit at Gmail
    "5.4.1": Cause.ADDRESS_WRONG,  # what Exchange Online says of a recipient that does not exist
    "5.5.0": Cause.ADDRESS_WRONG,  # what Outlook.com says of the same
    "1.0": Cause.ADDRESS_WRONG,
    "1.1": Cause.ADDRESS_WRONG,
    "1.2": Cause.ADDRESS_WRONG,
    "1.3": Cause.ADDRESS_WRONG,
    "1.6": Cause.ADDRESS_WRONG,
    "1.10": Cause.ADDRESS_WRONG,
    "1.7": Cause.BLOCKED,  # it is our return path that they do not like
    "1.8": Cause.BLOCKED,
    "2.2": Cause.MAILBOX_FULL,
    "2.3": Cause.TOO_LARGE,
    "3.4": Cause.TOO_LARGE,
    "4.6": Cause.OTHER,  # a loop
    "4": Cause.SERVER_UNREACHABLE,
    "5": Cause.OTHER,
    "6": Cause.OTHER,
    "7": Cause.BLOCKED,
}

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
ABOUT_THE_DESTINATION: Final = frozenset({"4.3.1", "4.3.2", "4.4.5", "4.5.3", "4.7.28", "4.7.650", "4.7.651", "4.7.652"})
"""Too much or too fast: the next message would hear the same (FAULT-93)."""

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
    return outcome.code == 421 or enhanced in ABOUT_THE_DESTINATION


def _cause(reply: Reply, stage: Stage) -> Cause:
    if (enhanced := reply.enhanced) is not None:
        _, subject, detail = enhanced.split(".")
        for key in (enhanced, f"{subject}.{detail}", subject):
            if (cause := BY_ENHANCED.get(key)) is not None:
                return cause
    return BY_CODE.get((reply.code, stage), Cause.OTHER)
