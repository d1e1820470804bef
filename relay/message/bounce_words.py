"""How mail servers say, in forms and words of their own, that something did not arrive; what they return stands below (GW-51).

Why it did not arrive is for `relay.message.causes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

FAILED: Final = tuple(
    re.compile(phrase)
    for phrase in (
        r"un(?:able|deliver)\w*.{0,40}(?:deliver|mail|message)|undeliver(?:able|ed)",
        r"(?:could|can|was|has|have|were) ?n[o']t (?:be |been |yet been )*(?:able to )?(?:be )?deliver",
        r"(?:can|could|is|was|were) ?not be (?:sent|delivered)|cannot be delivered",
        r"deliver\w* .{0,60}(?:fail|delay|problem|error|postponed)|(?:fail|error|problem|delay)\w* .{0,40}deliver",
        r"did ?n[o']t reach the following|not (?:been )?delivered",
        r"(?:permanent|fatal) (?:fatal )?errors?|delivery errors|transcript of session",
        r"returned (?:mail|message|to sender)|failure (?:notice|delivery)|non-?delivery|mail error|mail system error",
        r"(?:unknown|invalid|no such)(?: final delivery)? (?:user|recipient|mailbox|address)|user unknown",
        r"failed recipient|error-for:|rcpt to|below could not be|has been returned",
        r"nicht zugestellt|unzustellbar|non remis|no (?:pudo|se ha podido) (?:ser )?entreg|nie ?dostarcz|non recapitat",
        r"not an? (?:known|valid|existing) (?:user|recipient|mailbox|address)",
        r"送信できません|配信できません|не доставлен|не может быть доставлен",
    )
)
"""Words with which a mail server says in its first lines or its Subject that something did not arrive."""

OPENINGS: Final = re.compile(
    r"\W{0,10}(?:hi\. this is the \S{1,40} program at"
    r"|this is the \S{1,80}(?: \S{1,20}){0,8} (?:program at|mail system|mail agent)"
    r"|this message was created automatically by mail delivery software"
    r"|this is an automatically generated delivery status notification"
    r"|delivery to the following recipients? (?:has been delayed|failed)"
    r"|delivery has failed to these recipients"
    r"|the original message was received at"
    r"|unable to deliver message to"
    r"|message from interscan"
    r"|your message with subject.{0,300} could not be delivered to the following recipients"
    r"|this is an advisory-only email"
    r"|your mail (?:cannot be delivered|message to the following)"
    r"|could not deliver message to the following"
    r"|-{2,} ?(?:non-delivery report|the following addresses had|transcript of session|failed recipients))"
)
"""Beginnings that no person writes: they tell a bounce under any name."""

ONLY_DELAYED: Final = re.compile(
    r"not yet been delivered|(?:has|have) not been delivered.{0,200}(?:queue|warning|did not respond|will (?:continue|be))"
    r"|warning message only|just a warning|only a warning|do not need to (?:resend|take any action)|no action is required"
    r"|(?:has|have) been (?:delayed|postponed)|delivery .{0,80}(?:delayed|postponed)|delayed \d+ hours"
    r"|(?:will|shall) (?:be retried|continue to (?:try|attempt)|keep trying|try again|continue to be made)"
    r"|attempts will continue|still (?:being|trying)|could not send message for past"
)
ONLY_DELAYED_SUBJECT: Final = re.compile(r"\(delay\)|\bdelay(?:ed)?\b|^warning\b|delivery warning|\bwarning: ")
DELIVERED: Final = re.compile(r"(?:was|has been|have been) successfully (?:delivered|relayed)|successful mail delivery")

_RETURNED: Final = (
    "original message",
    "original mail",
    "copy of the",
    "copy of your",
    "returned m",
    "unsent message",
    "below this line",
    "mensaje original",
    "message header",
    "header and top",
    "header of the source",
    "forwarded message",
    "enclosed is",
    "message follows",
    "message body",
)
"""What stands in the line above the message that comes back; such a line begins with dashes, or ends with `follows`."""
_RETURNED_ENDINGS: Final = (
    "follow",
    "follows",
    "below this line",
    "reads (in part)",
    "of the message header",
    "original message headers",
)

_EXPLAINING: Final = ("transcript", "details", "reason")
"""Before `follows`, they announce why it failed, and not the message."""

_ABOUT_THE_MESSAGE: Final = ("subject:", "the subject of", "with subject", "the message identifier", "the date of")
"""Lines that quote the message itself: what a person wrote says nothing about why it failed."""


def before_returned(text: str) -> Iterator[str]:
    """The lines that a server wrote itself, up to the message that it returns."""
    for line in text.split("\n"):
        said = line.strip().lower()
        if said.startswith(_ABOUT_THE_MESSAGE):
            continue
        is_rule = said[:1] in {"-", "*", "=", "_"} and any(phrase in said for phrase in _RETURNED)
        ends = said.rstrip(".:-").rstrip().endswith(_RETURNED_ENDINGS) and not any(word in said for word in _EXPLAINING)
        if is_rule or ends:
            return
        yield line
