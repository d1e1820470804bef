"""Answers by mail, from the final dot to the step: a clear word acts when it can be taken back no more, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from support.answering import PAGES, TEAM, ZOFIA, AnsweringHouse
from support.archive import World
from support.mails import a_mail
from support.reading import body, read
from support.world import DOMAIN

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.notification import To
from relay.booking.situation import Act
from relay.correspondence.notifications.invitation import uid_of
from relay.errors import NotFound, Unavailable
from relay.inbound.gather import Prover
from relay.inbound.ports import Incoming, UnknownAlias
from relay.message.mail import Mail
from relay.proof.alignment import Alignment
from relay.store.bookings import notifications
from relay.store.store import Store
from relay.transit.answer import undone_within
from relay.transit.evidence import Evidence
from relay.values import RealAddress

SECRET = re.compile(r"https://relay\.example\.com/answers/(\S+)")


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    store = Store(engine)
    yield store
    await store.close()


@pytest.fixture
def house(store: Store, world: World) -> AnsweringHouse:
    return AnsweringHouse(store, world)


@pytest.fixture
def booking(house: AnsweringHouse) -> Booking:
    return house.front.begin()


def told(house: AnsweringHouse) -> str:
    """The text of the last receipt."""
    return body(read(house.offered[-1].content), "plain")


async def test_a_clear_word_is_carried_out_when_it_can_be_taken_back_no_more(house: AnsweringHouse, booking: Booking) -> None:
    """OR-4, SL-14: nobody hears "accepted" and then "not"."""
    before = house.front.mails(booking)
    assert (await house.answers(booking, "Accept\n\nMarco")).code == 250
    assert (house.acts(booking), house.waiting()) == ([], ["accept"])
    assert house.front.mails(booking) == before
    assert await house.later(undone_within - timedelta(seconds=1)) == 0
    assert house.acts(booking) == []
    assert await house.later(timedelta(seconds=1)) == 1
    assert house.acts(booking) == ["accept"]
    assert house.front.one(booking).stage is Stage.AWAITING_PAYMENT
    assert (await house.later(), house.acts(booking)) == (0, ["accept"])
    assert house.fates() == [("taken", "answer")]
    assert house.faults() == []


async def test_the_receipt_says_what_was_read_and_how_to_take_it_back(house: AnsweringHouse, booking: Booking) -> None:
    """In the writer's language, to their own address, with nobody else's."""
    await house.answers(booking, "Accepted, thank you!")
    [delivery] = house.offered
    assert (delivery.recipient.domain, delivery.return_path) == ("garda.example", "")
    text = told(house)
    assert SECRET.search(text)
    assert "poczta.example" not in delivery.content.decode("ascii", "replace")
    mail = read(delivery.content)
    assert mail["Auto-Submitted"] == "auto-replied"


async def test_an_answer_is_taken_back_by_its_link_once_and_in_time(house: AnsweringHouse, booking: Booking) -> None:
    await house.answers(booking, "decline: we are full")
    secret = SECRET.search(told(house))[1]  # type: ignore[index]  it is there
    for _ in range(3):
        assert (await house.desk.look(secret)).is_open
    assert house.waiting() == ["decline"]
    house.front.now += undone_within - timedelta(seconds=1)
    assert (await house.desk.undo(secret)).is_undone
    assert await house.later() == 0
    assert house.acts(booking) == []
    with pytest.raises(NotFound):
        await house.desk.undo("x" * 43)


async def test_an_answer_is_not_taken_back_too_late(house: AnsweringHouse, booking: Booking) -> None:
    await house.answers(booking, "decline: we are full")
    secret = SECRET.search(told(house))[1]  # type: ignore[index]  it is there
    house.front.now += undone_within
    after = await house.desk.undo(secret)
    assert (after.is_open, after.is_undone) == (False, False)
    await house.desk.settle()
    assert (house.acts(booking), house.reasons(booking)) == (["decline"], ["we are full"])


async def test_the_last_word_counts(house: AnsweringHouse, booking: Booking) -> None:
    """Whoever answers twice within the time has changed their mind."""
    await house.answers(booking, "accept")
    await house.answers(booking, "decline: sorry, we are full after all")
    assert house.waiting() == ["decline"]
    await house.later()
    assert house.acts(booking) == ["decline"]


async def test_a_copy_of_an_answer_says_nothing_again(house: AnsweringHouse, booking: Booking) -> None:
    """A client that timed out sends it again (FAULT-52)."""
    for _ in range(3):
        assert (await house.answers(booking, "accept", message_id="one@garda.example")).code == 250
    assert house.waiting() == ["accept"]
    assert [fate for fate, _ in house.fates()] == ["taken", "duplicate", "duplicate"]
    await house.later()
    assert house.acts(booking) == ["accept"]


async def test_what_begins_too_soon_to_wait_is_carried_out_at_once(house: AnsweringHouse, booking: Booking) -> None:
    """OR-34: after the start it would be too late."""
    house.front.now = booking.terms.occasion.starts_at - timedelta(minutes=10)  # type: ignore[union-attr]  it has one
    await house.answers(booking, "accept")
    assert SECRET.search(told(house)) is None
    assert await house.later(timedelta()) == 1
    assert house.acts(booking) == ["accept"]


@pytest.mark.parametrize("text", ["Could you tell me how old the children are?", "accept if you come at 10", "Yes, or no?"])
async def test_anything_else_becomes_a_message_to_the_customer(house: AnsweringHouse, booking: Booking, text: str) -> None:
    """OR-6, OR-24: by the contact form's path; contacted is set, and nothing is decided."""
    assert (await house.answers(booking, text)).code == 250
    assert await house.later(timedelta()) == 1
    assert (house.acts(booking), house.reasons(booking)) == (["contact"], [text])
    assert house.front.one(booking).contacted_at == house.front.now
    assert house.front.mails(booking)[-1] == "N4 customer"
    assert house.faults() == []


