"""What a party of a booking did not receive stands in its history, and other systems hear of it (GW-54)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from sqlalchemy import Connection, select
from structlog.testing import capture_logs
from support.archive import World
from support.booked import posted
from support.bookings import NOW
from support.catalogue import GIULIA, MARCO
from support.front_desk import FrontDesk
from support.sending import FAILED, recorded
from support.world import DOMAIN

from relay.booking.booking import Actor, Booking, Stage
from relay.booking.lifecycle import Step
from relay.booking.notification import To
from relay.booking.selection import Filter, Order
from relay.booking.situation import Act, Wish
from relay.desk.booking_views import Views
from relay.desk.escalation import Escalation
from relay.desk.lifecycle import Lifecycle
from relay.desk.webhooks import Herald
from relay.errors import Unavailable
from relay.store import posting, steps, unreached
from relay.store.bookings import endpoints, history, lists, records
from relay.store.bookings.endpoints import Endpoint
from relay.store.exchange_tables import events
from relay.store.posting import BookingMail
from relay.store.store import Store
from relay.values import NameShown, Role

NOT_REACHED = Act.NOT_REACHED.value


@dataclass
class House:
    """One that has a booking, and who sees to what its parties did not receive."""

    world: World
    store: Store
    desk: FrontDesk = field(init=False)
    escalation: Escalation = field(init=False)

    def __post_init__(self) -> None:
        self.desk = FrontDesk(self.world)
        telling = replace(self.desk.lifecycle, tell=Herald(self.world.new_id))
        self.escalation = Escalation(self.store, telling, lambda: NOW)

    def mails(self, to: To = To.PARTNER) -> list[BookingMail]:
        found = self.world.read(lambda connection: posting.waiting(connection, NOW, 100))
        return [one for one in found if one.to is to]

    def past(self, booking: Booking) -> list[tuple[str, Actor, str]]:
        found = self.world.read(lambda connection: history.past(connection, booking.id))
        return [(one.act, one.actor, one.reason) for one in found]

    def park(self, mail: BookingMail) -> None:
        assert self.world.write(lambda connection: posting.park(connection, mail, "every address is dead", NOW))


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    store = Store(world.engine)
    yield House(world, store)
    await store.close()


async def test_who_did_not_get_which_mail_stands_in_the_history_once_and_no_address_does(house: House) -> None:
    """GW-54, LEAK-86"""
    booking = house.desk.begin()
    house.park(house.mails()[0])
    recorded(house.world, posted(house.world, house.mails(To.CUSTOMER)[0]), FAILED)
    assert await house.escalation.enter_some() == 2
    assert house.past(booking)[1:] == [
        (NOT_REACHED, Actor.CLOCK, "mail N1 to the partner waits for a person"),
        (NOT_REACHED, Actor.CLOCK, "the customer did not get mail N2"),
    ]
    assert await house.escalation.enter_some() == 0
    after = house.desk.one(booking)
    assert after == replace(booking, version=3)
    assert house.desk.mails(booking) == ["N1 partner", "N2 customer"], "nothing is caused by it"
    accepted = house.desk.act(booking, Act.ACCEPT, Actor.PARTNER, terms_version=1)
    assert accepted.stage is Stage.AWAITING_PAYMENT


async def test_whom_no_mail_reaches_is_shown_and_found_until_an_address_is_alive(house: House) -> None:
    """GW-54, GY-B5: the team, then whoever sees all of theirs; that their reservation system writes still helps nobody"""
    alone = house.desk.begin()
    helped = house.desk.begin(assignee=GIULIA.id)
    world = house.world
    fail(house, alone, "team@garda.example")
    assert await house.escalation.enter_some() == 4
    said = [reason for act, _, reason in house.past(alone) if act == NOT_REACHED]
    assert said[-2:] == ["the partner did not get mail N4", "an address of the partner is dead (mail N4)"]
    assert (unreached_of(house, alone), unreached_of(house, helped), listed(house)) == ((), (), set())
    fail(house, alone, MARCO.address.reveal())
    assert (unreached_of(house, alone), unreached_of(house, helped)) == ((Role.PARTNER,), ())
    assert (listed(house), listed(house, unreached=False)) == ({alone.reference}, {helped.reference})
    fail(house, helped, GIULIA.address.reveal())
    assert listed(house) == {alone.reference, helped.reference}
    fail(house, alone, "zofia@poczta.example", To.CUSTOMER)
    assert unreached_of(house, alone) == (Role.PARTNER, Role.CUSTOMER)
    world.write(lambda connection: steps.resume(connection, alone.reference, Role.PARTNER, now=NOW))
    assert (unreached_of(house, alone), listed(house)) == ((Role.CUSTOMER,), {alone.reference, helped.reference})
    world.write(lambda connection: steps.resume(connection, alone.reference, Role.CUSTOMER, now=NOW))
    assert (unreached_of(house, helped), listed(house), listed(house, unreached=False)) == ((), set(), {"BOAT-1", "BOAT-2"})


def fail(house: House, booking: Booking, address: str, to: To = To.PARTNER) -> None:
    """Three mails come back from there."""
    act, actor = (Act.WRITE_BACK, Actor.CUSTOMER) if to is To.PARTNER else (Act.CONTACT, Actor.PARTNER)
    for _ in range(3):
        house.desk.act(booking, act, actor, reason="Is there anybody?")
        mail = next(one for one in reversed(house.mails(to)) if one.booking == booking.id)
        recorded(house.world, posted(house.world, mail, to=address), FAILED)


def unreached_of(house: House, booking: Booking) -> tuple[Role, ...]:
    def shown(connection: Connection) -> tuple[Role, ...]:
        record = records.by_id(connection, booking.id)
        return Views(NameShown.FIRST).shown(connection, record, NOW).unreached

    return house.world.read(shown)


def listed(house: House, *, unreached: bool = True) -> set[str]:
    def page(connection: Connection) -> set[str]:
        found = lists.page(connection, Filter(unreached=unreached), now=NOW, order=Order.NEWEST)
        return {one.booking.reference for one in found.items}

    return house.world.read(page)


async def test_other_systems_hear_of_it(house: House) -> None:
    one = Endpoint("e1", "https://shop.example/hook", ("booking.not_reached",), NOW, None, None, "whsec_" + "a" * 32)
    house.world.write(lambda connection: endpoints.add(connection, one))
    booking = house.desk.begin()
    house.park(house.mails()[0])
    await house.escalation.enter_some()
    (event,) = house.world.read(lambda connection: connection.execute(select(events)).all())
    told = json.loads(event.payload)
    assert (event.kind, told["type"]) == ("booking.not_reached", "booking.not_reached")
    assert (told["data"]["reference"], told["data"]["actor"], told["data"]["version"]) == (booking.reference, "clock", 2)
    assert "@" not in event.payload.replace(DOMAIN, "")


async def test_the_history_of_what_was_erased_stays_as_it_is(house: House) -> None:
    """T26"""
    booking = house.desk.begin()
    house.park(house.mails()[0])
    house.desk.act(booking, Act.WITHDRAW, Actor.CUSTOMER)
    house.desk.now += house.desk.office.listing.rules.kept_for
    house.desk.act(booking, Act.ERASE, Actor.OPERATOR)
    steps = len(house.past(booking))
    assert await house.escalation.enter_some() == 1
    assert len(house.past(booking)) == steps
    assert house.world.read(unreached.waiting) == ()


async def test_what_breaks_over_one_booking_keeps_no_other_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = house.desk.begin(), house.desk.begin()
    for mail in house.mails():
        house.park(mail)
    act = Lifecycle.act

    def breaks(self: Lifecycle, connection: Connection, reference: str, wish: Wish, *, now: datetime) -> Step:
        if reference == first.reference:
            raise ZeroDivisionError
        return act(self, connection, reference, wish, now=now)

    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr(Lifecycle, "act", breaks)
        assert await house.escalation.enter_some() == 1
    assert [(one["event"], one["booking"], one["error"]) for one in logs] == [
        ("escalation.failed", first.reference, "ZeroDivisionError")
    ]
    assert (len(house.past(first)), len(house.past(second))) == (1, 2)
    assert await house.escalation.enter_some() == 1
    assert len(house.past(first)) == 2


async def test_a_database_that_does_not_answer_is_for_the_next_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is entered, and nothing is forgotten."""
    house.desk.begin()
    house.park(house.mails()[0])

    def away(*_: object) -> bool:
        raise Unavailable("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(unreached, "enter", away)
        with pytest.raises(Unavailable):
            await house.escalation.enter_some()
    assert await house.escalation.enter_some() == 1
