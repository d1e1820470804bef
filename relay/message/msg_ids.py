"""Message-ID, In-Reply-To and References (RFC 5322 §3.6.4), as programs really write them (CASE-5, CASE-31)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from relay.message.mail import Field
from relay.message.words import decoded_words, unfolded
from relay.values import MsgId

msg_ids_max: Final = 100
"""How many ids of one field count: the last ones, which are nearest to the message (CASE-38)."""

msg_id_characters_max: Final = 990
"""A longer id could not be written again, with its brackets, in a line of 998 (RFC 5322 §2.1.1)."""

_BRACKETED: Final = re.compile(r"<([^<>]*)>")


def msg_ids(fields: Sequence[Field]) -> tuple[MsgId, ...]:
    """The ids in those fields, in order, each once, without angle brackets and without white space from folding.

    The old form of In-Reply-To, a phrase with the id in it, gives the id; ids without brackets are known by their at sign, and
    an only word by being alone.
    """
    found: dict[str, None] = {}
    for one in fields:
        text = unfolded(one.value)
        if "=?" in text:
            text = decoded_words(text)
        bracketed = _BRACKETED.findall(text)
        words = text.split()
        for raw in bracketed or [word for word in words if "@" in word or len(words) == 1]:
            id_ = raw.strip("<>,;\"'")
            if " " in id_ or not id_.isprintable():
                id_ = "".join(letter for letter in id_ if letter.isprintable() and letter != " ")
            if 0 < len(id_) <= msg_id_characters_max:
                found.setdefault(id_)
    return tuple(MsgId(id_) for id_ in list(found)[-msg_ids_max:])