async def test_nothing_of_the_writer_nor_any_link_of_ours_is_passed_on(house: AnsweringHouse, booking: Booking) -> None:
    """Invariants 1 and 2: the quoted mail holds links that decide for the partner."""
    secret = "q0Zk3J9vS1o2b7_yXcR4tUeWnMaLpDfG-hIjK5l6mN8"
    text = (
        f"Write to {TEAM} or team (at) garda (dot) example instead\n{PAGES}bookings/{secret}\n\n"
        f"On Mon, 1 Jun 2026 Example Travel <booking-0123456789ab@{DOMAIN}> wrote:\n> Accept: {PAGES}bookings/{secret}\n"
    )
    await house.answers(booking, text)
    await house.later(timedelta())
    [passed] = house.reasons(booking)
    assert secret not in passed
    assert "garda" not in passed.lower()


async def test_the_customer_writes_back_by_mail(house: AnsweringHouse, booking: Booking) -> None:
    """GY-6: no alias before the confirmation; a customer's "accept" of their own request is nothing that is possible."""
    await house.answers(booking, "They are 7 and 9", to=To.CUSTOMER)
    await house.later(timedelta())
    assert house.acts(booking) == ["write back"]
    assert house.front.mails(booking)[-1] == "N4 partner"
    await house.answers(booking, "accept", to=To.CUSTOMER)
    await house.later()
    assert house.acts(booking) == ["write back"]


async def test_a_customer_accepts_what_the_partner_offers(house: AnsweringHouse, booking: Booking) -> None:
    """SL-5: exactly the version that stood when they wrote."""
    offered = replace(booking.terms, version=2, note="With lunch")
    countered = house.front.act(booking, Act.COUNTER, Actor.PARTNER, terms=offered)
    await house.answers(countered, "Akceptuję", to=To.CUSTOMER)
    await house.later()
    assert house.acts(booking)[-1] == "accept"


async def test_an_answer_to_a_mail_with_other_terms_than_those_of_today_is_none_to_today_s(
    house: AnsweringHouse, booking: Booking
) -> None:
    """SL-5, as with links: the version that they read counts, and where no mail of ours is named, today's."""
    offered = [replace(booking.terms, version=version, note=f"Offer {version}") for version in (2, 3, 4)]
    first = house.front.act(booking, Act.COUNTER, Actor.PARTNER, terms=offered[0])
    mails = house.world.read(lambda connection: notifications.of_booking(connection, booking.id))
    [shown] = [one.notification.id for one in mails if one.notification.says.value == "N5"]
    house.front.act(first, Act.COUNTER, Actor.CUSTOMER, terms=offered[1])
    latest = house.front.act(first, Act.COUNTER, Actor.PARTNER, terms=offered[2])
    for word in ("Akceptuję", "Odmawiam"):
        await house.answers(latest, word, to=To.CUSTOMER, references=f"<{shown}@{DOMAIN}>", message_id=f"{word[:3]}@x.example")
        assert house.waiting() == []
    assert len(house.offered) == 2
    await house.answers(latest, "Akceptuję", to=To.CUSTOMER, references="<unknown@poczta.example>", message_id="y@x.example")
    await house.later()
    assert house.acts(booking)[-1] == "accept"


async def test_a_customer_declines_by_withdrawing(house: AnsweringHouse, booking: Booking) -> None:
    """T10"""
    await house.answers(booking, "Rezygnuję? Nie: odmawiam", to=To.CUSTOMER)
    await house.answers(booking, "Odmawiam: zmiana planów", to=To.CUSTOMER)
    await house.later()
    assert house.acts(booking)[-1] == "withdraw"


