"""Values as JSON, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, date, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bookings import NOW, STARTS, TOUR, a_booking, terms
from support.catalogue import BOAT, GARDA, MORNING, SLOT

from relay.booking.booking import Actor, Booking, Cause, Hold, HoldKind, Keeping, Relay, RequiredAction, Stage
from relay.booking.cancellation import Policy, Tier
from relay.booking.deadlines import Term
from relay.booking.money import Money
from relay.booking.offer import DeadlinePolicy, Mode, PaidCancellation, Pay, Reach, Redeem, Rules
from relay.booking.profile import Profile, ProfileId
from relay.booking.requirement import Requirement, RequirementKind
from relay.booking.terms import Choice, Discount, Line, Occasion, SlotId, Terms
from relay.booking.texts import Texts
from relay.errors import Damaged
from relay.store.bookings.written import read, written, written_apart
from relay.values import Language

instants = st.timedeltas(timedelta(days=-9999), timedelta(days=9999)).map(lambda span: NOW + span)
spans = st.timedeltas(timedelta(), timedelta(days=3650))
lines = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20)
amounts = st.integers(0, 10**9).map(lambda minor: Money(minor, "EUR"))
zones = st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Europe/Rome"), ZoneInfo("America/St_Johns")])
occasions = st.builds(
    lambda at, lasts, zone: Occasion(at, at + lasts, zone),
    instants,
    st.timedeltas(timedelta(minutes=1), timedelta(days=9)),
    zones,
)


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


terms_of_any_kind = st.builds(
    Terms,
    version=st.integers(1, 99),
    currency=st.just("EUR"),
    lines=st.lists(st.builds(Line, lines, st.integers(1, 99), amounts, st.booleans()), max_size=3).map(tuple),
    discounts=st.lists(st.builds(Discount, lines, basis_points=st.integers(1, 100)), max_size=2).map(tuple),
    occasion=maybe(occasions),
    participants=st.integers(1, 100),
    options=st.lists(lines, max_size=2).map(tuple),
    choices=st.lists(st.builds(Choice, lines, st.integers(1, 9)), max_size=2).map(tuple),
    place=lines,
    note=st.text(max_size=40),
    valid_until=maybe(instants),
)
bookings_of_any_kind = st.builds(
    a_booking,
    st.sampled_from(Stage),
    terms=terms_of_any_kind,
    proposal=maybe(terms_of_any_kind),
    reach=st.builds(Reach),
    version=st.integers(1, 999),
    turn=st.sampled_from([None, *Actor]),
    relay=st.sampled_from(Relay),
    hold=maybe(
        st.builds(Hold, st.sampled_from(HoldKind), st.sampled_from(Keeping), maybe(instants), maybe(lines), st.integers(1, 9))
    ),
    action=st.sampled_from(RequiredAction),
    requirement=maybe(
        st.builds(
            Requirement,
            st.sampled_from(RequirementKind),
            lines.map(lambda text: Texts.of(Language.PL, text)),
            maybe(st.timedeltas(timedelta(), timedelta(days=300))),
        )
    ),
    deadline=maybe(instants),
    release_blocked=st.booleans(),
    erased_at=maybe(instants),
    cause=st.sampled_from([None, *Cause]),
    reason=st.text(max_size=40),
)
rules_of_any_kind = st.builds(
    Rules,
    mode=st.sampled_from(Mode),
    pay=st.sampled_from(Pay),
    deadline_policy=st.sampled_from(DeadlinePolicy),
    term=st.builds(Term, maybe(st.integers(0, 99)), maybe(st.integers(0, 99))),
    margin=spans,
    request_for=maybe(spans),
    cancellation=st.sampled_from([Policy(), Policy((Tier(10, 10_000), Tier(5, 5_000)))]),
    paid_cancellation=st.sampled_from(PaidCancellation),
    reservable=st.lists(st.builds(Reach), max_size=2).map(tuple),
    redeem=st.sampled_from(Redeem),
)


@given(bookings_of_any_kind)
def test_a_booking_is_read_as_it_was_written(booking: Booking) -> None:
    assert read(Booking, written(booking)) == booking


@given(rules_of_any_kind)
def test_rules_are_read_as_they_were_written(rules: Rules) -> None:
    assert read(Rules, written(rules)) == rules


@pytest.mark.parametrize(
    "value",
    [
        BOAT,
        MORNING,
        SLOT,
        Profile(ProfileId("p"), "Summer", frozenset({MORNING.id}), date(2026, 6, 1)),
        terms(note='\x00 \ud7ff 🚤 "quotes" \\'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_stands_in_the_catalogue_is_read_as_it_was_written(value: object) -> None:
    assert read(type(value), written(value)) == value


def test_addresses_are_kept_apart_from_what_they_belong_to() -> None:
    """T26: what is kept for ever holds none."""
    apart = written_apart(GARDA)
    assert "@" not in apart.state
    assert read(type(GARDA), apart.state, apart.addresses) == GARDA
    with pytest.raises(TypeError, match="kept apart"):
        written(GARDA)


def test_a_value_is_written_in_one_way_only() -> None:
    variants = [frozenset(f"v{number}" for number in order) for order in (range(20), reversed(range(20)))]
    first, second = (written(Profile(ProfileId("p"), "Summer", one, date(2026, 6, 1))) for one in variants)  # type: ignore[arg-type]
    assert first == second
    assert first.isascii()


def changed(**fields_: object) -> str:
    return json.dumps({**json.loads(written(a_booking())), **fields_})


@pytest.mark.parametrize(
    "state",
    [
        "",
        "nothing",
        "[]",
        "{}",
        changed(surprise=1),
        changed(format=2),
        changed(format=None),
        changed(stage="lost"),
        changed(version="1"),
        changed(version=True),
        changed(created_at=10**30),
        changed(terms=None),
        changed(terms=[]),
        changed(requirement={"kind": "sign"}),
    ],
)
def test_what_is_no_booking_is_damaged(state: str) -> None:
    with pytest.raises(Damaged, match="what is kept is no Booking"):
        read(Booking, state)


@pytest.mark.parametrize("addresses", ["[]", "[1, 2, 3, 4]", "{}", '["nobody", "nobody", "nobody"]'])
def test_addresses_that_are_none_are_damage(addresses: str) -> None:
    with pytest.raises(Damaged):
        read(type(GARDA), written_apart(GARDA).state, addresses)


def test_damage_is_told_without_what_somebody_wrote() -> None:
    """Invariant 1"""
    with pytest.raises(Damaged) as told:
        read(Booking, changed(stage="zofia@poczta.example"))
    assert "zofia" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_field_that_came_later_has_its_default() -> None:
    before = {name: value for name, value in json.loads(written(a_booking())).items() if name != "composite"}
    assert read(Booking, json.dumps(before)) == a_booking()


def test_a_field_without_a_default_is_needed() -> None:
    before = {name: value for name, value in json.loads(written(a_booking())).items() if name != "stage"}
    with pytest.raises(Damaged):
        read(Booking, json.dumps(before))


def test_every_field_of_a_booking_is_written() -> None:
    """What is added to it is kept without another word."""
    told = json.loads(written(a_booking()))
    assert told.keys() - {"format"} == {one.name for one in fields(Booking)}


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Odd:
    pair: tuple[int, str]
    either: int | str


@dataclass(frozen=True)
class Pair:
    pair: tuple[int, str]
    colours: frozenset[Colour]


def test_a_pair_has_two_values_of_their_own_types() -> None:
    pair = Pair((1, "one"), frozenset({Colour.RED}))
    assert read(Pair, written(pair)) == pair
    with pytest.raises(Damaged):
        read(Pair, '{"format": 1, "pair": [1], "colours": []}')
    with pytest.raises(Damaged):
        read(Pair, '{"format": 1, "pair": [1, "one"], "colours": [1, 1]}')


def test_a_type_that_has_no_one_way_back_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be written"):
        written(Odd((1, "one"), 1))


def test_times_are_kept_to_the_microsecond_whatever_zone_they_come_in() -> None:
    booking = a_booking(deadline=(STARTS + timedelta(microseconds=1)).astimezone(TOUR.zone), confirmed_at=NOW)
    found = read(Booking, written(booking))
    assert found == booking
    assert found.deadline is not None
    assert found.deadline.tzinfo is UTC


def test_a_slot_of_the_terms_is_kept() -> None:
    agreed = terms(slot=SlotId("t1"))
    assert read(Terms, written(agreed)) == agreed
