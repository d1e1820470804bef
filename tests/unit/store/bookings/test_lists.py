"""Bookings as somebody looks for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from support.archive import World
from support.bookings import NOW, STARTS, paid
from support.bookkeeping import ZOFIA, Office

from relay.booking.booking import Actor, Booking, HoldKind, RequiredAction, Stage
from relay.booking.deadlines import Term
from relay.booking.ledger import Payment
from relay.booking.selection import Filter, Order, Tab
from relay.booking.situation import Act
from relay.errors import NotDone
from relay.store.bookings import ledger, lists
from relay.values import RealAddress

DAY = timedelta(days=1)
JAN = replace(ZOFIA, name="Jan Łukasz Nowak", address=RealAddress("jan@poczta.example"))


class Town(NamedTuple):
    """Five reservations, and what became of them, a day after one another."""

    office: Office
    of: dict[str, Booking]

    def found(self, *, now: Any = NOW + 4 * DAY, **wanted: Any) -> set[str]:
        page = self.office.world.read(lambda connection: lists.page(connection, Filter(**wanted), now=now))
        return {one.booking.reference.lower() for one in page.items}


@pytest.fixture(scope="module")
def town(kept_world: World) -> Town:
    return a_town(kept_world)


def a_town(world: World) -> Town:
    office = Office(world, term=Term(days_after=7))
    of: dict[str, Booking] = {}
    for day, name in enumerate(("waits", "overdue", "booked", "expired", "cancelled")):
        more: dict[str, Any] = {"customer": JAN, "shown": "Jan Ł."} if name == "booked" else {}
        if name == "waits":
            more["assignee"] = "s1"
        of[name] = office.begun(name.upper(), now=NOW + day * DAY, **more)
    of["overdue"] = office.stepped(of["overdue"], Act.EXTEND, Actor.OPERATOR, until=NOW + 2 * DAY, now=NOW + DAY)
    world.write(lambda connection: ledger.enter(connection, of["booked"].id, paid()))
    of["booked"] = office.stepped(of["booked"], Act.PAID, Actor.PAYMENTS, now=NOW + 2 * DAY)
    of["expired"] = office.stepped(of["expired"], Act.RELEASE, Actor.OPERATOR, now=NOW + 3 * DAY)
    of["cancelled"] = office.stepped(of["cancelled"], Act.CANCEL, Actor.CUSTOMER, now=NOW + 4 * DAY)
    return Town(office, of)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "waits overdue booked cancelled"),  # OR-31: expired ones are hidden
        ({"expired": True}, "waits overdue booked expired cancelled"),
        ({"tabs": {Tab.AWAITING_PAYMENT}}, "waits overdue"),  # SL-19
        ({"tabs": {Tab.BOOKED, Tab.EXPIRED}}, "booked expired"),
        ({"stages": {Stage.EXPIRED}}, "expired"),
        ({"tabs": {Tab.BOOKED}, "stages": {Stage.EXPIRED}}, ""),
        ({"references": ("WAITS", "EXPIRED", "NONE")}, "waits expired"),
        ({"payments": {Payment.PAID}}, "booked"),
        ({"payments": {Payment.UNPAID, Payment.NOTHING_DUE}}, "waits overdue cancelled"),
        ({"actions": {RequiredAction.OPEN}}, ""),  # SV-9
        ({"promotion": "SUMMER-26"}, "waits overdue booked cancelled"),  # SV-7
        ({"promotion": "SUMMER-27"}, ""),
        ({"promotion": "SUMMER-26", "variant": "v1", "offer": "o1"}, "waits overdue booked cancelled"),  # SV-8
        ({"variant": "v2"}, ""),
        ({"partner": "p2"}, ""),
        ({"assignee": "s1"}, "waits"),
        ({"partner": "p1", "staff": "s1"}, "waits"),  # OR-3
        ({"partner": "p1", "staff": "s2"}, "waits overdue booked cancelled"),
        ({"partner": "p1", "staff": "s9"}, ""),
        ({"partner": "p9", "staff": "s1"}, ""),
        ({"customer": RealAddress("Jan+tours@Poczta.example")}, "booked"),  # ST-11
        ({"customer": RealAddress("nobody@poczta.example")}, ""),
        ({"waits_for": Actor.CUSTOMER}, "waits overdue"),  # ST-18
        ({"waits_for": Actor.PARTNER}, ""),
        ({"hold": HoldKind.RESERVATION}, "waits overdue booked"),
        ({"hold": HoldKind.OPTION}, ""),
        ({"starts_from": STARTS, "starts_before": STARTS + DAY}, "waits overdue booked cancelled"),
        ({"starts_before": STARTS}, ""),
        ({"deadline_before": NOW + 3 * DAY}, "overdue"),  # ST-B3
        ({"deadline_from": NOW + 3 * DAY}, "waits"),
        ({"overdue": True}, "overdue"),
        ({"overdue": False}, "waits booked cancelled"),
        ({"seen": False}, "waits overdue booked cancelled"),
        ({"contacted": True}, ""),
        ({"on_calendar": True}, "waits"),  # OR-26
        ({"blocked": True}, ""),
        ({"text": "wait"}, "waits"),  # SL-27
        ({"text": " JAN l"}, "booked"),
        ({"text": "Nowak"}, ""),  # nobody finds out the rest of a name
        ({"text": "giro"}, "waits overdue booked cancelled"),
        ({"text": "%"}, ""),
        ({"text": "poczta"}, ""),
        ({"composite": "TRIP"}, ""),
    ],
)
def test_a_list_holds_exactly_those_that_are_wanted(town: Town, wanted: dict[str, Any], expected: str) -> None:
    """SL-12, SL-19, SL-27, OR-21..23, OR-31, SV-7..9, ST-10, ST-18, ST-24"""
    sets = {name: frozenset(value) if isinstance(value, set) else value for name, value in wanted.items()}
    assert town.found(**sets) == set(expected.split())


def test_what_was_done_is_listed_at_once(world: World) -> None:
    """SV-17"""
    town = a_town(world)
    town.office.stepped(town.of["waits"], Act.BLOCK, Actor.OPERATOR)
    assert town.found(blocked=True) == {"waits"}
    town.office.stepped(town.of["overdue"], Act.MARK_CONTACTED, Actor.PARTNER)
    assert town.found(contacted=True) == {"overdue"}


def test_what_is_overdue_is_what_the_booking_says(town: Town) -> None:
    for now in (NOW, NOW + 2 * DAY, NOW + 6 * DAY, NOW + 7 * DAY):
        expected = {name for name, one in town.of.items() if one.is_overdue(now)}
        assert town.found(now=now, overdue=True) == expected


def test_everything_is_counted_by_its_kind(town: Town) -> None:
    """SL-19, SV-21, ST-18, ST-24"""
    now = NOW + 4 * DAY
    counts = town.office.world.read(lambda connection: lists.counts(connection, Filter(tabs=frozenset({Tab.BOOKED})), now=now))
    assert counts.tabs == {
        Tab.REQUESTS: 0,
        Tab.AWAITING_PAYMENT: 2,
        Tab.BOOKED: 1,
        Tab.PAST: 0,
        Tab.EXPIRED: 1,
        Tab.ENDED: 1,
    }
    assert sum(counts.stages.values()) == 5
    assert counts.stages[Stage.AWAITING_PAYMENT] == 2
    assert counts.actions == {RequiredAction.NONE: 5, RequiredAction.OPEN: 0, RequiredAction.DONE: 0}
    assert (counts.unseen, counts.not_contacted, counts.overdue) == (0, 0, 1)
    assert counts.waits_for[Actor.CUSTOMER] == 2
    nobody = town.office.world.read(lambda connection: lists.counts(connection, Filter(partner="p9"), now=now))
    assert set(nobody.tabs.values()) == {0}
    assert nobody.overdue == 0


def pages(town: Town, order: Order, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page = town.office.world.read(
            lambda connection, after=after: lists.page(
                connection, Filter(expired=True), now=NOW, order=order, limit=limit, after=after
            )
        )
        found.append([one.booking.reference.lower() for one in page.items])
        if (after := page.next) is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 500])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEWEST, "cancelled expired booked overdue waits"),
        (Order.DEADLINE, "overdue waits booked expired cancelled"),  # ST-19; the last three have none
        (Order.START, "waits overdue booked expired cancelled"),
    ],
)
def test_pages_follow_one_another_without_gap_or_double(town: Town, order: Order, expected: str, limit: int) -> None:
    found = pages(town, order, limit)
    assert [one for page in found for one in page] == expected.split()
    assert all(len(page) <= limit for page in found)


@pytest.mark.parametrize("after", ["", "x", "deadline", "deadline.x.1", "start.1.1", f"deadline.{10**30}.1"])
def test_a_cursor_that_is_none_is_refused(town: Town, after: str) -> None:
    with pytest.raises(NotDone, match="cursor"):
        town.office.world.read(
            lambda connection: lists.page(connection, Filter(), now=NOW, order=Order.DEADLINE, limit=1, after=after)
        )


@pytest.mark.parametrize(
    ("wanted", "problem"), [({"staff": "s1"}, "of which partner"), ({"references": ("X",) * 1001}, "at most 1000")]
)
def test_what_cannot_be_wanted_is_said(town: Town, wanted: dict[str, Any], problem: str) -> None:
    with pytest.raises(NotDone, match=problem):
        town.found(**wanted)
