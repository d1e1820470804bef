"""Links that decide: what one of them allows to whom. Looking at it changes nothing; a form behind it acts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from relay.booking.booking import Actor, BookingId
from relay.booking.notification import To
from relay.booking.situation import Act

secret_octets: Final = 32
answerable_for_days: Final = 400
"""A link without an end of its own is forgotten then; a booking's mail is not kept longer by anybody who still needs it."""

_digits_max: Final = 9


class Allows(Enum):
    """What a link is for; the words are those by which mails know their links."""

    BOOKING = "booking"
    """To see it, and nothing else."""
    ACCEPT = "accept"
    DECLINE = "decline"
    COUNTER = "counter"
    CONTACT = "contact"
    """The partner writes to the customer (OR-24)."""
    ANSWER = "answer"
    """The customer writes back; no alias does before the booking is confirmed (GY-6)."""
    PAY = "pay"
    CANCEL = "cancel"
    ASK_AGAIN = "ask_again"
    """A new request with the data of this one (OR-35)."""


REPEATED: Final = frozenset({Allows.BOOKING, Allows.CONTACT, Allows.ANSWER, Allows.PAY})
"""Those that are good for more than once: they change nothing that could not be done twice."""

_ACTS: Final[dict[tuple[Allows, Actor], tuple[Act, ...]]] = {
    (Allows.ACCEPT, Actor.PARTNER): (Act.ACCEPT,),
    (Allows.ACCEPT, Actor.CUSTOMER): (Act.ACCEPT,),
    (Allows.DECLINE, Actor.PARTNER): (Act.DECLINE, Act.REFUSE),
    (Allows.DECLINE, Actor.CUSTOMER): (Act.WITHDRAW, Act.REFUSE),
    (Allows.COUNTER, Actor.PARTNER): (Act.COUNTER, Act.PROPOSE),
    (Allows.COUNTER, Actor.CUSTOMER): (Act.COUNTER, Act.PROPOSE),
    (Allows.CONTACT, Actor.PARTNER): (Act.CONTACT,),
    (Allows.CANCEL, Actor.PARTNER): (Act.TAKE_BACK, Act.CANCEL, Act.DECLINE),
    (Allows.CANCEL, Actor.CUSTOMER): (Act.CANCEL, Act.WITHDRAW),
}
"""What is done by whom, the first that is possible: to cancel what is only asked for is to withdraw it (T10, T22), to
offer other terms for what is booked is to propose a change (T20)."""

ACTORS: Final = {To.CUSTOMER: Actor.CUSTOMER, To.PARTNER: Actor.PARTNER, To.OPERATOR: Actor.OPERATOR}


@dataclass(frozen=True, slots=True)
class Link:
    """One link, without its secret: one person, one booking, one act, one version of the terms. Times in UTC.

    `person` is a member of the partner's staff; empty for the customer and for the whole team.
    """

    booking: BookingId
    to: To
    person: str
    allows: Allows
    terms_version: int | None
    minted_at: datetime
    until: datetime | None
    used_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        return ACTORS[self.to]

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and now >= self.until

    def act(self, possible: Collection[Act]) -> Act | None:
        """What it does where `possible` may be done by its person; None where nothing of it may."""
        return next((one for one in _ACTS.get((self.allows, self.actor), ()) if one in possible), None)


def form_token(secret: str, version: int) -> str:
    """What the form behind a link carries: only who looked at the page of `version` of the booking can send it.

    A program that posts to whatever address it finds, as some scanners of links do, changes nothing by it.
    """
    return hmac.new(secret.encode("utf-8", "replace"), f"form {version}".encode(), hashlib.sha256).hexdigest()[:32]


def version_of(secret: str, token: str, version: str) -> int | None:
    """The version of the booking that a form was made for; None where its token is not that of `secret` and `version`."""
    if not version.isascii() or not version.isdigit() or len(version) > _digits_max or not token.isascii():
        return None
    return int(version) if hmac.compare_digest(form_token(secret, int(version)), token) else None
