"""Mail to the house: bounces, letters to the postmaster, what nobody would read (GW-8, GW-42, GW-51, FAULT-74, LEAK-80)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import pytest
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS, PARTNER_ALIAS

from relay.correspondence.house import House
from relay.errors import Unavailable
from relay.inbound.antivirus import Clean, Infected
from relay.inbound.house_mail import HouseMail
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Incoming, Reachable
from relay.transit.bounce import Bounce, Untold
from relay.transit.crossing import Searchable
from relay.transit.delivery import Carries, Cause, Delivery
from relay.transit.envelope import Envelope
from relay.transit.return_path import ReturnPaths
from relay.values import Alias, DeliveryId, MessageId, RealAddress

PATHS = ReturnPaths(b"k" * 32, DOMAIN)
LOCAL = PATHS.mint(DeliveryId("d1"), NOW).partition("@")[0]
OPERATOR = RealAddress("ops@house.example")
DSN = (
    "From: MAILER-DAEMON@mx.poczta.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    f"--b\r\nContent-Type: text/plain\r\n\r\nNo such user {CUSTOMER_ADDRESS}\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    f"Final-Recipient: rfc822; {CUSTOMER_ADDRESS}\r\nAction: {{}}\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
)
LETTER = f"From: {PARTNER_ADDRESS}\r\nSubject: Hello\r\n\r\nPlease help.\r\n".encode()


@dataclass
class World:
    """Everything that mail to the house touches, in memory. `ill`: the archive is in trouble."""

    kept: list[tuple[Envelope, Sequence[Delivery], Sequence[Bounce]]] = field(default_factory=list)
    offered: list[Delivery] = field(default_factory=list)
    infected: bool = False
    ill: bool = False

    async def accept_house_mail(
        self, envelope: Envelope, searchable: Searchable, outgoing: Sequence[Delivery], bounces: Sequence[Bounce]
    ) -> Sequence[Delivery]:
        assert isinstance(searchable, Searchable)
        if self.ill:
            raise Unavailable("database")
        self.kept.append((envelope, outgoing, bounces))
        return [*outgoing, *(one.told for one in bounces if isinstance(one.told, Delivery))]

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        self.offered += deliveries

    async def came_back(self, delivery: DeliveryId, cause: Cause, now: datetime) -> Delivery | Untold:
        if cause is Cause.OTHER:
            return Untold("automatic")
        notice = DeliveryId(f"notice-about-{delivery}")
        return Delivery(notice, MessageId("m0"), None, Carries.NOTICE, "", OPERATOR, b"", now)

    async def writer_of(self, delivery: DeliveryId) -> Alias | None:
        return PARTNER_ALIAS if delivery == "d1" else None

    async def scan(self, octets: bytes) -> Clean | Infected:
        return Infected("Eicar") if self.infected else Clean()

    def house_mail(self, *, operators: tuple[RealAddress, ...] = (OPERATOR,)) -> HouseMail:
        numbers = count(1)
        house = House("Example Travel", DOMAIN, "https://example.com/support")
        return HouseMail(self, self, self, PATHS, operators, lambda octets, _: octets, house, lambda: f"id{next(numbers)}", self)


def incoming(content: bytes, *recipients: Reachable, return_path: str = "") -> Incoming:
    return Incoming(MessageId("m1"), NOW, return_path, recipients, content, "203.0.113.9", "mx.example")


async def test_a_bounce_ends_its_delivery_and_its_notice_goes_with_it_in_one_transaction() -> None:
    world = World()
    reply = await world.house_mail().take(incoming(DSN.format("failed").encode(), AtReturnPath(LOCAL)))
    assert reply.code == 250
    ((_, outgoing, bounces),) = world.kept
    assert outgoing == []
    assert [(one.delivery, one.failed.cause) for one in bounces] == [("d1", Cause.ADDRESS_WRONG)]
    assert CUSTOMER_ADDRESS not in bounces[0].failed.text
    assert [one.id for one in world.offered] == ["notice-about-d1"]


async def test_a_delay_is_kept_and_ends_nothing() -> None:
    world = World()
    assert (await world.house_mail().take(incoming(DSN.format("delayed").encode(), AtReturnPath(LOCAL)))).code == 250
    assert world.kept[0][2] == []
    assert world.offered == []


async def test_a_person_who_answers_to_a_return_path_learns_that_nobody_reads_there() -> None:
    """Invariant 4: taken over, it would lie where nobody looks."""
    world = World()
    reply = await world.house_mail().take(incoming(LETTER, AtReturnPath(LOCAL), return_path=PARTNER_ADDRESS))
    assert (reply.code, reply.enhanced) == (550, "5.7.1")
    assert world.kept == []


async def test_a_letter_to_the_postmaster_reaches_the_operators_as_it_came() -> None:
    """GW-8, RFC 2142, FAULT-25."""
    world = World()
    reply = await world.house_mail().take(incoming(LETTER, AtRole("postmaster"), return_path=PARTNER_ADDRESS))
    assert reply.code == 250
    assert [(one.carries, one.recipient) for one in world.offered] == [(Carries.OPERATOR, OPERATOR)]


async def test_nothing_infected_is_handed_to_an_operator() -> None:
    """Invariant 7, GW-26."""
    world = World(infected=True)
    reply = await world.house_mail().take(incoming(LETTER, AtRole("abuse"), return_path=PARTNER_ADDRESS))
    assert (reply.code, reply.enhanced) == (554, "5.7.1")
    assert world.kept == []


async def test_trouble_while_writing_means_later_and_nothing_was_offered() -> None:
    """Invariant 3."""
    world = World(ill=True)
    with pytest.raises(Unavailable):
        await world.house_mail().take(incoming(DSN.format("failed").encode(), AtReturnPath(LOCAL)))
    assert world.offered == []


async def test_what_cannot_be_read_is_refused() -> None:
    reply = await World().house_mail().take(incoming(b"", AtReturnPath(LOCAL)))
    assert (reply.code, reply.enhanced) == (554, "5.6.0")


AWAY = f"From: {CUSTOMER_ADDRESS}\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n".encode()
NOBODYS = PATHS.mint(DeliveryId("d2"), NOW).partition("@")[0]


@pytest.mark.parametrize(
    ("content", "recipients", "expected"),
    [
        (AWAY, (AtReturnPath(LOCAL),), (AtAlias(PARTNER_ALIAS),)),
        (AWAY, (AtReturnPath(LOCAL), AtReturnPath(LOCAL)), (AtAlias(PARTNER_ALIAS),)),
        (AWAY, (AtReturnPath(NOBODYS),), None),  # it answers mail of ours
        (AWAY, (AtReturnPath("bounce-forged"),), None),
        (AWAY, (AtRole("postmaster"),), None),
        (AWAY, (AtReturnPath(LOCAL), AtRole("postmaster")), None),
        (LETTER, (AtReturnPath(LOCAL),), (AtAlias(PARTNER_ALIAS),)),  # from the null path only machines write
        (DSN.format("failed").encode(), (AtReturnPath(LOCAL),), None),
        (b"", (AtReturnPath(LOCAL),), None),
    ],
)
async def test_an_automatic_answer_to_a_return_path_belongs_to_its_conversation(
    content: bytes, recipients: tuple[Reachable, ...], expected: tuple[Reachable, ...] | None
) -> None:
    """LEAK-82, RFC 3834 section 4: robots answer to the return path."""
    answer = await World().house_mail().as_answer(incoming(content, *recipients))
    assert (None if answer is None else answer.recipients) == expected