class Nobody:
    """relay.inbound.gather.Prover: nothing proves anybody."""

    async def evidence(self, incoming: Incoming, mail: Mail, author: RealAddress) -> Evidence:
        return Evidence(Alignment.UNALIGNED, ())


@pytest.mark.parametrize("sender", ["stranger@elsewhere.example", ZOFIA, "team@garda.example.evil.example"])
async def test_only_the_party_answers_at_its_address(house: AnsweringHouse, booking: Booking, sender: str) -> None:
    """Invariant 6: neither a stranger nor the other side."""
    reply = await house.answers(booking, "accept", sender=sender)
    assert (reply.code, house.waiting(), house.fates(), house.offered) == (550, [], [], [])


async def test_whoever_is_not_proven_decides_nothing(store: Store, world: World) -> None:
    """GW-11, GW-12"""
    prover: Prover = Nobody()
    house = AnsweringHouse(store, world, prover=prover)
    booking = house.front.begin()
    assert (await house.answers(booking, "accept")).code == 550
    assert house.waiting() == []


async def test_no_other_address_is_a_bookings(house: AnsweringHouse, booking: Booking) -> None:
    address = house.address(booking, To.PARTNER)
    for local in ("booking-000000000000", "booking-", address.split("@")[0][:-1]):
        assert isinstance(await house.directory.look_up(local, DOMAIN), UnknownAlias)


@pytest.mark.parametrize("extra", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply"])
async def test_a_robot_decides_nothing(house: AnsweringHouse, booking: Booking, extra: str) -> None:
    """RFC 3834: an absence notice that begins with "accept" is none."""
    assert (await house.answers(booking, "accept", extra=extra)).code == 250
    assert (house.waiting(), house.offered) == ([], [])
    assert [fate for fate, _ in house.fates()] == ["absorbed"]
    assert house.faults() == []


@pytest.mark.parametrize("text", ["", "> accept\n", "-- \nMarco\n"])
async def test_an_answer_that_says_nothing_does_nothing_and_its_writer_hears_so(
    house: AnsweringHouse, booking: Booking, text: str
) -> None:
    await house.answers(booking, text)
    assert (house.waiting(), len(house.offered)) == ([], 1)
    assert house.faults() == []


async def test_a_word_for_what_is_not_possible_any_more_is_nobodys_message(house: AnsweringHouse, booking: Booking) -> None:
    """The customer never gets an "accept" as a mail."""
    house.front.act(booking, Act.DECLINE, Actor.PARTNER)
    await house.answers(booking, "accept")
    assert (house.waiting(), len(house.offered)) == ([], 1)


async def test_what_has_changed_until_its_time_is_refused_and_its_writer_told(house: AnsweringHouse, booking: Booking) -> None:
    """The customer withdraws within the quarter of an hour."""
    await house.answers(booking, "accept")
    house.front.act(booking, Act.WITHDRAW, Actor.CUSTOMER)
    notices = house.notices()
    assert await house.later() == 1
    assert house.acts(booking) == ["withdraw"]
    assert house.notices() == notices + 1
    assert house.faults() == []


async def test_an_outage_puts_an_answer_off_and_loses_none(house: AnsweringHouse, booking: Booking) -> None:
    await house.answers(booking, "accept")
    whole = house.core.act

    async def away(*args: object) -> None:
        raise Unavailable("away")

    house.core.act = away  # type: ignore[assignment,method-assign]  an outage
    assert await house.later() == 0
    house.core.act = whole  # type: ignore[method-assign]
    assert await house.later(timedelta(minutes=6)) == 1
    assert house.acts(booking) == ["accept"]


async def test_a_crash_behind_the_step_does_not_take_it_twice(house: AnsweringHouse, booking: Booking) -> None:
    await house.answers(booking, "What about Friday?")
    whole = house.store.write

    async def crash(*args: object) -> None:
        raise Unavailable("crashed")

    house.store.write = crash  # type: ignore[assignment,method-assign]  behind the step, before it is noted
    with pytest.raises(Unavailable):
        await house.later(timedelta())
    house.store.write = whole  # type: ignore[method-assign]
    assert await house.later(timedelta(minutes=6)) == 1
    assert house.acts(booking) == ["contact"]


async def test_while_the_conversation_is_open_mail_there_is_mail_to_the_other_side(store: Store, world: World) -> None:
    """A reply to an old mail still reaches somebody."""
    house = AnsweringHouse(store, world)
    booking = house.front.begin()
    house.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    house.front.pay(booking)
    assert (await house.answers(booking, "accept")).code == 250
    assert [fate for fate, _ in house.fates()] == ["passed"]
    [delivery] = house.gateway.offered
    assert delivery.recipient == RealAddress(ZOFIA)


async def test_a_house_that_lets_them_write_before_still_reads_a_clear_word(store: Store, world: World) -> None:
    """`open_on = "requested"`: what is no clear word is mail to the other side (GY-6)."""
    house = AnsweringHouse(store, world)
    house.front.lifecycle = replace(house.front.lifecycle, opens_at_once=True)
    booking = house.front.begin()
    await house.answers(booking, "How old are they?")
    assert [fate for fate, _ in house.fates()] == ["passed"]
    await house.answers(booking, "accept")
    assert house.waiting() == ["accept"]


def a_calendar(booking: Booking, *lines: str, method: str = "REPLY") -> str:
    event = ["BEGIN:VEVENT", f"UID:{uid_of(booking, DOMAIN)}", *lines, "END:VEVENT"]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *event, "END:VCALENDAR", ""])


