"""What the public pages need: what is offered, to anybody who looks, and to take an order.

As in `relay.web.booking_ports`: all methods are asynchronous and do not block the loop, all raise Unavailable for "later", times
are in UTC. Of a partner nothing is shown but as much of the name as the house shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from relay.booking.catalogue import Listing, Offer, OfferId
from relay.booking.partner import StaffId
from relay.booking.profile import Profile
from relay.booking.situation import Act
from relay.booking.terms import Occasion
from relay.booking.texts import Texts
from relay.web.booking_ports import Asked


@dataclass(frozen=True, slots=True)
class Display:
    """An offer with all of its variants. `staff`: of whom somebody can be wished for, and how they are called (OR-26)."""

    offer: Offer
    partner: str
    listings: tuple[Listing, ...]
    staff: Mapping[StaffId, str] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    """Those that speak of its variants (ST-6); of one offer alone."""


class Showcase(Protocol):
    """What is offered."""

    async def offers(self, limit: int, after: OfferId | None) -> Sequence[Display]:
        """At most `limit`, in the order of their ids, those after `after`; in a handful of questions."""
        ...

    async def offer(self, id_: str) -> Display:
        """Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of an order. `version` is the booking's."""

    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An order that waits until whoever sent it has said, by the link in a mail, that they did (SL-B1).

    `reference` is the booking's that came of it, None before; `asked` is not kept any longer then, nor what it was: `titles`, of
    the offer and of its variant, and `occasion`, None without a date.
    """

    asked: Asked | None = field(repr=False)
    way: Act
    until: datetime
    reference: str | None
    titles: tuple[Texts, ...] = ()
    occasion: Occasion | None = None


class Orders(Protocol):
    """Takes orders."""

    @property
    def needs_sign_in(self) -> bool:
        """Whether nobody orders who has not signed in (SL-B1)."""
        ...

    @property
    def pays_online(self) -> bool:
        """Whether customers pay by themselves, on the provider's pages."""
        ...

    async def begin(self, asked: Asked, key: str, network: str | None = None) -> Begun:
        """A booking begins; the same one where `key` comes again. `network`: of somebody who has not signed in, None for others.

        Raises as `Bookings.begin` does, and TooMany where there were too many from there.
        """
        ...

    async def keep(self, asked: Asked, way: Act, network: str) -> None:
        """The order waits, and a link is sent to its customer. Nobody else hears of it. Raises TooMany."""
        ...

    async def kept(self, secret: str) -> Kept:
        """Raises NotFound, also for one whose time is over and of which nothing came."""
        ...

    async def confirm(self, secret: str) -> Kept:
        """It counts from now on, once. Raises NotFound, and as `begin`."""
        ...

    async def checkout(self, reference: str) -> str:
        """Where what has just begun is paid (SL-16). Raises Conflict, and NotDone."""
        ...
