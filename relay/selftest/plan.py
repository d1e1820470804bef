"""Which trap is written by whom in which conversation, so that no bound of the house hides one from the test.

A mail that came before is not delivered again (GW-31), a conversation passes few automatic answers a day (GW-28), and a writer
gets so many notices a day about one (GW-52): none of these may be what keeps a trap from arriving.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from relay.selftest.traps import Scene, Trap
from relay.values import Role

ordinary_per_conversation_max: Final = 40
"""Each goes both ways: fewer than the notices that either writer may get in a day."""
automatic_per_conversation_max: Final = 2
"""Each goes both ways: fewer than the automatic answers that pass in a day."""

_AUTOMATIC_ROWS: Final = re.compile(r"LEAK-8[0-9]")
_MESSAGE_ID: Final = re.compile(rb"(?im)^(Message-ID:[ \t]*<)trap\.1@")
_HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Posting:
    """A trap, about to be written by `writer` in conversation number `conversation`, counted from 0. `serial` is its own."""

    trap: Trap
    writer: Role
    conversation: int
    serial: int

    @property
    def is_automatic(self) -> bool:
        return is_automatic(self.trap)

    def content(self, scene: Scene) -> bytes:
        """The mail, with a Message-ID of its own where the trap does not care which it has."""
        head, end, body = self.trap.build(scene).partition(_HEAD_END)
        return _MESSAGE_ID.sub(rb"\g<1>self-test.%d@" % self.serial, head, count=1) + end + body


def is_automatic(trap: Trap) -> bool:
    """Whether it is, or might be taken for, mail that nobody wrote by hand."""
    return trap.sender == "null" or _AUTOMATIC_ROWS.fullmatch(trap.row) is not None or trap.row == "LEAK-4"


def planned(traps: Iterable[Trap]) -> tuple[Posting, ...]:
    """Every trap in both directions."""
    postings: list[Posting] = []
    conversation = 0
    everything = list(traps)
    for automatic, count_max in ((False, ordinary_per_conversation_max), (True, automatic_per_conversation_max)):
        chosen = [one for one in everything if is_automatic(one) is automatic]
        for start in range(0, len(chosen), count_max):
            for trap in chosen[start : start + count_max]:
                postings += [Posting(trap, writer, conversation, len(postings) + number) for number, writer in enumerate(Role)]
            conversation += 1
    return tuple(postings)
