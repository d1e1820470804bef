"""Mail to the house: bounces, letters to the postmaster, what nobody would read (GW-8, GW-42, GW-51, FAULT-74, LEAK-80)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.world import CUSTOMER_ADDRESS, DOMAIN, NOW, PARTNER_ADDRESS, PARTNER_ALIAS, a_conversation

from relay.conversation import Conversation
from relay.correspondence.house import House
from relay.errors import TakenEnough, Unavailable
from relay.inbound.antivirus import Clean, Infected
from relay.inbound.house_mail import ENOUGH_REPORTS, HouseMail
from relay.inbound.ports import AtAlias, AtReturnPath, AtRole, Incoming, Reachable
from relay.transit.bounce import MAIL_OF_OURS, Intake, Untold, reports_max
from relay.transit.crossing import Fate
from relay.transit.delivery import Carries, Cause, Delivery
from relay.transit.return_path import ReturnPaths
from relay.values import DeliveryId, MessageId, MsgId, RealAddress, Role

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
RENDITION_ID = MsgId(f"01k5zzzzzzzzzzzzzzzzzzzzzz@{DOMAIN}")
LETTER = f"From: {PARTNER_ADDRESS}\r\nSubject: Hello\r\n\r\nPlease help.\r\n".encode()


@dataclass(frozen=True)
class Sent:
    """To whom a delivery went: to the customer, a message of the partner, unless told otherwise."""

    conversation: Conversation | None = field(default_factory=a_conversation)
    reader: Role | None = Role.CUSTOMER
    carries: Carries = Carries.RENDITION
    reports: int = 0


@dataclass
class World:
    """Everything that mail to the house touches, in memory.

    `ill`: the archive is in trouble; `taken_meanwhile`: the return paths had all their reports while this one was read.
    """

    kept: list[Intake] = field(default_factory=list)
    offered: list[Delivery] = field(default_factory=list)
    went: dict[str, Sent] = field(default_factory=lambda: {"d1": Sent()})
    infected: bool = False
    ill: bool = False
    taken_meanwhile: bool = False

    async def sent(self, delivery: DeliveryId) -> Sent | None:
        return self.went.get(delivery)

    async def sent_as(self, ids: Sequence[MsgId]) -> Sequence[DeliveryId]:
        return [DeliveryId("d1")] if RENDITION_ID in ids else []

    async def accept_house_mail(self, intake: Intake) -> Sequence[Delivery]:
        if self.ill:
            raise Unavailable("database")
        if self.taken_meanwhile and intake.to_return_paths_alone:
            raise TakenEnough
        self.kept.append(intake)
        return [*intake.outgoing, *(one.told for one in intake.bounces if isinstance(one.told, Delivery))]

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        self.offered += deliveries

    async def came_back(self, delivery: DeliveryId, cause: Cause, now: datetime) -> Delivery | Untold:
        if cause is Cause.OTHER:
            return Untold("automatic")
        notice = DeliveryId(f"notice-about-{delivery}")
        return Delivery(notice, MessageId("m0"), None, Carries.NOTICE, "", OPERATOR, b"", now)

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
    (intake,) = world.kept
    assert intake.outgoing == ()
    assert [(one.delivery, one.failed.cause) for one in intake.bounces] == [("d1", Cause.ADDRESS_WRONG)]
    assert CUSTOMER_ADDRESS not in intake.bounces[0].failed.text
    assert [(one.writer, one.fate, one.reason, one.deliveries) for one in intake.passages] == [
        (Role.CUSTOMER, Fate.ABSORBED, "report", ())
    ]
    assert [one.id for one in world.offered] == ["notice-about-d1"]


@pytest.mark.parametrize(
    ("to", "places"),
    [
        (Sent(carries=Carries.NOTIFICATION), [(Role.CUSTOMER, Fate.ABSORBED, "report")]),
        (Sent(conversation=None, reader=None, carries=Carries.NOTIFICATION), []),
    ],
    ids=["a customer", "the operators"],
)
async def test_mail_about_a_booking_that_comes_back_has_failed_and_nobody_is_written_to(
    to: Sent, places: list[tuple[Role, Fate, str]]
) -> None:
    """GW-53, GW-54, RFC 3834 §2"""
    world = World(went={"d1": to})
    reply = await world.house_mail().take(incoming(DSN.format("failed").encode(), AtReturnPath(LOCAL)))
    assert reply.code == 250
    (intake,) = world.kept
    assert [(one.delivery, one.failed.cause, one.told) for one in intake.bounces] == [("d1", Cause.ADDRESS_WRONG, MAIL_OF_OURS)]
    assert [(one.writer, one.fate, one.reason) for one in intake.passages] == places
    assert (intake.about, world.offered) == (("d1",), [])


async def test_an_automatic_answer_to_mail_about_a_booking_is_absorbed() -> None:
    """RFC 3834 §2: no answer to an answer, and nothing for the other party."""
    world = World(went={"d1": Sent(carries=Carries.NOTIFICATION)})
    away = incoming(LETTER.replace(b"\r\n\r\n", b"\r\nAuto-Submitted: auto-replied\r\n\r\n", 1), AtReturnPath(LOCAL))
    assert await world.house_mail().as_answer(away) is None
    assert (await world.house_mail().take(away)).code == 250
    (intake,) = world.kept
    assert [(one.fate, one.deliveries) for one in intake.passages] == [(Fate.ABSORBED, ())]
    assert (intake.bounces, world.offered) == ((), [])


async def test_a_delay_is_kept_and_ends_nothing() -> None:
    world = World()
    assert (await world.house_mail().take(incoming(DSN.format("delayed").encode(), AtReturnPath(LOCAL)))).code == 250
    assert world.kept[0].bounces == ()
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


ARF = (
    "From: fbl@mail.example\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain\r\n\r\nSomebody complained.\r\n"
    "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n{fields}\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: redacted\r\n{returned}Subject: Hello\r\n\r\nHello\r\n--b--\r\n"
)
OLD = PATHS.mint(DeliveryId("d1"), NOW - timedelta(days=60))
FORGED = f"bounce-d1-{20_000}-0123456789abcdef@{DOMAIN}"


def arf(kind: str = "abuse", fields: str = "", returned: str = "") -> bytes:
    return ARF.format(kind=kind, fields=fields and fields + "\r\n", returned=returned and returned + "\r\n").encode()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (arf(fields=f"Original-Mail-From: <{OLD}>"), True),
        (arf(returned=f"Return-Path: <{OLD}>"), True),
        (arf(returned=f"Message-ID: <{RENDITION_ID}>"), True),
        (arf(returned=f"Message-ID:\r\n\t<{RENDITION_ID.upper()}>"), True),
        (arf(fields=f"Original-Mail-From: <{FORGED}>"), False),
        (arf(returned=f"Message-ID: <another@{DOMAIN}>"), False),
        (arf(returned=f"Message-ID: <{RENDITION_ID}.evil.example>"), False),
        (LETTER + f"\r\n{OLD}".encode(), False),  # a person who writes about it
    ],
)
async def test_a_complaint_at_a_role_address_finds_the_mail_that_it_is_about(content: bytes, found: bool) -> None:
    """FAULT-75: feedback loops write to an address that was registered, and return the message."""
    report = await World().house_mail().as_report(incoming(content, AtRole("abuse"), return_path="fbl@mail.example"))
    assert (report is not None) is found
    if report is not None:
        role, path = report.recipients
        assert role == AtRole("abuse")
        assert isinstance(path, AtReturnPath)
        assert PATHS.read(path.local, NOW) == "d1"


@pytest.mark.parametrize("return_path", ["", "MAILER-DAEMON@mx.poczta.example", "postmaster@exchange.example"])
async def test_a_bounce_to_an_alias_is_a_bounce(return_path: str) -> None:
    """LEAK-80: servers that know no better write to the From address."""
    returned = DSN.format("failed").replace(
        "--b--", f"--b\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <{OLD}>\r\n\r\n--b--"
    )
    report = await World().house_mail().as_report(incoming(returned.encode(), AtAlias(PARTNER_ALIAS), return_path=return_path))
    assert report is not None
    assert [type(one) for one in report.recipients] == [AtReturnPath]


async def test_mail_of_people_to_an_alias_is_not_looked_into_for_reports() -> None:
    mail = incoming(arf(fields=f"Original-Mail-From: <{OLD}>"), AtAlias(PARTNER_ALIAS), return_path=PARTNER_ADDRESS)
    assert await World().house_mail().as_report(mail) is None


@pytest.mark.parametrize(
    ("kind", "carries", "suspends"),
    [
        ("abuse", Carries.RENDITION, True),
        ("fraud", Carries.RENDITION, True),
        ("something-new", Carries.RENDITION, True),
        ("not-spam", Carries.RENDITION, False),
        ("auth-failure", Carries.RENDITION, False),
        ("abuse", Carries.NOTICE, False),  # against the house, which support has to look at
        ("abuse", Carries.NOTIFICATION, False),  # they booked something, and have to learn of it
    ],
)
async def test_a_complaint_is_recorded_and_suspends_where_a_person_complained(
    kind: str, carries: Carries, suspends: bool
) -> None:
    world = World(went={"d1": Sent(carries=carries)})
    reply = await world.house_mail().take(incoming(arf(kind), AtReturnPath(LOCAL), AtRole("abuse"), return_path="f@mail.example"))
    assert reply.code == 250
    ((complaint,),) = [one.complaints for one in world.kept]
    assert complaint.suspends is suspends
    assert complaint.party is Role.CUSTOMER
    assert world.kept[0].bounces == ()
    assert [one.carries for one in world.offered] == [Carries.OPERATOR]  # nobody is answered


async def test_one_return_path_takes_so_many_reports_and_no_more() -> None:
    """CASE-54"""
    for reports, code in ((reports_max - 1, 250), (reports_max, 550)):
        world = World(went={"d1": Sent(reports=reports)})
        assert (await world.house_mail().take(incoming(DSN.format("failed").encode(), AtReturnPath(LOCAL)))).code == code


async def test_reports_that_came_while_this_one_was_read_count_too() -> None:
    """CASE-54, invariant 12"""
    report = DSN.format("failed").encode()
    world = World(taken_meanwhile=True)
    assert await world.house_mail().take(incoming(report, AtReturnPath(LOCAL))) == ENOUGH_REPORTS
    assert world.offered == []
    assert (await world.house_mail().take(incoming(report, AtReturnPath(LOCAL), AtRole("abuse")))).code == 250


@given(st.text(max_size=300), st.text(max_size=200), st.sampled_from(["failed", "delayed", "relayed", "x"]))
@settings(max_examples=40)
async def test_nothing_that_a_remote_server_says_goes_further(text: str, diagnostic: str, action: str) -> None:
    """GW-51, FAULT-74: what comes of a report are words of ours."""
    said = f"ZZREMOTEZZ {text}".encode("utf-8", "replace")
    told = f"smtp; 550 ZZREMOTEZZ {diagnostic}".encode("utf-8", "replace").replace(b"\r", b" ").replace(b"\n", b" ")
    raw = DSN.format(action).encode().replace(b"No such user", said).replace(b"Status: 5.1.1", b"Diagnostic-Code: " + told)
    world = World()
    await world.house_mail().take(incoming(raw, AtReturnPath(LOCAL)))
    assert len(world.kept) == 1
    for intake in world.kept:
        shown = repr(
            [(one.failed, one.failed.text, one.told) for one in intake.bounces] + [one.detail for one in intake.passages]
        )
        assert "REMOTE" not in shown
        assert CUSTOMER_ADDRESS not in shown
