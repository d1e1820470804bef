"""Mail about bookings, from the step that causes it to the octets that are sent: what it says and where its links lead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from typing import Final

import pytest
from sqlalchemy import Connection, insert, select, update
from support.archive import World
from support.bookings import NOW
from support.bookkeeping import ZOFIA
from support.catalogue import GARDA, GIULIA, MARCO
from support.front_desk import FrontDesk
from support.renditions import STYLE
from support.world import DOMAIN

from relay.booking.booking import Actor, Booking
from relay.booking.link import Allows
from relay.booking.money import Money
from relay.booking.notification import Notification, To
from relay.booking.offer import Mode
from relay.booking.situation import Act
from relay.booking.terms import Line
from relay.booking.transition import Mail
from relay.correspondence.house import House
from relay.correspondence.notifications.matter import Guide
from relay.desk.letters import Letter, Nobody
from relay.desk.posting_matter import BookingLetters
from relay.errors import Conflict
from relay.store import booking_links, posting
from relay.store.booking_tables import booking_customers
from relay.store.bookings import records
from relay.store.exchange_tables import answer_addresses
from relay.store.exchange_tables import booking_links as links_table
from relay.store.posting import BookingMail
from relay.store.tables import mailboxes
from relay.transit.question import digest_of
from relay.values import MsgId, RealAddress

HOUSE: Final = House("Example Travel", DOMAIN, "https://example.com/support")
OPERATOR: Final = RealAddress("desk@example.com")
BASE: Final = "https://relay.example.com/"
N = Notification


def the_letters(operators: Sequence[RealAddress] = (OPERATOR,)) -> BookingLetters:
    """Secrets and addresses are counted, so that a test can name them."""
    numbers = count(1)
    return BookingLetters(
        HOUSE, Guide(), BASE, operators, lambda: f"secret-{next(numbers)}", lambda: f"{next(numbers):012x}", STYLE
    )


def waiting(world: World) -> dict[str, BookingMail]:
    """By number and whom it is for, as "N1 partner"."""
    found = world.read(lambda connection: posting.waiting(connection, NOW + timedelta(days=400), 100))
    return {f"{one.says.value} {one.to.value}": one for one in found}


def found(world: World, mail: BookingMail, letters: BookingLetters | None = None) -> Letter | Nobody:
    return world.read(lambda connection: (letters or the_letters()).letter(connection, mail, NOW))


def letter(world: World, mail: BookingMail, letters: BookingLetters | None = None) -> Letter:
    one = found(world, mail, letters)
    assert isinstance(one, Letter)
    return one


def read(world: World, mail: BookingMail, letters: BookingLetters | None = None) -> EmailMessage:
    octets = letter(world, mail, letters).written(NOW, MsgId(f"{mail.id}@{DOMAIN}"))
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    plain = message.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def test_a_request_is_told_to_the_partner_with_links_and_an_address_that_takes_answers(world: World) -> None:
    """N1, SL-10, OR-19: who answers by mail is known by the address alone (GY-6)"""
    desk = FrontDesk(world)
    booking = desk.begin()
    mails = waiting(world)
    assert set(mails) == {"N1 partner", "N2 customer"}
    request = read(world, mails["N1 partner"])
    conversation = desk.conversation(booking)
    assert request["To"] == str(conversation.partner.alias)
    assert re.fullmatch(rf"booking-[0-9a-f]{{12}}@{DOMAIN}", str(request["Reply-To"]))
    assert booking.reference in str(request["Subject"])
    assert f"{BASE}bookings/secret-" in text_of(request)
    assert letter(world, mails["N1 partner"]).addresses == (*GARDA.addresses, MARCO.address)
    received = read(world, mails["N2 customer"])
    assert received["Reply-To"] is None
    assert letter(world, mails["N2 customer"]).addresses == (ZOFIA.address,)
    assert received["Content-Language"] == "pl"


def test_where_whoever_it_is_assigned_to_is_not_reached_it_is_the_team_s_in_their_language(world: World) -> None:
    """GW-54: with the links of the team, and in its thread"""
    desk = FrontDesk(world)
    booking = desk.begin(assignee=GIULIA.id)
    mail = waiting(world)["N1 partner"]
    assert letter(world, mail).addresses == (GIULIA.address, *GARDA.addresses, MARCO.address)
    own = read(world, mail)["In-Reply-To"]
    died(world, GIULIA.address)
    assert letter(world, mail).addresses == (*GARDA.addresses, MARCO.address)
    assert read(world, mail)["In-Reply-To"] != own
    world.write(letter(world, mail).keep)
    rows = world.read(lambda connection: connection.execute(select(links_table)).all())
    assert {row.person for row in rows} == {""}
    assert desk.one(booking).assignee == GIULIA.id


def died(world: World, address: RealAddress) -> None:
    row = {"key": address.key, "hard_failures": 3, "failed_at": NOW, "dead_since": NOW}
    world.write(lambda connection: connection.execute(insert(mailboxes).values(**row)))


def test_what_is_kept_with_a_letter_is_what_its_links_and_its_answers_lead_to(world: World) -> None:
    """Invariant 9; of a secret its digest alone"""
    FrontDesk(world).begin()
    mail = waiting(world)["N1 partner"]
    one = letter(world, mail)
    text = text_of(read(world, mail))
    world.write(one.keep)
    rows = world.read(lambda connection: connection.execute(select(links_table)).all())
    assert {row.act for row in rows} >= {"booking", "accept", "decline", "counter", "contact"}
    assert {row.terms_version for row in rows} == {1}
    assert {row.addressee for row in rows} == {"partner"}
    shown = set(re.findall(rf"{BASE}bookings/([^\s>]+)", text))
    assert {digest_of(secret) for secret in shown} <= {row.digest for row in rows}
    accepts = next(row for row in rows if row.act == Allows.ACCEPT.value)
    assert accepts.digest in {digest_of(secret) for secret in shown}
    (address,) = world.read(lambda connection: connection.execute(select(answer_addresses)).all())
    assert world.read(lambda connection: booking_links.answered_at(connection, address.local)) == (mail.booking, To.PARTNER)


def test_all_mails_that_one_may_answer_are_answered_at_the_same_address(world: World) -> None:
    desk = FrontDesk(world)
    desk.begin()
    mail = waiting(world)["N1 partner"]
    letters = the_letters()
    first = letter(world, mail, letters)
    address = str(read_of(first, mail)["Reply-To"])
    other = letter(world, mail, letters)  # gathered by another node before either was posted
    world.write(first.keep)
    with pytest.raises(Conflict):
        world.write(other.keep)
    again = letter(world, mail, letters)
    assert str(read_of(again, mail)["Reply-To"]) == address
    world.write(again.keep)


def read_of(one: Letter, mail: BookingMail) -> EmailMessage:
    message = message_from_bytes(one.written(NOW, MsgId(f"{mail.id}@{DOMAIN}")), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_tells_of_the_booking_as_it_was_and_offers_what_is_possible_now(world: World) -> None:
    """A request that was withdrawn before its mail went out is told, and offers no acceptance."""
    desk = FrontDesk(world)
    booking = desk.begin()
    desk.act(booking, Act.WITHDRAW, Actor.CUSTOMER, reason="We are ill")
    mails = waiting(world)
    late = letter(world, mails["N1 partner"])
    world.write(late.keep)
    acts = world.read(lambda connection: connection.execute(select(links_table.c.act)).scalars().all())
    assert not {"accept", "decline", "counter"} & set(acts)
    assert "We are ill" not in text_of(read(world, mails["N1 partner"]))
    assert "We are ill" in text_of(read(world, mails["N8 partner"]))


def journey(desk: FrontDesk) -> Booking:
    """From the request to its end, paid; with a word of the partner's, other terms, and a reminder on the way."""
    booking = desk.begin()
    desk.tick(timedelta(hours=3))
    booking = desk.act(desk.one(booking), Act.CONTACT, Actor.PARTNER, reason="How many children are with you?")
    booking = desk.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=booking.terms.version)
    booking = desk.pay(booking)
    desk.tick(timedelta(days=200))
    return desk.one(booking)


