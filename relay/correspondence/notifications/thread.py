"""How the mails about one booking hang together in a mailbox: each answers the same Message-ID, which nobody ever sends."""

from __future__ import annotations

import hashlib

from relay.booking.booking import BookingId
from relay.booking.notification import To
from relay.values import MsgId


def thread_of(booking: BookingId, to: To, domain: str, team_member: str = "") -> MsgId:
    """The root of the thread about `booking` for one recipient: the same every time, another one for everybody else.

    It goes into In-Reply-To and References of all their mails (RFC 5322 §3.6.4). `team_member` tells several recipients of one
    side apart. Nothing can be read from it: it is a digest.
    """
    named = hashlib.sha256(f"{booking}\n{to.value}\n{team_member}".encode()).hexdigest()[:32]
    return MsgId(f"booking-{named}@{domain}")
