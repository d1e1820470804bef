"""What posting needs of a mail about a booking: whom it reaches, its octets, and what has to be kept with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from relay.store.posting import BookingMail
from relay.values import MsgId, RealAddress


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that can be written. It goes to the first of `addresses` that is not dead (GW-54).

    `written` makes its octets, unsigned, of the time and its Message-ID: pure, and in any thread. `keep` writes what its links
    and its Reply-To lead to, in the transaction that posts it; raises Conflict when that has changed since it was gathered.
    """

    addresses: tuple[RealAddress, ...]
    written: Callable[[datetime, MsgId], bytes] = field(repr=False)
    keep: Callable[[Connection], None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nobody:
    """It is to reach nobody, and `why`: for operators, so no address may stand in it."""

    why: str


class Letters(Protocol):
    """Knows what mails about bookings say."""

    def letter(self, connection: Connection, mail: BookingMail, now: datetime) -> Letter | Nobody:
        """Of the booking as it was when `mail` was caused. Only reads."""
        ...