def test_every_mail_of_a_journey_is_written_and_reveals_nobody(world: World) -> None:
    """Invariant 1: of neither party an address or a full name"""
    desk = FrontDesk(world)
    booking = journey(desk)
    mails = waiting(world)
    assert set(mails) >= {"N1 partner", "N2 customer", "N25 partner", "N4 customer", "N6 customer", "N9 customer", "N11 partner"}
    letters = the_letters()
    hidden = [address.reveal() for address in (*GARDA.addresses, ZOFIA.address or OPERATOR)] + ["Kowalska"]
    threads: dict[To, set[str]] = {}
    for mail in mails.values():
        one = letter(world, mail, letters)
        world.write(one.keep)
        message = read_of(one, mail)
        everything = "\n".join(str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text")
        assert not [name for name in hidden if name.lower() in (everything + str(message.items())).lower()]
        assert message["Auto-Submitted"] == "auto-generated"
        threads.setdefault(mail.to, set()).add(str(message["References"]))
    assert all(len(one) == 1 for one in threads.values())
    booked = read(world, mails["N9 customer"], letters)
    assert str(desk.conversation(booking).partner.alias) in text_of(booked)
    assert [part.get_content_type() for part in booked.walk()].count("text/calendar") == 1
    written = text_of(read(world, mails["N4 customer"], letters))
    assert "How many children are with you?" in written


def test_mail_for_somebody_who_was_erased_reaches_nobody(world: World) -> None:
    """T26"""
    booking = FrontDesk(world).begin()
    erased = {"name": "", "address": None, "key": None, "erased_at": NOW}
    world.write(lambda connection: connection.execute(update(booking_customers).values(erased)))
    mails = waiting(world)
    assert found(world, mails["N2 customer"]) == Nobody("the customer was erased")
    assert isinstance(found(world, mails["N1 partner"]), Letter)
    assert world.read(lambda connection: records.by_id(connection, booking.id)).customer.address is None


Changed = Callable[[Connection], None]


def as_told(world: World, says: Notification, to: To, **detail: str) -> BookingMail:
    """The request's mail to that party as another one of the catalogue."""
    from relay.store.exchange_tables import notifications

    mail = next(iter(waiting(world).values()))
    changed = {"number": says.value, "addressee": to.value, "detail": json.dumps(detail)}
    world.write(lambda connection: connection.execute(update(notifications).where(notifications.c.id == mail.id).values(changed)))
    return world.read(lambda connection: posting.one(connection, mail.id))


def test_a_word_to_everybody_of_a_date_is_told_as_written_and_nobody_answers_it(world: World) -> None:
    """SL-B5: it goes to those who have booked, and is no step of the booking's"""
    desk = FrontDesk(world)
    booking = desk.begin()
    booking = desk.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=booking.terms.version)
    desk.pay(booking)
    word = {"by": "partner", "reason": "The boat leaves from pier 5."}

    def told(connection: Connection) -> bool:
        record = records.by_id(connection, booking.id)
        return desk.lifecycle.notify(connection, record, Mail(N.PARTNER_WRITES, To.CUSTOMER), "word", NOW, **word)

    assert world.write(told)
    mail = waiting(world)["N4 customer"]
    one = letter(world, mail)
    message = read_of(one, mail)
    assert "The boat leaves from pier 5." in text_of(message)
    assert message["Reply-To"] is None
    world.write(one.keep)
    acts = world.read(lambda connection: connection.execute(select(links_table.c.act)).scalars().all())
    assert "answer" not in acts


