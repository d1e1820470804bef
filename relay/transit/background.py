"""What is known of a conversation before a message to it is judged: asked once a message, answered all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relay.conversation import Conversation
from relay.policy.facts import Crowd, Earlier, Rates
from relay.transit.thread import ThreadIds
from relay.values import MsgId, RealAddress

NO_RATES: Final = Rates(writer=None, conversation=None)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked about a message that was received at `at` (UTC). Of a conversation in which `author` is nobody, it is asked
    only which it is, and what waits there; that also where their domain does not stand for them, as `is_authentic` says. How many
    automatic answers passed there, only of one that is `automatic`."""

    author: RealAddress | None
    fingerprint: bytes = field(repr=False)
    references: Sequence[MsgId]
    automatic: bool
    at: datetime
    rates: Rates = NO_RATES
    is_authentic: bool = True


@dataclass(frozen=True, slots=True)
class Background:
    """The answer for one conversation: copies taken over before (GW-31), what the thread's ids are called on either side (GW-41),
    how many automatic answers passed there within a day (GW-28), which of `Inquiry.rates` was used up before it (GW-27); where
    it is not certain who wrote, how many messages wait there for their writers to be confirmed (GW-6, GW-12)."""

    conversation: Conversation
    earlier: Earlier = field(default_factory=Earlier)
    threads: ThreadIds = field(default_factory=ThreadIds.nothing)
    automatic_today: int = 0
    crowd: Crowd | None = None
    unconfirmed: int = 0
