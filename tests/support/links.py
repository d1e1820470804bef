"""Links that decide, without a desk behind them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from relay.booking.booking import Booking
from relay.booking.link import Allows, Link
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act
from relay.correspondence.notifications.matter import Links, Matter, Product, Recipient
from relay.errors import Conflict, NotFound
from relay.values import Alias, Language
from relay.web.booking_ports import Letter
from relay.web.link_ports import Opened, Said, Stands
from support.bookings import NOW, ROME, a_booking

SECRET: Final = "s3cret_-" * 5
CHECKOUT: Final = "https://pay.example/c/1"


def a_link(allows: Allows = Allows.ACCEPT, to: To = To.PARTNER) -> Link:
    return Link(a_booking().id, to, "", allows, 1, NOW, None)


def a_matter(booking: Booking | None = None, to: To = To.PARTNER, language: Language = Language.EN, **rules: object) -> Matter:
    says = Notification.NEW_REQUEST if to is To.PARTNER else Notification.REQUEST_RECEIVED
    return Matter(
        says=says,
        recipient=Recipient(to, language, Alias("local-partner-1a2b3c4d5678", "reply.example.com")),
        booking=booking or a_booking(),
        rules=Rules(**{"mode": Mode.CUSTOM_REQUEST, **rules}),  # type: ignore[arg-type]  whatever switches a case wants
        product=Product("Boat tour", ROME, "With <b>lunch</b>"),
        links=Links(booking=""),
        other_name="Zofia",
    )


def opened(
    allows: Allows = Allows.ACCEPT,
    act: Act | None = Act.ACCEPT,
    to: To = To.PARTNER,
    stands: Stands = Stands.OPEN,
    matter: Matter | None = None,
    letter: Letter | None = None,
) -> Opened:
    return Opened(a_link(allows, to), stands, act, matter or a_matter(to=to), letter)


@dataclass
class FakeLinks:
    """relay.web.link_ports.BookingLinks: what was done by which secret."""

    kept: dict[str, Opened] = field(default_factory=dict)
    done: list[Said] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    fails: Exception | None = None

    async def look(self, secret: str) -> Opened:
        if secret not in self.kept:
            raise NotFound("there is no such link")
        return self.kept[secret]

    async def act(self, secret: str, said: Said) -> Opened:
        opened = await self._open(secret)
        self.done.append(said)
        self.kept[secret] = replace(opened, stands=Stands.USED, link=replace(opened.link, used_at=NOW))
        return self.kept[secret]

    async def write(self, secret: str, text: str) -> None:
        await self._open(secret)
        self.written.append(text)

    async def pay(self, secret: str, version: int) -> str:
        await self._open(secret)
        return CHECKOUT

    async def _open(self, secret: str) -> Opened:
        opened = await self.look(secret)
        if self.fails is not None:
            raise self.fails
        if opened.stands is not Stands.OPEN:
            raise Conflict("not open")
        return opened