def as_calendar(mail: bytes, method: str = "REPLY") -> bytes:
    return mail.replace(b"Content-Type: text/plain;", f"Content-Type: text/calendar; method={method};".encode())


PARTSTAT: Callable[[str], str] = "ATTENDEE;PARTSTAT={}:mailto:somebody@calendar.example".format


@pytest.mark.parametrize(("said", "acts"), [("ACCEPTED", ["accept"]), ("DECLINED", ["decline"]), ("TENTATIVE", [])])
async def test_a_calendars_answer_does_the_same(house: AnsweringHouse, booking: Booking, said: str, acts: list[str]) -> None:
    """RFC 5546: whatever the calendar calls its owner."""
    address = house.address(booking, To.PARTNER)
    mail = as_calendar(a_mail(sender=TEAM, to=address, text=a_calendar(booking, PARTSTAT(said))))
    assert (await house.brings(mail, address, TEAM)).code == 250
    await house.later()
    assert house.acts(booking) == acts


async def test_a_calendars_counter_proposal_offers_another_time(house: AnsweringHouse, booking: Booking) -> None:
    """SL-5, read back with the zone; as long as it was."""
    address = house.address(booking, To.PARTNER)
    text = a_calendar(booking, "DTSTART;TZID=Europe/Rome:20260622T100000", "COMMENT:The morning is full", method="COUNTER")
    await house.brings(as_calendar(a_mail(sender=TEAM, to=address, text=text), "COUNTER"), address, TEAM)
    await house.later()
    after = house.front.one(booking)
    assert after.stage is Stage.COUNTERED
    before, occasion = booking.terms.occasion, after.terms.occasion
    assert occasion is not None
    assert before is not None
    assert occasion.starts_at.isoformat() == "2026-06-22T08:00:00+00:00"
    assert occasion.ends_at - occasion.starts_at == before.ends_at - before.starts_at
    assert after.terms.note == "The morning is full"


@pytest.mark.parametrize(
    "starts", ["00010101T000000", "99991231T235959", "30000101T120000", "20260622T100000\nDTEND;TZID=Europe/Rome:20260622T090000"]
)
async def test_a_counter_proposal_of_no_time_at_all_is_no_offer(house: AnsweringHouse, booking: Booking, starts: str) -> None:
    """Else the same time would be offered once more, or its writer's server try for days."""
    address = house.address(booking, To.PARTNER)
    text = a_calendar(booking, f"DTSTART;TZID=Europe/Rome:{starts}", method="COUNTER")
    assert (await house.brings(as_calendar(a_mail(sender=TEAM, to=address, text=text), "COUNTER"), address, TEAM)).code == 250
    await house.later()
    assert house.acts(booking) == []
    assert house.faults() == []


async def test_a_calendar_that_is_tidied_cancels_nothing_that_is_booked(house: AnsweringHouse, booking: Booking) -> None:
    """And programs that accept by themselves are not answered."""
    house.front.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    house.front.pay(booking)
    steps = house.acts(booking)
    address = house.address(booking, To.CUSTOMER)
    for number, (said, notices) in enumerate([("ACCEPTED", 0), ("DECLINED", 1)]):
        text = a_calendar(booking, PARTSTAT(said))
        mail = as_calendar(a_mail(sender=ZOFIA, to=address, text=text, message_id=f"{number}@poczta.example"))
        await house.brings(mail, address, ZOFIA)
        assert len(house.offered) == notices
    await house.later()
    assert house.acts(booking) == steps


async def test_a_calendar_of_something_else_is_no_answer(house: AnsweringHouse, booking: Booking) -> None:
    address = house.address(booking, To.PARTNER)
    text = a_calendar(booking, PARTSTAT("ACCEPTED")).replace(uid_of(booking, DOMAIN), "another@calendar.example")
    await house.brings(as_calendar(a_mail(sender=TEAM, to=address, text=text)), address, TEAM)
    await house.later()
    assert "accept" not in house.acts(booking)