def test_what_the_customer_writes_back_is_told_to_the_partner(world: World) -> None:
    """OR-24, GY-6: no alias before the confirmation, and an address of its own that takes answers"""
    desk = FrontDesk(world)
    booking = desk.act(desk.begin(), Act.CONTACT, Actor.PARTNER, reason="How many children are with you?")
    asked = waiting(world)["N4 customer"]
    world.write(letter(world, asked).keep)
    acts = world.read(lambda connection: connection.execute(select(links_table.c.act)).scalars().all())
    assert "answer" in acts
    desk.act(booking, Act.WRITE_BACK, Actor.CUSTOMER, reason="Two of them.")
    told = waiting(world)["N4 partner"]
    assert "Two of them." in text_of(read(world, told))
    assert letter(world, told).addresses == (*GARDA.addresses, MARCO.address)


def test_a_refund_that_fails_is_told_to_the_operators_where_there_are_any(world: World) -> None:
    """N22, SL-B4"""
    FrontDesk(world, Mode.CUSTOM_REQUEST).begin()
    mail = as_told(world, N.REFUND_FAILED, To.OPERATOR, amount="4500", currency="EUR", cause="insufficient balance")
    assert letter(world, mail).addresses == (OPERATOR,)
    told = read(world, mail)
    assert "45" in text_of(told)
    assert told["Reply-To"] is None
    assert BASE not in text_of(told), "the pages behind links are those of parties"
    assert found(world, mail, the_letters(operators=())) == Nobody("no operators are named")


def test_what_the_marketplace_brings_in_as_it_was_written_names_nobody_to_the_other_side(world: World) -> None:
    """No address, telephone number or full name in any mail (LEAK-86); whoever wrote it reads it as they did."""
    desk = FrontDesk(world)
    telling = "Zofia Kowalska, +48 600 700 800, zofia at poczta dot example, https://tours.example.net/x"
    extra = Line(telling, 1, Money.zero("EUR"), is_extra=True)
    booking = desk.begin(note=telling, place=telling, extras=(extra,))
    mails = waiting(world)
    partners, own = (text_of(read(world, mails[one])) for one in ("N1 partner", "N2 customer"))
    assert not [word for word in ("Kowalska", "600 700", "poczta", "tours.example.net") if word in partners]
    assert "+48 600 700 800" in own
    desk.act(booking, Act.DECLINE, Actor.PARTNER, reason="Full. Call +39 333 444 5566")
    declined = text_of(read(world, waiting(world)["N7 customer"]))
    assert "Full." in declined
    assert "5566" not in declined


def test_a_voucher_is_named_by_the_reference_that_redeems_it(world: World) -> None:
    """N9, SV-11, SV-B1"""
    desk = FrontDesk(world, Mode.VOUCHER)
    booking = desk.pay(desk.begin())
    booked = [line for line in text_of(read(world, waiting(world)["N9 customer"])).splitlines() if line.strip()]
    named = next(number for number, line in enumerate(booked) if "Państwa voucher" in line)
    assert booking.reference in booked[named + 1]


def test_the_confirmation_leads_to_the_voucher_and_what_is_over_to_the_offer(world: World) -> None:
    """SV-18, ST-B5: pages of ours that hold no secret; whoever opens them signs in."""
    desk = FrontDesk(world, Mode.RESERVE)
    booking = desk.pay(desk.begin())
    assert f"/my/bookings/{booking.reference}/voucher" in text_of(read(world, waiting(world)["N9 customer"]))
    desk.act(booking, Act.CANCEL, Actor.CUSTOMER)
    assert f"/offers/{booking.offer}" in text_of(read(world, waiting(world)["N19 customer"]))
