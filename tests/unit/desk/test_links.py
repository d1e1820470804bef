"""Links that decide over a real database: bound to a person, an act and the terms that were read, and good for once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from support.archive import World
from support.booking_core import FakeCore
from support.booking_rows import ROW, a_booking_row
from support.bookings import NOW, ROME, a_booking, paid, terms

from relay.booking.booking import Actor, Cause, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.link import Allows
from relay.booking.money import Money
from relay.booking.notification import To
from relay.booking.offer import Mode, Rules
from relay.booking.situation import Act
from relay.booking.terms import Discount, Line
from relay.correspondence.notifications.matter import Guide
from relay.desk.links import LinkDesk
from relay.desk.parties import messages_a_day_max
from relay.errors import Conflict, NotFound
from relay.store import booking_links
from relay.store.engine import open_engine
from relay.store.store import Store
from relay.web.booking_ports import NewTerms
from relay.web.link_ports import Said, Stands, TooMany


@dataclass
class Passing:
    """relay.desk.go_between.GoBetween: marks what went through."""

    asked: list[tuple[str, To]] = field(default_factory=list)

    async def passed_on(self, reference: str, writer: To, text: str) -> str:
        self.asked.append((reference, writer))
        if "leak" in text:
            raise Conflict("it cannot be passed on")
        return f"passed: {text}"


@dataclass
class Till:
    """relay.desk.links.Checkouts."""

    begun: list[str] = field(default_factory=list)

    async def checkout(self, reference: str) -> str:
        self.begun.append(reference)
        return "https://pay.example/c/1"


@dataclass
class House:
    """A desk for links over a booking desk in memory, and one link of each kind for both sides."""

    store: Store
    world: World
    core: FakeCore
    passing: Passing = field(default_factory=Passing)
    till: Till = field(default_factory=Till)
    secrets: dict[tuple[To, Allows], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = LinkDesk(self.store, self.core, self.till, self.passing, Guide(), "reply.example.com", lambda: self.core.now)
        numbers = count(1)
        self.world.write(a_booking_row)
        for to in (To.PARTNER, To.CUSTOMER):
            minted = self.world.write(
                lambda connection, to=to: booking_links.mint_links(
                    connection,
                    ROW,
                    to,
                    tuple(Allows),
                    terms_version=self.core.booking.terms.version,
                    now=NOW,
                    until=NOW + timedelta(days=30),
                    new_secret=lambda: f"{next(numbers):043d}",
                )
            )
            self.secrets |= {(to, allows): secret for allows, secret in minted.items()}

    def secret(self, allows: Allows, to: To = To.PARTNER) -> str:
        return self.secrets[to, allows]


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{shutil.copy(migrated, tmp_path / 'relay.db')}"))
    yield store
    await store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store.engine)


@pytest.fixture
def house(store: Store, world: World) -> House:
    return House(store, world, FakeCore())


def said(house: House, text: str = "", **more: object) -> Said:
    return Said(house.core.booking.version, text, **more)  # type: ignore[arg-type]  as its fields say


async def test_looking_at_every_link_changes_nothing(house: House) -> None:
    """Scanners look at each link of a mail, again and again."""
    for secret in (*house.secrets.values(), *house.secrets.values()):
        await house.desk.look(secret)
    assert (house.core.steps, house.core.asked, house.till.begun) == ([], [], [])
    assert [(await house.desk.look(one)).link.used_at for one in house.secrets.values()] == [None] * len(house.secrets)


async def test_a_link_shows_what_a_mail_to_that_person_would(house: House) -> None:
    """Nothing of the other side but the shown name."""
    for to, language, other in ((To.PARTNER, "it", "Zofia"), (To.CUSTOMER, "pl", "Marco")):
        opened = await house.desk.look(house.secret(Allows.BOOKING, to))
        assert (opened.stands, opened.act) == (Stands.OPEN, None)
        assert opened.matter.recipient.language.value == language
        assert opened.matter.other_name == other


async def test_times_of_a_booking_without_a_date_are_the_activity_s(house: House) -> None:
    """SL-3: what somebody enters into its form is a time of the clocks there."""
    house.core.booking = replace(house.core.booking, terms=terms(occasion=None))
    assert (await house.desk.look(house.secret(Allows.COUNTER))).matter.product.zone == ROME


async def test_accepting_acts_once_and_can_be_read_afterwards(house: House) -> None:
    """SL-14, SL-15, OR-4"""
    secret = house.secret(Allows.ACCEPT)
    assert (await house.desk.look(secret)).act is Act.ACCEPT
    after = await house.desk.act(secret, said(house))
    assert (after.stands, after.link.used_at) == (Stands.USED, NOW)
    assert after.matter.booking.stage is Stage.AWAITING_PAYMENT
    with pytest.raises(Conflict):
        await house.desk.act(secret, said(house))
    assert house.core.acts == [Act.ACCEPT]
    assert (house.core.steps[0].actor, house.core.steps[0].by) == (Actor.PARTNER, "partner")


async def test_of_two_clicks_at_once_one_acts(house: House) -> None:
    clicks = [house.desk.act(house.secret(Allows.ACCEPT), said(house)) for _ in range(5)]
    done = await asyncio.gather(*clicks, return_exceptions=True)
    assert house.core.acts == [Act.ACCEPT]
    assert sum(isinstance(one, Conflict) for one in done) == 4


async def test_of_two_who_decide_at_once_one_does(house: House) -> None:
    both = [house.desk.act(house.secret(one), said(house)) for one in (Allows.ACCEPT, Allows.DECLINE)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert len(house.core.steps) == 1
    assert sum(isinstance(one, Conflict) for one in done) == 1
    assert (await house.desk.look(house.secret(Allows.DECLINE))).stands in {Stands.CLOSED, Stands.USED}


async def test_a_link_of_older_terms_shows_what_has_changed_and_acts_on_nothing(house: House) -> None:
    """SL-5"""
    house.core.offered(terms(2, price=Money(12_000, "EUR")))
    secret = house.secret(Allows.ACCEPT)
    opened = await house.desk.look(secret)
    assert opened.stands is Stands.CHANGED
    assert opened.matter.before is not None
    assert (opened.matter.before.terms.total, opened.matter.booking.terms.total) == (Money(9_000, "EUR"), Money(12_000, "EUR"))
    with pytest.raises(Conflict):
        await house.desk.act(secret, said(house))
    assert house.core.steps == []


async def test_a_link_ends_with_its_time(house: House) -> None:
    house.core.now = NOW + timedelta(days=30)
    for allows in Allows:
        opened = await house.desk.look(house.secret(allows))
        assert opened.stands is Stands.OVER
    with pytest.raises(Conflict):
        await house.desk.act(house.secret(Allows.DECLINE), said(house))
    with pytest.raises(Conflict):
        await house.desk.write(house.secret(Allows.CONTACT), "hello")
    assert house.core.steps == []


async def test_nobody_does_what_only_the_other_side_may(house: House) -> None:
    """A customer's link to accept is for the partner's offers; a request is not theirs to accept."""
    for allows in (Allows.ACCEPT, Allows.COUNTER):
        assert (await house.desk.look(house.secret(allows, To.CUSTOMER))).stands is Stands.CLOSED
        with pytest.raises(Conflict):
            await house.desk.act(house.secret(allows, To.CUSTOMER), said(house))
    with pytest.raises(Conflict):
        await house.desk.pay(house.secret(Allows.ACCEPT), 1)
    with pytest.raises(Conflict):
        await house.desk.write(house.secret(Allows.PAY, To.CUSTOMER), "x")
    assert house.core.steps == []


async def test_whoever_does_not_know_a_secret_does_nothing(house: House) -> None:
    for work in (house.desk.look("x" * 43), house.desk.act("x" * 43, Said(1)), house.desk.write("", "x"), house.desk.pay("x", 1)):
        with pytest.raises(NotFound):
            await work


async def test_declining_says_why_in_words_that_tell_nobody(house: House) -> None:
    """SL-23, SL-24, OR-36; the letter to write first is there."""
    secret = house.secret(Allows.DECLINE)
    opened = await house.desk.look(secret)
    assert opened.letter is not None
    assert opened.reader.value == "pl"
    with pytest.raises(Conflict):
        await house.desk.act(secret, said(house, "leak"))
    assert house.core.steps == []
    await house.desk.act(secret, said(house, "We are full"))
    [step] = house.core.steps
    assert (step.act, step.reason) == (Act.DECLINE, "passed: We are full")
    assert house.passing.asked == [("BOAT-1", To.PARTNER)] * 2


async def test_a_customer_withdraws_by_the_link_to_decline_or_to_cancel(house: House) -> None:
    """T10, T22"""
    for allows in (Allows.DECLINE, Allows.CANCEL):
        assert (await house.desk.look(house.secret(allows, To.CUSTOMER))).act is Act.WITHDRAW
    await house.desk.act(house.secret(Allows.CANCEL, To.CUSTOMER), said(house))
    assert house.core.booking.stage is Stage.WITHDRAWN


async def test_other_terms_are_offered_and_answered_by_links(house: House) -> None:
    """SL-5: what the customer accepts is what the partner offered."""
    extra = Line("Lunch", 1, Money(1_500, "EUR"), is_extra=True)
    seat, discount = replace(extra, text="Seat", is_extra=False), Discount("Early", fixed=Money(100, "EUR"))
    offered = NewTerms(note="With lunch", lines=(seat, extra), discounts=(discount,))
    await house.desk.act(house.secret(Allows.COUNTER), said(house, terms=offered))
    assert (house.core.booking.stage, house.core.booking.turn) == (Stage.COUNTERED, Actor.CUSTOMER)
    terms = house.core.booking.terms
    assert terms.note == "passed: With lunch"
    assert [one.text for one in terms.lines] == ["Seat", "passed: Lunch"]
    assert terms.discounts[0].text == "passed: Early"


@pytest.mark.parametrize(
    ("to", "note", "shown"),
    [
        (To.PARTNER, "two seats", "passed: two seats"),
        (To.PARTNER, "a leak", "…"),
        (To.CUSTOMER, "a leak of their own", "a leak of their own"),
    ],
)
async def test_a_page_shows_the_note_of_the_other_side_as_their_mail_does(house: House, to: To, note: str, shown: str) -> None:
    """LEAK-86: it may have been brought in as it was written."""
    booking = house.core.booking
    extra = Line(note, 1, Money(100, "EUR"), is_extra=True)
    house.core.booking = replace(booking, terms=replace(booking.terms, note=note, place=note, options=(note,), lines=(extra,)))
    terms = (await house.desk.look(house.secret(Allows.BOOKING, to))).matter.booking.terms
    assert [terms.note, terms.place, *terms.options, terms.lines[0].text] == [shown] * 4


async def test_writing_sets_contacted_and_can_be_done_again(house: House) -> None:
    """OR-24, SL-24: also from the page to decline, whose own link stays as it is."""
    for allows in (Allows.CONTACT, Allows.CONTACT, Allows.DECLINE):
        await house.desk.write(house.secret(allows), "Could you come on Friday?")
    assert house.core.acts == [Act.CONTACT] * 3
    assert house.core.booking.contacted_at == NOW
    assert house.core.steps[0].reason == "passed: Could you come on Friday?"
    assert (await house.desk.look(house.secret(Allows.DECLINE))).stands is Stands.OPEN


async def test_nobody_is_written_to_without_end(house: House) -> None:
    """Invariant 12: each message is a mail of ours."""
    for _ in range(messages_a_day_max):
        await house.desk.write(house.secret(Allows.CONTACT), "hello")
    with pytest.raises(TooMany):
        await house.desk.write(house.secret(Allows.CONTACT), "hello")
    house.core.now += timedelta(days=1)
    await house.desk.write(house.secret(Allows.CONTACT), "hello")


async def test_the_customer_writes_back_without_an_alias(house: House) -> None:
    """GY-6"""
    await house.desk.write(house.secret(Allows.ANSWER, To.CUSTOMER), "Friday is fine")
    [step] = house.core.steps
    assert (step.act, step.actor, step.reason) == (Act.WRITE_BACK, Actor.CUSTOMER, "passed: Friday is fine")
    assert [one.to for one in step.mails] == [To.PARTNER]


async def test_what_is_not_paid_is_paid_by_its_link_and_by_no_other(house: House) -> None:
    """SL-16, SL-25: whoever looks too late sees why."""
    secret = house.secret(Allows.PAY, To.CUSTOMER)
    assert (await house.desk.look(secret)).stands is Stands.CLOSED
    house.core.booking = a_booking(Stage.AWAITING_PAYMENT)
    assert (await house.desk.look(secret)).stands is Stands.OPEN
    assert await house.desk.pay(secret, 1) == "https://pay.example/c/1"
    with pytest.raises(Conflict):
        await house.desk.pay(secret, 7)
    house.core.booking = a_booking(Stage.CANCELLED)
    with pytest.raises(Conflict):
        await house.desk.pay(secret, 1)
    assert house.till.begun == ["BOAT-1"]


@pytest.mark.parametrize(("days_left", "back"), [(10, 9_000), (9, 4_500), (4, 0)])
async def test_the_link_to_cancel_says_what_goes_back_before_it_acts(
    store: Store, world: World, days_left: int, back: int
) -> None:
    """SL-B2"""
    tiers = Policy((Tier(10, 10_000), Tier(5, 5_000)))
    core = FakeCore(
        a_booking(Stage.CONFIRMED), Rules(Mode.CUSTOM_REQUEST, cancellation=tiers), [paid()], NOW + timedelta(days=20 - days_left)
    )
    house = House(store, world, core)
    secret = house.secret(Allows.CANCEL, To.CUSTOMER)
    opened = await house.desk.look(secret)
    assert (opened.act, opened.matter.amount) == (Act.CANCEL, Money(back, "EUR"))
    await house.desk.act(secret, said(house))
    assert house.core.booking.stage is Stage.CANCELLED


async def test_a_partner_cancels_with_a_cause(store: Store, world: World) -> None:
    """GY-B2, SL-26"""
    house = House(store, world, FakeCore(a_booking(Stage.CONFIRMED), entries=[paid()]))
    with pytest.raises(Conflict):
        await house.desk.act(house.secret(Allows.CANCEL), said(house))
    await house.desk.act(house.secret(Allows.CANCEL), said(house, "Storm", cause=Cause.FORCE_MAJEURE))
    assert house.core.booking.stage is Stage.CANCELLED


async def test_an_acceptance_is_taken_back_before_it_is_paid(store: Store, world: World) -> None:
    """SL-25, T11"""
    house = House(store, world, FakeCore(a_booking(Stage.AWAITING_PAYMENT)))
    await house.desk.act(house.secret(Allows.CANCEL), said(house, "The boat sank"))
    assert house.core.acts == [Act.TAKE_BACK]


async def test_what_is_over_is_asked_for_again_once(store: Store, world: World) -> None:
    """OR-35, T18"""
    house = House(store, world, FakeCore(a_booking(Stage.EXPIRED)))
    secret = house.secret(Allows.ASK_AGAIN, To.CUSTOMER)
    await house.desk.act(secret, said(house))
    with pytest.raises(Conflict):
        await house.desk.act(secret, said(house))
    assert house.core.asked == ["customer"]
